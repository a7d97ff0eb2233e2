"""What does the room see of a layer within the map, as shapes on the sheet? One SELECT a layer, read in batches."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from geoapp.db import streamed
from geoapp.draw.paper.pen import PX
from geoapp.draw.paper.projection import Frame
from geoapp.draw.query import source
from geoapp.scope import Scope
from layers import Layer, Rule

BATCH = 2_000
CELL = 21.0
"""Points: markers of one square of this size are one disc with their number, in the middle of them."""
FINE = 9.0
"""The same for markers that are not counted together: of those on one another the first is drawn."""
MOST_MARKERS = 6_000
"""Cells of markers that are kept; a sheet of A3 has no more at that distance."""


@dataclass
class Drawn:
    """A layer's records on the sheet: for each its class, shape and the fields asked for, in order of id."""

    layer: Layer
    rules: list[Rule] = field(default_factory=list)
    geoms: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    rows: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[Any] = field(default_factory=Counter)
    """How many records of each class lie in the map, by the rule's value."""
    off: int = 0
    """How many are of classes that are not drawn unless asked for."""

    @property
    def total(self) -> int:
        """How many records lie in the map."""
        return sum(self.counts.values())

    def of(self, rule: Rule) -> NDArray[np.object_]:
        """The shapes of one class."""
        return self.geoms[[each is rule for each in self.rules]] if len(self.geoms) else self.geoms


def read(
    connection: Connection, layer: Layer, scope: Scope, frame: Frame, fields: Sequence[str] = (),
    withheld: Collection[str] = (), given: Sequence[tuple[Any, ...]] | None = None,
) -> Drawn:  # fmt: skip
    """The layer's records in the map: shapes cut to it and simplified to what can be seen, so that memory is bounded by the
    sheet and not by the data; those that are `given`, as export formats take them, in place of asking. Fields withheld from the room are not read. Points of one cell of the sheet are one row with their number in `n`."""
    style = layer.style
    names = list(
        dict.fromkeys(
            name
            for name in (style.by, style.label, "verification", *fields)
            if name and _has(layer, name) and name not in withheld
        )
    )
    columns = "".join(f', t."{name}"' for name in names)
    scope = scope.within(frame.degrees())
    sql = f"SELECT t.id, ST_AsBinary(t.geom){columns} FROM ({source(layer, scope)}) AS t WHERE t.geom IS NOT NULL ORDER BY t.id"
    if given is None:
        parts_of: Iterable[Sequence[Any]] = streamed(connection, sql, scope.binds(frame.zoom()), BATCH)
    else:
        places = [0, 1, *(next(n for n, each in enumerate(layer.fields, 2) if each.name == name) for name in names)]
        parts_of = [[tuple(row[place] for place in places) for row in given if row[1] is not None]] if given else []
    rules = {rule.value: rule for rule in style.rules}
    other = next((rule for rule in style.rules if rule.value is None), style.rules[-1])
    drawn, parts = Drawn(layer), []
    cells: dict[tuple[int, int], int] = {}
    step = CELL if style.clustered else FINE
    for part in parts_of:
        shapes = frame.draw(shapely.from_wkb([row[1] for row in part]))
        inside = ~shapely.is_empty(shapely.clip_by_rect(shapes, *_edges(frame)))
        kept = []
        for place in np.flatnonzero(inside).tolist():
            told = {"id": part[place][0], **dict(zip(names, part[place][2:], strict=True))}
            rule = rules.get(told.get(style.by), other) if style.by else other
            drawn.counts[rule.value] += 1
            if not rule.on:
                drawn.off += 1
                continue
            if layer.shape == "point" and not layer.mixed:
                x, y = shapely.get_coordinates(shapes[place])[0]
                cell = int(x // step), int(y // step)
                if cell in cells:
                    first = cells[cell]
                    drawn.rows[first]["n"] += 1
                    drawn.rows[first]["sum"] += np.array([x, y])
                    continue
                if len(cells) >= MOST_MARKERS:
                    continue
                cells[cell] = len(drawn.rows)
                told |= {"n": 1, "sum": np.array([x, y])}
            drawn.rows.append(told)
            drawn.rules.append(rule)
            kept.append(place)
        parts.append(shapes[kept])
    if parts:
        drawn.geoms = np.concatenate(parts)
    return apart(drawn) if layer.shape == "point" and style.clustered and not layer.mixed else drawn


def stands(drawn: Drawn, place: int) -> tuple[float, float, float]:
    """Where the sign of a point stands on the sheet, and its half-size: of several together in their middle."""
    row = drawn.rows[place]
    if row["n"] > 1 and drawn.layer.style.clustered:
        x, y = row["sum"] / row["n"]
        return float(x), float(y), 5.0 + float(min(4.5, row["n"] ** 0.5 * 0.4))
    x, y = shapely.get_coordinates(drawn.geoms[place])[0]
    return float(x), float(y), drawn.rules[place].symbol.size * PX / 2


def apart(drawn: Drawn) -> Drawn:
    """The same with those signs that lie on one another as one, whose number is theirs together, until none does."""
    left = sorted(range(len(drawn.rows)), key=lambda place: -drawn.rows[place]["n"])
    met = True
    while met:
        met = False
        kept: list[int] = []
        at = np.empty((len(left), 3))
        for place in left:
            x, y, r = stands(drawn, place)
            had = at[: len(kept)]
            away = np.hypot(had[:, 0] - x, had[:, 1] - y) - had[:, 2] - r
            nearest = int(np.argmin(away)) if len(kept) else -1
            if nearest >= 0 and away[nearest] < 0:
                met, row, one = True, drawn.rows[kept[nearest]], drawn.rows[place]
                row["n"], row["sum"] = row["n"] + one["n"], row["sum"] + one["sum"]
                at[nearest] = stands(drawn, kept[nearest])
            else:
                at[len(kept)] = x, y, r
                kept.append(place)
        left = kept
    left = sorted(left)
    drawn.geoms = drawn.geoms[left]
    drawn.rows, drawn.rules = [drawn.rows[place] for place in left], [drawn.rules[place] for place in left]
    return drawn


def _edges(frame: Frame) -> tuple[float, float, float, float]:
    return frame.box.left, frame.box.bottom, frame.box.right, frame.box.top


def _has(layer: Layer, name: str) -> bool:
    return any(each.name == name for each in layer.fields)
