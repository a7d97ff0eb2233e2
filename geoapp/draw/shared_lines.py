"""How are many shapes kept small without a tear? As lines that they share, each simplified once (what TopoJSON calls arcs)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

SCALE = 100_000
"""Coordinates are whole numbers of 1/100,000 degree, about a metre."""

Place = tuple[int, int]
Line = tuple[Place, ...]
_KINDS = {"Point": 1, "MultiPoint": 1, "LineString": 2, "LinearRing": 2, "MultiLineString": 2, "Polygon": 3, "MultiPolygon": 3}  # fmt: skip


@dataclass(frozen=True)
class Shapes:
    """`lines` are encoded polylines: the first place, then steps, longitude before latitude, in base 64 of five bits a
    letter (the algorithm that Google published). A shape is `[kind, parts]`: kind 1 with places, kind 2 with lines
    and kind 3 with rings, which are lists of numbers of lines (`~n` is line n backwards) laid end to end; the outer ring runs
    the other way than its holes. A polygon has a place inside it besides."""

    lines: list[str]
    shapes: list[list[Any]]


def shared(geometries: Sequence[BaseGeometry], tolerance: float) -> Shapes:
    """The geometries (EPSG:4326) with every border once, simplified by `tolerance` degrees (Douglas-Peucker). What two
    shapes have in common stays in common. A ring that would vanish keeps its corners."""
    rings = [_parts(geometry) for geometry in geometries]
    joints = _joints(line for kind, lines in rings if kind > 1 for line in lines)
    numbers: dict[Line, int] = {}
    built: list[list[Any]] = []
    for geometry, (kind, lines) in zip(geometries, rings, strict=True):
        if kind == 1:
            built.append([1, [list(place) for line in lines for place in line]])
            continue
        parts = [[_number(piece, numbers) for piece in _cut(line, joints)] for line in lines]
        inside = [_whole(geometry.point_on_surface())] if kind == 3 else []
        built.append([kind, parts, *inside])
    return Shapes([_steps(line) for line in _simplified(list(numbers), built, tolerance)], built)


def _whole(point: BaseGeometry) -> list[int]:
    x, y = shapely.get_coordinates(point)[0]
    return [round(x * SCALE), round(y * SCALE)]


def _parts(geometry: BaseGeometry) -> tuple[int, list[Line]]:
    """The kind of a geometry and its lines in whole numbers; of a collection what is of the highest dimension in it."""
    if geometry.geom_type == "GeometryCollection":
        found = [_parts(part) for part in geometry.geoms]
        kind = max((each for each, _ in found), default=1)
        return kind, [line for each, lines in found if each == kind for line in lines]
    kind = _KINDS[geometry.geom_type]
    lines: list[BaseGeometry] = []
    for part in getattr(geometry, "geoms", (geometry,)):
        if kind == 3:
            facing = shapely.geometry.polygon.orient(part)
            lines += [facing.exterior, *facing.interiors] if not part.is_empty else []
        elif not part.is_empty:
            lines.append(part)
    least = {1: 1, 2: 2, 3: 4}[kind]
    return kind, [line for each in lines if len(line := _rounded(each)) >= least]


def _rounded(line: BaseGeometry) -> Line:
    """Its places in whole numbers, none twice in a row."""
    places = np.rint(shapely.get_coordinates(line) * SCALE).astype(np.int64)
    if len(places) > 1:
        places = places[np.r_[True, np.any(np.diff(places, axis=0) != 0, axis=1)]]
    return tuple(map(tuple, places.tolist()))


def _joints(lines: Iterable[Line]) -> set[Place]:
    """The places where lines end, meet or part: those that do not have the same two neighbours in every line."""
    beside: dict[Place, tuple[Place, Place]] = {}
    joints: set[Place] = set()
    for line in lines:
        closed = line[0] == line[-1]
        if not closed:
            joints.update((line[0], line[-1]))
        before = (line[-2] if closed else line[0], *line[:-1])
        after = (*line[1:], line[1] if closed else line[-1])
        for place, a, b in zip(line, before, after, strict=True):
            pair = (a, b) if a < b else (b, a)
            if beside.setdefault(place, pair) != pair:
                joints.add(place)
    return joints


def _cut(line: Line, joints: set[Place]) -> list[Line]:
    """The pieces of a line between joints; a ring without any begins at its lowest place, whoever it belongs to."""
    if line[0] == line[-1]:
        turn = next((i for i, place in enumerate(line[:-1]) if place in joints), None)
        if turn is None:
            turn = line.index(min(line))
        line = (*line[turn:-1], *line[: turn + 1])
    ends = [0, *(i for i in range(1, len(line) - 1) if line[i] in joints), len(line) - 1]
    return [line[a : b + 1] for a, b in pairwise(ends)]


def _number(piece: Line, numbers: dict[Line, int]) -> int:
    back = piece[::-1]
    first = min(piece, back)
    number = numbers.setdefault(first, len(numbers))
    return number if first == piece else ~number


def _simplified(lines: list[Line], shapes: list[list[Any]], tolerance: float) -> list[Line]:
    made = shapely.simplify(
        [shapely.LineString(line) for line in lines], tolerance * SCALE, preserve_topology=False
    ) if lines else []  # fmt: skip
    short = [tuple((round(x), round(y)) for x, y in shapely.get_coordinates(each)) for each in made]
    for kind, parts, *_ in shapes:
        for ring in parts if kind == 3 else ():
            if len({place for n in ring for place in short[n if n >= 0 else ~n]}) < 3:
                for n in ring:
                    short[n if n >= 0 else ~n] = lines[n if n >= 0 else ~n]
    return short


def _steps(line: Line) -> str:
    steps = [*line[0]]
    for (a, b), (x, y) in pairwise(line):
        steps += [x - a, y - b]
    return "".join(map(_letters, steps))


def _letters(step: int) -> str:
    left, written = (~(step << 1) if step < 0 else step << 1), ""
    while left >= 32:
        written += chr((32 | left & 31) + 63)
        left >>= 5
    return written + chr(left + 63)
