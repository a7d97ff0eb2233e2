"""What is the ground like? A mesh of cells over sea and land, with heights, coasts and the way the water runs."""

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BOX = (85.2, -14.3, 87.6, -11.6)
"""West, south, east, north of the country, degrees."""
STEP = 0.0215
"""Distance between neighbouring cells in degrees, about 2.3 km."""
SQUEEZE = float(np.cos(np.radians(12.95)))
"""A degree of longitude as a part of a degree of latitude, in the middle of the country."""
KM = 110.6
"""Kilometres in a degree of latitude."""


@dataclass(frozen=True)
class Mesh:
    """Cells: their centres (n, 2), neighbours, triangles (m, 3) between centres, heights, and where water goes."""

    points: Floats
    triangles: Ints
    neighbours: tuple[tuple[int, ...], ...]
    height: Floats
    land: NDArray[np.bool_]
    island: Ints
    """Number of the piece of land a cell belongs to, 0 the largest, -1 the sea."""
    down: Ints
    """The next cell downstream; -1 in the sea."""
    flow: Floats
    """Cells whose water passes through a cell."""
    inland: Floats
    """Distance to the sea in steps of the mesh."""

    def near(self, lon: float, lat: float, among: NDArray[np.bool_] | None = None) -> int:
        """The cell nearest to a place, of all or of some."""
        away = ((self.points[:, 0] - lon) * SQUEEZE) ** 2 + (self.points[:, 1] - lat) ** 2
        return int(np.argmin(away if among is None else np.where(among, away, np.inf)))

    def km(self, a: int, b: int) -> float:
        """Distance of two cells in kilometres, on a plane."""
        dx, dy = self.points[a] - self.points[b]
        return float(np.hypot(dx * SQUEEZE, dy)) * KM


def noise(rng: np.random.Generator, xy: Floats, size: float, octaves: int, gain: float = 0.5) -> Floats:
    """Smooth noise of several octaves, about -1 to 1; the largest features are `size` degrees across."""
    total = np.zeros(len(xy))
    strength = 1.0
    for octave in range(octaves):
        lattice = rng.uniform(-1, 1, (97, 97))
        at = (xy - np.array(BOX[:2])) / (size / 2**octave) + rng.uniform(10, 30, 2)
        cell = np.floor(at).astype(np.int64)
        part = at - cell
        part = part**3 * (part * (part * 6 - 15) + 10)
        i, j = cell[:, 0] % 96, cell[:, 1] % 96
        low = lattice[i, j] * (1 - part[:, 0]) + lattice[i + 1, j] * part[:, 0]
        high = lattice[i, j + 1] * (1 - part[:, 0]) + lattice[i + 1, j + 1] * part[:, 0]
        total += strength * (low * (1 - part[:, 1]) + high * part[:, 1])
        strength *= gain
    return total


def _points(rng: np.random.Generator) -> Floats:
    west, south, east, north = BOX[0] - 0.25, BOX[1] - 0.25, BOX[2] + 0.25, BOX[3] + 0.25
    rows = np.arange(south, north, STEP * 0.866)
    columns = np.arange(west, east, STEP / SQUEEZE)
    x, y = np.meshgrid(columns, rows)
    x = x + (np.arange(len(rows)) % 2)[:, None] * STEP / SQUEEZE / 2
    grid = np.column_stack([x.ravel(), y.ravel()])
    strewn: Floats = grid + rng.uniform(-0.36, 0.36, grid.shape) * STEP * np.array([1 / SQUEEZE, 0.866])
    return strewn


def _triangles(points: Floats) -> Ints:
    flat = points * np.array([SQUEEZE, 1])
    found = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(flat)))
    corners = shapely.get_coordinates(found).reshape(-1, 4, 2)[:, :3]
    index = {(round(x, 9), round(y, 9)): i for i, (x, y) in enumerate(flat.tolist())}
    return np.array([[index[(round(x, 9), round(y, 9))] for x, y in three] for three in corners.tolist()])


def _shape(rng: np.random.Generator, points: Floats) -> Floats:
    """How far above the sea a place would be by the outline of the country alone; 0 is the coast."""
    warp = np.column_stack([noise(rng, points, 0.8, 5, 0.55), noise(rng, points, 0.8, 5, 0.55)]) * 0.16
    x, y = (points + warp).T
    bulk = np.full(len(points), -1.0)
    for lon, lat, wide, high, turn in (
        (86.10, -12.42, 0.72, 0.56, 0.45), (86.85, -12.52, 0.78, 0.50, -0.45), (86.42, -13.20, 0.95, 0.66, 0.1),
        (85.80, -13.10, 0.46, 0.60, 0.25), (87.02, -13.22, 0.50, 0.60, -0.4), (86.18, -13.76, 0.58, 0.32, 0.4),
        (86.98, -13.72, 0.28, 0.22, -0.5), (85.72, -12.16, 0.40, 0.24, 0.6),
    ):  # fmt: skip
        bulk = np.maximum(bulk, 1 - np.sqrt(_oval(x, y, lon, lat, wide, high, turn)))
    for lon, lat, wide, high, turn in (
        (87.42, -12.72, 0.34, 0.085, 0.25), (86.66, -13.98, 0.12, 0.34, -0.25), (85.36, -12.72, 0.36, 0.09, -0.35),
        (86.33, -11.86, 0.11, 0.26, 0.2), (85.62, -13.62, 0.24, 0.10, 0.5), (87.25, -13.52, 0.22, 0.07, 0.55),
        (87.15, -12.10, 0.22, 0.07, 0.75),
    ):  # fmt: skip
        bulk -= 0.52 * np.exp(-1.2 * _oval(x, y, lon, lat, wide, high, turn))
    for lon, lat, size in ((87.44, -12.06, 0.17), (87.52, -13.02, 0.06), (85.44, -13.98, 0.15), (85.68, -14.12, 0.07),
                           (86.62, -11.74, 0.05), (86.78, -11.80, 0.05), (87.22, -11.86, 0.06), (85.36, -12.44, 0.05),
                           (87.24, -13.86, 0.06), (86.50, -14.20, 0.05)):  # fmt: skip
        bulk = np.maximum(bulk, 0.30 - 0.30 * np.hypot((x - lon) * SQUEEZE, y - lat) / size)
    return bulk + 0.20 * noise(rng, points, 0.42, 6, 0.58)


def _oval(x: Floats, y: Floats, lon: float, lat: float, wide: float, high: float, turn: float) -> Floats:
    dx, dy = (x - lon) * SQUEEZE, y - lat
    u = dx * np.cos(turn) + dy * np.sin(turn)
    v = -dx * np.sin(turn) + dy * np.cos(turn)
    away: Floats = (u / wide) ** 2 + (v / high) ** 2
    return away


def make(rng: np.random.Generator) -> Mesh:
    """The mesh of the country: the same for the same state of the generator."""
    points = _points(rng)
    triangles = _triangles(points)
    links: list[set[int]] = [set() for _ in points]
    for a, b, c in triangles.tolist():
        links[a] |= {b, c}
        links[b] |= {a, c}
        links[c] |= {a, b}
    neighbours = tuple(tuple(sorted(n)) for n in links)
    west, south, east, north = BOX
    margin = np.minimum.reduce(
        [points[:, 0] - west, east - points[:, 0], points[:, 1] - south, north - points[:, 1]]
    )  # fmt: skip
    land = (_shape(rng, points) > 0) & (margin > 0.03)
    land, island = _pieces(land, neighbours)
    inland = _spread(~land, neighbours)
    height = _heights(rng, points, inland, land)
    down, flow = _water(height, land, neighbours)
    return Mesh(points, triangles, neighbours, height, land, island, down, flow, inland)


def _pieces(land: NDArray[np.bool_], neighbours: tuple[tuple[int, ...], ...]) -> tuple[NDArray[np.bool_], Ints]:
    """Land without its crumbs and without holes; and the number of each cell's piece, the largest first."""
    sea = ~land
    reached = _component(0, sea, neighbours)
    filled = ~reached
    island = np.full(len(land), -1)
    left = filled.copy()
    groups = []
    while left.any():
        group = _component(int(np.flatnonzero(left)[0]), left, neighbours)
        left &= ~group
        groups.append(group)
    groups.sort(key=lambda g: -int(g.sum()))
    for number, group in enumerate(g for g in groups if g.sum() >= 3):
        island[group] = number
    return island >= 0, island


def _component(start: int, among: NDArray[np.bool_], neighbours: tuple[tuple[int, ...], ...]) -> NDArray[np.bool_]:
    seen = np.zeros(len(among), dtype=bool)
    seen[start] = True
    stack = [start]
    while stack:
        for other in neighbours[stack.pop()]:
            if among[other] and not seen[other]:
                seen[other] = True
                stack.append(other)
    return seen


def _spread(start: NDArray[np.bool_], neighbours: tuple[tuple[int, ...], ...]) -> Floats:
    steps = np.where(start, 0.0, np.inf)
    front = np.flatnonzero(start).tolist()
    while front:
        following = []
        for cell in front:
            for other in neighbours[cell]:
                if steps[other] == np.inf:
                    steps[other] = steps[cell] + 1
                    following.append(other)
        front = following
    return steps


def _heights(rng: np.random.Generator, points: Floats, inland: Floats, land: NDArray[np.bool_]) -> Floats:
    """Metres above the sea: plains at the coast, highlands in the north-west, a range down the west, an eastern one."""
    ranges = np.zeros(len(points))
    for line, wide, top in (
        (((85.55, -12.0), (86.05, -12.25), (86.6, -12.2), (86.95, -12.45)), 0.24, 1500),
        (((85.8, -12.6), (85.75, -13.1), (85.95, -13.55)), 0.17, 900),
        (((86.9, -12.5), (87.0, -13.0), (86.85, -13.5)), 0.15, 700),
    ):
        away = shapely.distance(
            shapely.LineString(np.array(line) * [SQUEEZE, 1]), shapely.points(points * [SQUEEZE, 1])
        )
        ranges += top * np.exp(-((away / wide) ** 2))
    ridged = 1 - np.abs(noise(rng, points, 0.5, 5, 0.55))
    height = 16 * inland + ranges * (0.45 + 0.75 * np.clip(ridged, 0, 1)) + 70 * noise(rng, points, 0.4, 4)
    return np.where(land, np.clip(height * np.clip(inland / 6, 0.15, 1), 2, None), 0)


def _water(height: Floats, land: NDArray[np.bool_], neighbours: tuple[tuple[int, ...], ...]) -> tuple[Ints, Floats]:
    """Where each cell drains to, hollows filled from the sea inwards, and how many cells drain through it."""
    down = np.full(len(height), -1)
    done = ~land
    heap = [(0.0, int(c)) for c in np.flatnonzero(done) if any(land[n] for n in neighbours[c])]
    heapq.heapify(heap)
    order = []
    while heap:
        level, cell = heapq.heappop(heap)
        if land[cell]:
            order.append(cell)
        for other in neighbours[cell]:
            if not done[other]:
                done[other] = True
                down[other] = cell
                heapq.heappush(heap, (max(level + 0.1, float(height[other])), other))
    flow = np.where(land, 1.0, 0.0)
    for cell in reversed(order):
        flow[down[cell]] += flow[cell]
    return down, flow


def chaikin(line: Floats, times: int) -> Floats:
    """A line with its corners cut, its ends kept; a closed line stays closed and loses its first corner too."""
    closed = len(line) > 3 and bool((line[0] == line[-1]).all())
    for _ in range(times):
        if len(line) < 3:
            return line
        a, b = line[:-1], line[1:]
        cut = np.stack([a * 0.75 + b * 0.25, a * 0.25 + b * 0.75], axis=1).reshape(-1, 2)
        line = np.vstack([cut, cut[:1]]) if closed else np.vstack([line[:1], cut[1:-1], line[-1:]])
    return line


def roughen(rng: np.random.Generator, line: Floats, amount: float, shortest: float) -> Floats:
    """A line whose longer steps are broken sideways by a part of their length, again and again, as coasts are."""
    while True:
        out: list[Any] = [line[0]]
        broken = False
        for a, b in pairwise(line):
            step = b - a
            if float(np.hypot(step[0] * SQUEEZE, step[1])) > shortest:
                side = np.array([-step[1] / SQUEEZE, step[0] * SQUEEZE])
                out.append((a + b) / 2 + side * float(np.clip(rng.normal(0, amount), -2 * amount, 2 * amount)))
                broken = True
            out.append(b)
        line = np.array(out)
        if not broken:
            return line
