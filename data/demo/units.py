"""Where do provinces and districts end? They grow over the mesh from their towns, slowly over ridges and rivers."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from data.demo.mesh import SQUEEZE, Floats, Ints, Mesh, chaikin, noise, roughen
from data.demo.names import ISLANDS, PLACES, PROVINCES, UPLAND


@dataclass(frozen=True)
class Units:
    """Districts in the order of PLACES: each cell's district (-1 the sea), and their shapes, P-codes and town cells."""

    district: Ints
    shapes: list[Any]
    pcodes: list[str]
    towns: list[int]

    def province(self, district: int) -> int:
        """The province a district is in."""
        return PLACES[district].province


def _effort(rng: np.random.Generator, mesh: Mesh) -> Floats:
    """What it costs to grow into a cell: rough ground and rivers slow growth, so that borders come to lie there."""
    high = mesh.height
    rough = np.array([max(abs(high[c] - high[n]) for n in near) for c, near in enumerate(mesh.neighbours)])
    patches = noise(rng, mesh.points, 0.12, 3)
    return np.clip(1 + rough / 130 + np.where(mesh.flow > 90, 4.0, 0) + 1.1 * patches, 0.25, None)


def _grow(mesh: Mesh, seeds: Sequence[tuple[int, int]], effort: Floats, among: Any) -> Ints:
    """Each cell's label by the least effort from the seeds (cell, label), over land only; -1 where none comes."""
    label = np.full(len(effort), -1)
    heap = [(0.0, cell, name) for cell, name in seeds]
    heapq.heapify(heap)
    while heap:
        cost, cell, name = heapq.heappop(heap)
        if label[cell] >= 0:
            continue
        label[cell] = name
        for other in mesh.neighbours[cell]:
            if among[other] and label[other] < 0:
                heapq.heappush(heap, (cost + float(effort[other]), other, name))
    return label


def make(rng: np.random.Generator, mesh: Mesh) -> Units:
    """The districts of the country and their shapes, which share every vertex of a common border."""
    effort = _effort(rng, mesh)
    main = mesh.island == 0
    seeds = [(mesh.near(*at, main), i) for i, p in enumerate(PROVINCES) for at in p.seeds]
    province = _grow(mesh, seeds, effort, main)
    district = np.full(len(effort), -1)
    for number in range(len(PROVINCES)):
        among = province == number
        _divide(mesh, number, among, effort, district)
    _islands(mesh, district)
    pcodes: list[str] = []
    count: dict[int, int] = defaultdict(int)
    for place in PLACES:
        count[place.province] += 1
        pcodes.append(f"{PROVINCES[place.province].pcode}{count[place.province]:02d}")
    towns = [_town(mesh, district, i) for i in range(len(PLACES))]
    return Units(district, shapes(rng, mesh, district, len(PLACES)), pcodes, towns)


def _on_island(mesh: Mesh, index: int) -> int:
    """The island that is a district of its own, or -1 for a district of the mainland."""
    lon, lat = PLACES[index].at
    return int(mesh.island[mesh.near(lon, lat, mesh.island > 0)]) if PLACES[index].name in ISLANDS else -1


def _divide(mesh: Mesh, number: int, among: Any, effort: Floats, district: Ints) -> None:
    """Divide a province among its districts on the mainland: seeds move a little towards the middle."""
    mine = [i for i, p in enumerate(PLACES) if p.province == number and _on_island(mesh, i) < 0]
    seeds = {i: mesh.near(*PLACES[i].at, among) for i in mine}
    for _ in range(6):
        grown = _grow(mesh, [(c, i) for i, c in seeds.items()], effort, among)
        for index in mine:
            cells = np.flatnonzero(grown == index)
            middle = mesh.points[cells].mean(axis=0)
            goal = mesh.points[seeds[index]] * 0.65 + middle * 0.35
            seeds[index] = mesh.near(float(goal[0]), float(goal[1]), grown == index)
    grown = _grow(mesh, [(c, i) for i, c in seeds.items()], effort, among)
    district[grown >= 0] = grown[grown >= 0]


def _islands(mesh: Mesh, district: Ints) -> None:
    """Give each island to its own district, or to that of the nearest ground that has one."""
    own = {_on_island(mesh, i): i for i in range(len(PLACES)) if _on_island(mesh, i) > 0}
    for number in range(1, int(mesh.island.max()) + 1):
        cells = mesh.island == number
        if number in own:
            district[cells] = own[number]
    known = district >= 0
    settled = district.copy()
    for number in range(1, int(mesh.island.max()) + 1):
        cells = mesh.island == number
        if number not in own:
            lon, lat = mesh.points[cells].mean(axis=0)
            district[cells] = settled[mesh.near(float(lon), float(lat), known)]


def _town(mesh: Mesh, district: Ints, index: int) -> int:
    """Where the town of a district lies: low, by a river or the sea, not far from where its name is."""
    mine = district == index
    lon, lat = PLACES[index].at
    away = np.hypot((mesh.points[:, 0] - lon) * SQUEEZE, mesh.points[:, 1] - lat)
    low = 0.0 if PLACES[index].name in UPLAND else 1.0
    score = away * 900 + low * (mesh.height * 0.25 - 55 * (mesh.flow > 60) - 45 * (mesh.inland == 1))
    score += np.where((mesh.inland == 1) & (low == 0), 900, 0)
    return int(np.argmin(np.where(mine, score, np.inf)))


def _arcs(mesh: Mesh, label: Ints) -> list[tuple[bool, list[int]]]:
    """The lines between different labels as chains of triangles, from junction to junction; true for a coast."""
    sides: dict[tuple[int, int], list[int]] = defaultdict(list)
    for t, (a, b, c) in enumerate(mesh.triangles.tolist()):
        for one, two in ((a, b), (b, c), (c, a)):
            sides[min(one, two), max(one, two)].append(t)
    links: dict[int, list[int]] = defaultdict(list)
    coast: dict[tuple[int, int], bool] = {}
    for (one, two), between in sides.items():
        if label[one] != label[two] and len(between) == 2:
            s, t = between
            links[s].append(t)
            links[t].append(s)
            coast[min(s, t), max(s, t)] = min(label[one], label[two]) < 0
    arcs = []
    used: set[tuple[int, int]] = set()
    starts = sorted(t for t, near in links.items() if len(near) != 2) + sorted(links)
    for start in starts:
        for following in links[start]:
            key = (min(start, following), max(start, following))
            if key in used:
                continue
            chain = [start, following]
            used.add(key)
            while len(links[chain[-1]]) == 2 and chain[-1] != start:
                a, b = links[chain[-1]]
                chain.append(b if a == chain[-2] else a)
                used.add((min(chain[-2:]), max(chain[-2:])))
            arcs.append((coast[key], chain))
    return arcs


def _eased(line: Floats, times: int) -> Floats:
    """A line whose inner points have moved towards their neighbours."""
    for _ in range(times if len(line) > 8 else 0):
        line = np.vstack([line[:1], (line[:-2] + 2 * line[1:-1] + line[2:]) / 4, line[-1:]])
    return line


def shapes(rng: np.random.Generator, mesh: Mesh, label: Ints, count: int) -> list[Any]:
    """A (multi)polygon for each label, put together from arcs that neighbours share."""
    corners = mesh.points[mesh.triangles].mean(axis=1)
    lines = []
    for is_coast, chain in _arcs(mesh, label):
        line = chaikin(_eased(corners[chain], int(rng.integers(0, 3))), 1 if is_coast else 2)
        line = roughen(rng, line, rng.uniform(0.08, 0.2), 0.0042) if is_coast else roughen(rng, line, 0.10, 0.006)
        line = np.round(line, 5)
        lines.append(shapely.LineString([line[0], *(b for a, b in pairwise(line) if (a != b).any())]))
    faces = shapely.get_parts(shapely.polygonize(lines))
    tree = shapely.STRtree(faces)
    owner: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    cells, places = tree.query(shapely.points(mesh.points), predicate="within")
    for cell, face in zip(cells.tolist(), places.tolist(), strict=True):
        owner[face][int(label[cell])] += 1
    parts: dict[int, list[Any]] = defaultdict(list)
    for face, votes in owner.items():
        name = max(votes, key=lambda n: votes[n])
        if name >= 0:
            parts[name].append(faces[face])
    return [parts[i][0] if len(parts[i]) == 1 else shapely.MultiPolygon(parts[i]) for i in range(count)]
