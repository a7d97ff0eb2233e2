"""Where do the rivers run, where are the lakes, and where do people live?"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from data.demo.mesh import SQUEEZE, Floats, Ints, Mesh, chaikin, roughen
from data.demo.names import LAKES, PLACES, RIVERS, TOWNS
from data.demo.units import Units, shapes

SOURCE = 24
"""Cells that must drain through a place for a river to be drawn there."""


@dataclass(frozen=True)
class Feature:
    """A piece of the base map: river, lake or place; rank 1 is drawn first and largest."""

    kind: str
    name: str | None
    rank: int
    shape: Any
    cell: int = -1


def lakes(rng: np.random.Generator, mesh: Mesh) -> tuple[list[Feature], Ints]:
    """The lakes, and the cells they cover (-1: dry)."""
    wet = np.full(len(mesh.land), -1)
    for number, (lon, lat, size) in enumerate(((86.10, -12.58, 22), (86.78, -12.98, 11))):
        cells = [mesh.near(lon, lat, mesh.land)]
        while len(cells) < size:
            ring = {n for c in cells for n in mesh.neighbours[c] if n not in cells}
            away = {n: mesh.km(n, cells[0]) * (1.5 if mesh.points[n][0] > lon else 1) for n in ring}
            cells.append(min(sorted(ring), key=lambda n: mesh.height[n] + 26 * away[n]))
        wet[cells] = number
    drawn = shapes(rng, mesh, wet, len(LAKES))
    return [Feature("lake", n, i + 2, s) for i, (n, s) in enumerate(zip(LAKES, drawn, strict=True))], wet


def rivers(rng: np.random.Generator, mesh: Mesh, country: Any) -> list[Feature]:
    """Rivers from their sources to the sea or to the river they join; the largest have names."""
    up: dict[int, list[int]] = {}
    for cell in np.flatnonzero(mesh.land & (mesh.flow >= SOURCE)).tolist():
        up.setdefault(int(mesh.down[cell]), []).append(cell)
    stems: list[tuple[float, list[int]]] = []
    starts = [(int(mesh.down[c]), c) for c in range(len(mesh.land)) if mesh.flow[c] >= SOURCE and mesh.land[c]
              and not mesh.land[mesh.down[c]]]  # fmt: skip
    while starts:
        mouth, cell = starts.pop()
        stem = [mouth, cell]
        while above := sorted(up.get(stem[-1], []), key=lambda c: -mesh.flow[c]):
            starts += [(stem[-1], c) for c in above[1:]]
            stem.append(above[0])
        if len(stem) > 4:
            stems.append((float(mesh.flow[cell]), stem[::-1]))
    stems.sort(key=lambda s: (-s[0], s[1]))
    joins = {stem[-1] for _, stem in stems}
    found = []
    for place, (flow, stem) in enumerate(stems):
        rank = 1 if flow > 1000 else 2 if flow > 300 else 3 if flow > 90 else 4
        name = RIVERS[place] if place < len(RIVERS) else None
        split = next(i for i, c in enumerate(stem) if mesh.flow[c] >= min(flow / 3, 150))
        upper = stem[: split + 1]
        for part, drawn in ((upper, min(rank + 1, 4)), (stem[len(upper) - 1 :], rank)):
            if len(part) < 2:
                continue
            line = shapely.intersection(shapely.LineString(_course(rng, mesh, part, joins)), country)
            if not shapely.is_empty(line) and "Line" in line.geom_type:
                found.append(Feature("river", name, drawn, shapely.set_precision(line, 1e-5)))
    return found


def _course(rng: np.random.Generator, mesh: Mesh, stem: list[int], joins: set[int]) -> Floats:
    """A river's line, smooth and winding, through the points where others join it."""
    stops = [0, *(i for i in range(1, len(stem) - 1) if stem[i] in joins), len(stem) - 1]
    out = [mesh.points[stem[0]][None]]
    for a, b in pairwise(stops):
        reach = chaikin(mesh.points[stem[a : b + 1]], 2)
        low = float(mesh.height[stem[b]]) < 250
        out.append(roughen(rng, reach, 0.2 if low else 0.12, 0.006)[1:])
    return np.vstack(out)


def towns(rng: np.random.Generator, mesh: Mesh, units: Units, wet: Ints) -> list[Feature]:
    """The towns: the capital, the seats of the provinces, those of the districts, others."""
    found = []
    seats = ("Tessany", "Orlosk", "Brenn", "Averen", "Sarova")
    dry = mesh.land & (wet < 0)
    seat_cells = [mesh.near(float(mesh.points[c][0]), float(mesh.points[c][1]), dry) for c in units.towns]
    taken = list(seat_cells)
    for index, place in enumerate(PLACES):
        rank = 1 if place.name == "Velmar" else 2 if place.name in seats else 3
        found.append(_place(rng, mesh, place.name, rank, seat_cells[index]))
    flat = mesh.points * np.array([SQUEEZE, 1])
    small = np.isin(mesh.island, [i for i in range(1, int(mesh.island.max()) + 1) if (mesh.island == i).sum() < 60])
    for number, (name, at) in enumerate(TOWNS):
        away = np.min([np.hypot(*(flat - flat[c]).T) for c in taken], axis=0)
        worth = np.minimum(away, 0.15) - mesh.height / 9000 + 0.02 * (mesh.flow > 60)
        coast = name.endswith(("Bay", "Point", "mere"))
        fits = dry & ~small & (away > 0.03) & ((mesh.inland == 1) if coast else (mesh.inland > 5) | (number % 3 == 0))
        free = dry & (away > 0.03)
        cell = mesh.near(*at, free) if at else int(np.argmax(np.where(fits, worth, -np.inf)))
        taken.append(cell)
        found.append(_place(rng, mesh, name, 4, cell))
    return found


def _place(rng: np.random.Generator, mesh: Mesh, name: str, rank: int, cell: int) -> Feature:
    lon, lat = mesh.points[cell] + rng.uniform(-0.003, 0.003, 2)
    return Feature("place", name, rank, shapely.Point(round(float(lon), 5), round(float(lat), 5)), cell)
