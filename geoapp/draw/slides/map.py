"""The map of a slide: ground, boundaries, towns, and a group for each layer whose shapes are named as their records."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from geoapp.draw.slides import paint
from geoapp.draw.slides.ground import PT, Box, Ground, ground
from geoapp.draw.slides.records import MOST_POINTS, Asked, Record, records
from geoapp.draw.slides.shapes import Line, Pen, text_body
from geoapp.draw.slides.themes import Theme
from geoapp.scope import WORLD
from layers import Layer, Symbol, get
from layers.boundaries import GROUND

UNDER = ("areas_of_operation", "presence_counts", "incident_counts")
"""Layers of surfaces that boundaries are drawn over."""
TOWNS = 7
ABSENCE = "Absence of data is not absence of risk."
_NO_LINE = "<a:ln><a:noFill/></a:ln>"


@dataclass(frozen=True)
class Drawn:
    """A map as shapes, and how many records of each layer are on it, by class."""

    xml: str
    counts: dict[str, dict[Any, int]]


def place(asked: Asked, box: Box) -> tuple[Ground, list[Record]]:
    """The ground of all maps of a deck, and the units it lies on: the box asked for, else the units, else what is drawn."""
    boundaries = get("boundaries")
    units = records(asked, boundaries) if asked.room.shows(boundaries) else []
    within = asked.scope.bbox if asked.scope.bbox != WORLD else None
    shapes = [each.geom for each in units]
    for name in ("areas_of_operation", "incidents", "roads", "sites"):
        if not shapes and within is None and asked.room.shows(get(name)):
            shapes = [each.geom for each in records(asked, get(name))]
    return ground(box, np.array(shapes, dtype=object), within), units


def chosen(asked: Asked, theme: Theme) -> list[tuple[Layer, list[Record]]]:
    """The layers that a theme's map draws for the room, each with its records; one layer in the place of another where that
    has too many markers or is not shown."""
    found = []
    for layer in map(get, theme.layers):
        instead = dict(theme.instead).get(layer.name)
        drawn = records(asked, layer) if asked.shows(layer.name) else []
        if instead and asked.shows(instead) and (len(drawn) > MOST_POINTS or not drawn):
            layer = get(instead)
            drawn = records(asked, layer)
        if drawn:
            found.append((layer, drawn))
    return sorted(found, key=lambda each: each[0].name not in UNDER)


def picture(
    pen: Pen, on: Ground, units: Sequence[Record], base: Sequence[Record], layers: Sequence[tuple[Layer, list[Record]]],
    numbers: Sequence[int] = (), numbered: str = "", *, towns: bool = True,
) -> Drawn:  # fmt: skip
    """The map; `numbers` are ids of records of the layer `numbered` that get their place in the list as a disc."""
    groups, counts = [_ground(pen, on, units, base)], {}
    over, bounded = [], False
    for layer, found in layers:
        if layer.name not in UNDER and not bounded:
            groups.append(_lines(pen, on, units))
            bounded = True
        shapes, drawn = _layer(pen, on, layer, found)
        counts[layer.name] = drawn
        groups.append(pen.group(layer.title, shapes, layer.question))
        over += _badges(pen, on, layer, found)
        if layer.name == numbered:
            over += _discs(pen, on, found, numbers)
    if not bounded:
        groups.append(_lines(pen, on, units))
    groups.append(pen.group("Towns", _towns(pen, on, base) if towns else ()))
    groups.append(pen.group("Numbers and levels", over))
    groups.append(_scale(pen, on))
    return Drawn("".join(groups), counts)


def _ground(pen: Pen, on: Ground, units: Sequence[Record], base: Sequence[Record]) -> str:
    """Sea, land, lakes and the operation's own land."""
    sea = any(each.told["class"] == "land" for each in base)
    shapes = [
        pen.box("Map", on.box, paint.solid(paint.WATER if sea or not units else "#E9E6DF"), paint.stroke(paint.LINE, 1))
    ]
    shapes += _shaped(pen, on, (each for each in base if each.told["class"] == "land"))
    least = min((each.told["level"] for each in units), default=0)
    own = [each for each in units if each.told["level"] == least]
    land = Symbol(fill=GROUND)
    shapes += [pen.drawn(each.name, geom, land) for each, geom in _on(on, own)]
    shapes += _shaped(pen, on, (each for each in base if each.told["class"] in ("lake", "river", "border")))
    return pen.group("Ground", shapes, "Land, water and neighbours.")


def _lines(pen: Pen, on: Ground, units: Sequence[Record]) -> str:
    levels = [each for each in units if each.told["level"] is not None and each.told["level"] <= 2]
    lines = [
        pen.drawn(each.name, geom, replace(each.rule.symbol, fill=None, width=min(each.rule.symbol.width, 1.2)))
        for each, geom in _on(on, sorted(levels, key=lambda each: -each.told["level"]))
    ]
    return pen.group("Boundaries", lines, "Administrative units.")


def _shaped(pen: Pen, on: Ground, found: Iterable[Record]) -> list[str]:
    return [pen.drawn(each.name, geom, each.rule.symbol) for each, geom in _on(on, list(found))]


def _on(on: Ground, found: Sequence[Record]) -> list[tuple[Record, Any]]:
    """Records with their shapes on the slide, without those that lie outside of the map."""
    shapes = on.draw(np.array([each.geom for each in found], dtype=object))
    return [(each, geom) for each, geom in zip(found, shapes, strict=True) if geom is not None and not geom.is_empty]


def _layer(pen: Pen, on: Ground, layer: Layer, found: Sequence[Record]) -> tuple[list[str], dict[Any, int]]:
    shapes: list[str] = []
    counts: dict[Any, int] = {}
    for each, geom in _on(on, found):
        if shape := pen.drawn(each.name, geom, each.rule.symbol, layer.style.opacity):
            shapes.append(shape)
            counts[each.rule.value] = counts.get(each.rule.value, 0) + 1
    return shapes, counts


def _badges(pen: Pen, on: Ground, layer: Layer, found: Sequence[Record]) -> list[str]:
    """The level of a zone in its sign, at a place inside it."""
    if layer.style.labelled != "badge":
        return []
    at = [(each, shapely.point_on_surface(geom)) for each, geom in _on(on, found)]
    return [pen.marker(f"{each.name}, {each.rule.label}", p.x, p.y, each.rule.symbol) for each, p in at]


def _discs(pen: Pen, on: Ground, found: Sequence[Record], numbers: Sequence[int]) -> list[str]:
    by = {each.id: (each, geom) for each, geom in _on(on, found)}
    shapes = []
    for number, id_ in enumerate(numbers, 1):
        if id_ in by:
            each, geom = by[id_]
            at = shapely.point_on_surface(geom)
            shapes.append(disc(pen, number, each.name, round(at.x), round(at.y)))
    return shapes


def disc(pen: Pen, number: int, name: str, x: int, y: int) -> str:
    """The number of a row, on the map and beside it."""
    half = 9 * PT
    body = text_body([Line(str(number), 10, bold=True)], "ctr", "ctr")
    return pen.box(
        f"{number}: {name}",
        Box(x - half, y - half, 2 * half, 2 * half),
        paint.solid("#FFFFFF"),
        paint.stroke(paint.INK, 1.5),
        body,
        "ellipse",
    )


def _towns(pen: Pen, on: Ground, base: Sequence[Record]) -> list[str]:
    """The greatest towns that lie on the map, as far as their names do not lie on one another."""
    towns = sorted(
        (each for each in base if each.told["class"] == "place"), key=lambda each: (each.told["rank"] or 99, each.name)
    )
    edge = on.box
    left, top, right, bottom = edge.left, edge.top, edge.left + edge.width, edge.top + edge.height
    taken: list[Any] = [
        shapely.box(left, top, left + 170 * PT, top + 26 * PT), shapely.box(right - 230 * PT, bottom - 20 * PT, right, bottom)
    ]  # fmt: skip
    furniture = len(taken)
    shapes: list[str] = []
    for each, geom in _on(on, towns):
        wide, x, y = (len(each.name) * 7 + 6) * PT, round(geom.centroid.x), round(geom.centroid.y)
        label = shapely.box(x - 5 * PT, y - 9 * PT, x + wide, y + 9 * PT)
        inside = x + wide < right
        if not inside or any(label.intersects(other) for other in taken):
            continue
        taken.append(label)
        shapes.append(pen.drawn(each.name, geom, each.rule.symbol))
        shapes.append(
            pen.text(
                f"{each.name}, name",
                Box(x + 5 * PT, y - 8 * PT, wide, 16 * PT),
                [Line(each.name, 12, color="#4A535A")],
                "ctr",
            )
        )
        if len(taken) - furniture == TOWNS:
            break
    return shapes


def _scale(pen: Pen, on: Ground) -> str:
    """A bar of a round number of kilometres, north, and what a map without a sign on some place means."""
    most = on.box.width / on.emu / 4000
    step = 10 ** math.floor(math.log10(most))
    km = max(n * step for n in (1, 2, 5) if n * step <= most)
    left, y, long = on.box.left + 8 * PT, on.box.top + 22 * PT, round(km * 1000 * on.emu)
    note = Box(on.box.left + on.box.width - 226 * PT, on.box.top + on.box.height - 18 * PT, 226 * PT, 18 * PT)
    parts = [
        pen.straight(f"{km:g} km", left, left + long, y, paint.stroke(paint.INK, 2)),
        pen.text("Scale", Box(left, y - 17 * PT, 160 * PT, 15 * PT), [Line(f"{km:g} km · north is up", 12)], "b"),
        pen.box(
            "Note",
            note,
            paint.solid("#FFFFFF"),
            _NO_LINE,
            text_body([Line(ABSENCE, 12, color=paint.SECOND)], "ctr", "ctr"),
        ),
    ]
    return pen.group("Scale and note", parts)
