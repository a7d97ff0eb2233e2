"""Which roads meet where? Pieces of road become a network of edges between the places where one can turn.

Roads meet where they share a point of their lines. Two lines that only cross meet as well, unless one of them is a
bridge or a tunnel. An end that stops short of another road by less than `SNAP_M` is joined to it, and counted.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoapp import geometry

SNAP_M = 5.0
"""Metres by which an end may miss a road and still be taken for joined: the usual error of a hand-drawn junction."""

GRID = 1e-7
"""Degrees between which two points are one: a centimetre."""

_DEGREE_M = 111_320.0
Lines = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Built:
    """What building the network found: counts of roads, nodes, edges and islands, of what was joined, and its length."""

    roads: int
    nodes: int
    edges: int
    islands: int
    snapped: int
    crossings: int
    length_km: float
    largest_island_share: float


@dataclass(frozen=True, eq=False)
class Network:
    """Edges between nodes. Edge e is arc 2e along its line and arc 2e + 1 against it."""

    lon: Floats
    lat: Floats
    tail: Ints
    """The node where each edge's line begins."""
    head: Ints
    road: Ints
    """The place of each edge's road in the arrays that it was built from."""
    line: Lines
    length_km: Floats
    island: Ints
    """The number of each node's island; 0 is the largest."""
    built: Built

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges' lines, to be asked by place."""
        return shapely.STRtree(self.line)


@dataclass
class _Additions:
    """Points to be put into lines, and ends to be moved."""

    points: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)


def build(roads: Lines, apart: NDArray[np.bool_], step: Callable[[str], None] = lambda words: None) -> Network:
    """The network of these lines or multilines (EPSG:4326); `apart` marks bridges and tunnels. `step` is told what is begun,
    and may raise to stop it."""
    lines, owner = shapely.get_parts(roads, return_index=True)
    lines, owner = lines[shapely.length(lines) > 0], owner[shapely.length(lines) > 0]
    lines = shapely.set_precision(lines, GRID, mode="pointwise")
    whole = ~shapely.is_empty(lines) & (shapely.get_num_coordinates(lines) > 1)
    lines, owner = lines[whole], np.asarray(owner[whole], dtype=np.int64)
    step("joining ends")
    lines, snapped = _joined(lines, apart[owner])
    step("finding junctions")
    lines, crossings = _crossed(lines, apart[owner])
    step("cutting roads")
    return _cut(lines, owner, len(roads), snapped, crossings)


def _keys(coordinates: Floats) -> Ints:
    """A number for each point, the same for points that are one."""
    cells = np.round(coordinates / GRID).astype(np.int64)
    return np.asarray(cells[:, 0] * 4_000_000_000 + cells[:, 1], dtype=np.int64)


def _joined(lines: Lines, apart: NDArray[np.bool_]) -> tuple[Lines, int]:
    """Ends that miss a road by less than SNAP_M are moved onto it."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(lines):
        return lines, 0
    keys = _keys(coordinates)
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    last = np.r_[first[1:] - 1, len(owner) - 1]
    _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
    loose = [(line, 0, at) for line, at in enumerate(first) if times[place[at]] == 1]
    loose += [(line, -1, at) for line, at in enumerate(last) if times[place[at]] == 1]
    if not loose:
        return lines, 0
    spots = coordinates[[at for _, _, at in loose]]
    tree = shapely.STRtree(lines)
    reach = SNAP_M / _DEGREE_M / np.maximum(0.05, np.cos(np.radians(spots[:, 1])))
    found = tree.query(shapely.points(spots), predicate="dwithin", distance=reach)
    made = _Additions()
    best: dict[int, tuple[float, int]] = {}
    for spot, other in found.T:
        line = loose[spot][0]
        if other == line or apart[other]:
            continue
        away = _metres(spots[spot], shapely.get_coordinates(_nearest(lines[other], spots[spot]))[0])
        if away <= SNAP_M and away < best.get(spot, (SNAP_M + 1, 0))[0]:
            best[spot] = (away, int(other))
    for spot, (_, other) in best.items():
        line, end, _ = loose[spot]
        corners = [(e, shapely.get_coordinates(shapely.get_point(lines[other], e))[0]) for e in (0, -1)]
        near = [(e, at) for e, at in corners if _metres(spots[spot], at) <= SNAP_M]
        if near and (other, near[0][0]) in made.ends:
            continue  # that end was moved here already: both would change places
        if near:
            made.ends[line, end] = tuple(near[0][1])
        else:
            target = shapely.set_precision(_nearest(lines[other], spots[spot]), GRID)
            made.ends[line, end] = tuple(shapely.get_coordinates(target)[0])
            made.points[other].append(target)
    return _with(lines, made), len(made.ends)


def _nearest(line: Any, spot: Floats) -> Any:
    return shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.Point(spot)))


def _metres(a: Floats, b: Floats) -> float:
    return float(np.hypot((a[0] - b[0]) * np.cos(np.radians(a[1])), a[1] - b[1]) * _DEGREE_M)


def _crossed(lines: Lines, apart: NDArray[np.bool_]) -> tuple[Lines, int]:
    """Lines that cross without sharing a point get one there, bridges and tunnels left out."""
    ground = np.flatnonzero(~apart)
    if len(ground) < 2:
        return lines, 0
    a, b = shapely.STRtree(lines[ground]).query(lines[ground], predicate="intersects")
    a, b = ground[a[a < b]], ground[b[a < b]]
    meet = shapely.set_precision(shapely.intersection(lines[a], lines[b]), GRID, mode="pointwise")
    points, pair = shapely.get_parts(meet, return_index=True)
    pointed = shapely.get_type_id(points) == 0
    points, pair = points[pointed], pair[pointed]
    keys = _keys(shapely.get_coordinates(points))
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    # a point that a line has already is no news to it
    have = set(zip(owner.tolist(), _keys(coordinates).tolist(), strict=True))
    made, crossings = _Additions(), 0
    for point, key, one, other in zip(points, keys.tolist(), a[pair].tolist(), b[pair].tolist(), strict=True):
        new = [line for line in (one, other) if (line, key) not in have]
        for line in new:
            have.add((line, key))
            made.points[line].append(point)
        crossings += bool(new)
    return _with(lines, made), crossings


def _with(lines: Lines, made: _Additions) -> Lines:
    """The lines with these points put in where they lie along them, and these ends moved."""
    lines = lines.copy()
    for line in {*made.points, *(number for number, _ in made.ends)}:
        xy = shapely.get_coordinates(lines[line])
        along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
        points = made.points.get(line, [])
        if points:
            more = shapely.get_coordinates(points)
            where = shapely.line_locate_point(lines[line], points)
            order = np.argsort(np.r_[along, where], kind="stable")
            xy = np.r_[xy, more][order]
        for end in (0, -1):
            if (line, end) in made.ends:
                xy[end] = made.ends[line, end]
        lines[line] = shapely.linestrings(xy)
    return lines


def _cut(lines: Lines, owner: Ints, roads: int, snapped: int, crossings: int) -> Network:
    """Cut the lines where they end or meet another, and number what is there."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    keys = _keys(coordinates)
    _, first_at, vertex = np.unique(keys, return_index=True, return_inverse=True)
    begins = np.r_[True, line[1:] != line[:-1]] if len(line) else np.zeros(0, dtype=bool)
    ends = np.r_[line[1:] != line[:-1], True] if len(line) else np.zeros(0, dtype=bool)
    times = np.bincount(vertex, minlength=len(first_at))
    terminal = np.zeros(len(first_at), dtype=bool)
    terminal[vertex[begins | ends]] = True
    stop = (terminal | (times > 1))[vertex]
    at = np.flatnonzero(stop)
    starts, stops = at[:-1], at[1:]
    inside = line[starts] == line[stops] if len(at) else np.zeros(0, dtype=bool)
    starts, stops = starts[inside], stops[inside]
    size = stops - starts + 1
    number = np.repeat(np.arange(len(starts)), size)
    take = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size) + np.repeat(starts, size)
    pieces = np.asarray(shapely.linestrings(coordinates[take], indices=number)) if len(starts) else np.empty(0, object)
    length = geometry.length_km(pieces)
    real = length > 0
    starts, stops, pieces, length = starts[real], stops[real], pieces[real], length[real]
    used, both = np.unique(np.r_[vertex[starts], vertex[stops]], return_inverse=True)
    tail, head = both[: len(starts)].astype(np.int64), both[len(starts) :].astype(np.int64)
    n = len(used)
    _, island = connected_components(coo_array((np.ones(len(tail)), (tail, head)), shape=(n, n)), directed=False)
    by_length = np.bincount(island[tail], weights=length, minlength=int(island.max()) + 1 if n else 0)
    rank = np.empty(len(by_length), dtype=np.int64)
    rank[np.argsort(-by_length, kind="stable")] = np.arange(len(by_length))
    total = float(length.sum())
    place = coordinates[first_at[used]] if n else np.zeros((0, 2))
    return Network(
        place[:, 0], place[:, 1], tail, head, owner[line[starts]], pieces, length, rank[island] if n else tail,
        Built(roads, n, len(tail), len(by_length), snapped, crossings, total,
              float(by_length.max()) / total if total else 0.0),
    )  # fmt: skip
