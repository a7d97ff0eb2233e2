"""What does each edge of the network cross in some days? Ground of actors, risk zones, hazards, constraints,
arrangements and checkpoints, as the room sees them.

Everything that holds on any of the days is kept with its period, so that it can be judged again at the moment somebody
passes. A hazard counts from before it was reported: it lay there already. Points and lines of constraints reach 50 m, a
checkpoint is expected within 500 m of its area.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.access.network import Network
from geoapp.access.passage import Window

CONSTRAINT_M, CHECKPOINT_M = 50.0, 500.0
_DEGREE_M = 111_320.0
FIRST = "CASE WHEN lower({0}.valid) >= DATE '0001-01-01' THEN lower({0}.valid) END"
UNTIL = "CASE WHEN upper({0}.valid) <= DATE '9999-12-31' THEN upper({0}.valid) END"
"""The first day and the day after the last; NULL for none, and for one that no calendar here reaches."""

_PERIOD = f"{FIRST} AS first, {UNTIL} AS until"
_DAYS = "daterange(CAST(:first AS date), CAST(:last AS date), '[]')"
_FOOTPRINT = "JOIN facts.footprint AS f ON f.operation_id = {0}.operation_id AND f.id = {0}.footprint_id"

_FACTS = {
    "zones": f"""
        SELECT z.id, z.name, z.level, z.time_of_day, {_PERIOD.format("z")}, f.id AS shape, ST_AsBinary(f.geom) AS wkb
        FROM facts.risk_zone AS z {_FOOTPRINT.format("z")}
        WHERE z.status = 'published' AND z.valid && {_DAYS} ORDER BY z.id
    """,
    "hazards": f"""
        SELECT h.id, coalesce(h.name, h.hazard_type) AS name, NULL::date AS first, {UNTIL.format("h")} AS until, f.id AS shape,
            ST_AsBinary(f.geom) AS wkb
        FROM facts.hazard_area AS h {_FOOTPRINT.format("h")}
        WHERE h.hazard_status NOT IN ('cancelled', 'cleared') AND coalesce(upper(h.valid) > CAST(:first AS date), true)
        ORDER BY h.id
    """,
    "areas": f"""
        SELECT p.id, c.name, c.id AS actor, c.domain, {_PERIOD.format("p")}, f.id AS shape, ST_AsBinary(f.geom) AS wkb
        FROM facts.area_part AS p
        JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
        JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id {_FOOTPRINT.format("p")}
        WHERE a.positioning <> 'presence' AND p.valid && {_DAYS} ORDER BY p.id
    """,
    "constraints": f"""
        SELECT k.id, coalesce(k.name, k.category) AS name, k.severity AS level, k.category, {_PERIOD.format("k")},
            -k.id AS shape, ST_AsBinary(k.geom) AS wkb
        FROM facts.access_constraint AS k WHERE k.valid && {_DAYS} ORDER BY k.id
    """,
    "arrangements": f"""
        SELECT g.id, g.name, g.arrangement_type AS type, {_PERIOD.format("g")}, f.id AS shape, ST_AsBinary(f.geom) AS wkb
        FROM facts.arrangement AS g {_FOOTPRINT.format("g")}
        WHERE g.valid && {_DAYS} ORDER BY g.id
    """,
    "checkpoints": f"""
        SELECT p.id, coalesce(a.name, c.name) AS name, c.id AS actor, c.name AS of, {_PERIOD.format("p")}, f.id AS shape,
            ST_AsBinary(f.geom) AS wkb
        FROM facts.area_part AS p
        JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
        JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id {_FOOTPRINT.format("p")}
        WHERE a.positioning = 'checkpoint' AND p.valid && {_DAYS} ORDER BY p.id
    """,
}
KINDS = tuple(_FACTS)
SUBJECTS = ("risk_zone", "hazard_area", "area", "area_part", "actor", "audience", "access_constraint", "arrangement")
"""The tables whose change makes what is crossed stale."""
_REACH_M = {"constraints": CONSTRAINT_M, "checkpoints": CHECKPOINT_M}


@dataclass(frozen=True)
class Fact:
    """One record that an edge may cross: `about` is what is told of it, `level` its grade where it has one."""

    id: int
    name: str
    shape: tuple[str, int]
    first: date | None
    until: date | None
    """The day after the last."""
    time_of_day: str | None
    level: int
    about: Mapping[str, Any]

    def holds(self, day: date, *, dark: bool) -> bool:
        """Whether it holds on a day, at night or in daylight; a time of day that is no code is any time."""
        return (
            (self.first is None or self.first <= day)
            and (self.until is None or day < self.until)
            and (self.time_of_day not in ("day", "night") or (self.time_of_day == "night") == dark)
        )

    def as_dict(self) -> dict[str, Any]:
        """It in an answer, with its first and last day."""
        last = self.until - timedelta(days=1) if self.until else None
        return {
            "id": self.id, "name": self.name, **self.about, "from": self.first.isoformat() if self.first else None,
            "until": last.isoformat() if last else None,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Crossed:
    """Facts of each kind by id, and which of them each edge crosses."""

    facts: dict[str, dict[int, Fact]]
    edges: dict[str, dict[int, list[int]]]
    """Kind → edge → ids."""
    shapes: dict[tuple[str, int], Any]

    def shape(self, kind: str, fact: int) -> Any:
        """Where a fact is, with its reach."""
        return self.shapes[self.facts[kind][fact].shape]

    def of(self, kind: str, edge: int) -> list[int]:
        """The ids of the facts of a kind that an edge crosses."""
        return self.edges[kind].get(edge, [])

    def any(self, kind: str, count: int) -> NDArray[np.bool_]:
        """Which of the first `count` edges cross a fact of this kind."""
        hit = np.zeros(count, dtype=bool)
        hit[list(self.edges[kind])] = True
        return hit

    def level(self, kind: str, count: int, window: Window) -> NDArray[np.int64]:
        """The highest level of a fact of this kind on each edge; 0 for none. One of the night counts when any of the
        journey may lie in the night, one of the day likewise."""
        levels = np.zeros(count, dtype=np.int64)
        times = {None, *(["day"] if window.light else []), *(["night"] if window.dark else [])}
        for edge, ids in self.edges[kind].items():
            here = [self.facts[kind][i] for i in ids]
            levels[edge] = max((f.level for f in here
                                if f.time_of_day not in ("day", "night") or f.time_of_day in times), default=0)  # fmt: skip
        return levels


def crossed(connection: Connection, network: Network, window: Window) -> Crossed:
    """What the network's edges cross on any day of the window."""
    facts: dict[str, dict[int, Fact]] = {}
    edges: dict[str, dict[int, list[int]]] = {}
    known: dict[tuple[str, int], Any] = {}
    for kind, sql in _FACTS.items():
        rows = connection.execute(text(sql), {"first": window.first, "last": window.last}).mappings().all()
        # a district that stands under many claims is compared once
        named = kind if kind in _REACH_M else "footprint"
        shapes = {row["shape"]: row["wkb"] for row in rows}
        facts[kind] = {row["id"]: _fact(row, (named, row["shape"])) for row in rows}
        edges[kind] = {}
        if not rows or not len(network.line):
            continue
        geoms = shapely.from_wkb([bytes(wkb) for wkb in shapes.values()])
        if kind in _REACH_M:
            geoms = np.array([_reach(geom, _REACH_M[kind], kind) for geom in geoms], dtype=object)
        shapely.prepare(geoms)
        known.update(((named, key), geom) for key, geom in zip(shapes, geoms, strict=True))
        place, hit = network.tree.query(geoms, predicate="intersects")
        on: dict[int, list[int]] = {}
        for shape, edge in zip(np.array(list(shapes))[place].tolist(), hit.tolist(), strict=True):
            on.setdefault(shape, []).append(edge)
        for row in rows:
            for edge in on.get(row["shape"], []):
                edges[kind].setdefault(edge, []).append(row["id"])
    return Crossed(facts, edges, known)


def _fact(row: Any, shape: tuple[str, int]) -> Fact:
    plain = ("id", "name", "shape", "wkb", "first", "until", "time_of_day", "level")
    about = {key: value for key, value in row.items() if key not in plain}
    if "level" in row:
        about["severity" if shape[0] == "constraints" else "level"] = row["level"]
    if row.get("time_of_day") in ("day", "night"):
        about["time_of_day"] = row["time_of_day"]
    return Fact(
        row["id"], row["name"], shape, row["first"], row["until"], row.get("time_of_day"), row.get("level", 0), about
    )


def _reach(geom: Any, metres: float, kind: str) -> Any:
    """A shape with so many metres around it; an area of a constraint reaches no further than it is."""
    return geom if kind == "constraints" and shapely.get_dimensions(geom) == 2 else around(geom, metres)


def around(geom: Any, metres: float) -> Any:
    """Everything within so many metres of a shape (some kilometres at most, not at the poles)."""
    shrink = np.array([max(0.05, float(np.cos(np.radians(shapely.get_y(shapely.centroid(geom)))))), 1.0])
    flat = shapely.transform(geom, lambda xy: xy * shrink)
    return shapely.transform(shapely.buffer(flat, metres / _DEGREE_M, quad_segs=8), lambda xy: xy / shrink)
