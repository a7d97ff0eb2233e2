"""Which roads are there? The cheapest ways over the ground between towns, and tracks from villages to them."""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from pyproj import Geod

from data.demo.mesh import Ints, Mesh, chaikin, roughen
from data.demo.scene import danger
from data.demo.water import SOURCE, Feature

GEOD = Geod(ellps="WGS84")
PRIMARY, SECONDARY, TERTIARY, TRACK = 2, 3, 4, 6
BRIDGE = 0.0022
"""Length of a bridge in degrees, about 240 m."""
ALSO = (
    ("Torvane", "Velmar"), ("Elmere", "Miresh"), ("Naveth", "Averen"), ("Kestra", "Orlosk"), ("Kestra", "Garda"),
    ("Corve", "Harrow Ford"), ("Upper Serran", "Dolmar"), ("Halden", "Korune"), ("Elmere", "Dunmore Vale"),
    ("Old Torvane", "Miresh"), ("Brenn", "Morvane"), ("Corve", "Farrow Bay"), ("Oressa", "Halden"),
)  # fmt: skip
"""Secondary roads between places that are not each other's nearest."""


@dataclass(frozen=True)
class Segment:
    """A piece of road from node to node, its UNSDI-T class, the road it belongs to, and whether it is a bridge."""

    shape: Any
    fclass: int
    number: str
    name: str
    bridge: bool


class _Net:
    """The mesh as ways with a cost, and which of them have become roads of which class."""

    def __init__(self, mesh: Mesh, wet: Ints) -> None:
        self.mesh = mesh
        self.dry = mesh.land & (wet < 0)
        self.built: dict[tuple[int, int], int] = {}
        self.name: dict[tuple[int, int], tuple[str, str]] = {}
        self.on: set[int] = set()

    def cost(self, a: int, b: int) -> float:
        """What a step costs: distance, climb, crossing water; little along a road that is there already."""
        if (min(a, b), max(a, b)) in self.built:
            return self.mesh.km(a, b) * 0.5
        climb = abs(float(self.mesh.height[a] - self.mesh.height[b]))
        ford = 5.0 if self.mesh.flow[b] >= SOURCE else 0.0
        shore = 1.5 if self.mesh.inland[b] == 1 else 0.0
        return self.mesh.km(a, b) * (1 + climb / 90) + ford + shore

    def way(self, start: int, goals: Iterable[int]) -> list[int]:
        """The cheapest way from a cell to the nearest of the goals; empty when there is none."""
        ends = set(goals) - {start}
        best: dict[int, float] = {start: 0.0}
        came: dict[int, int] = {}
        heap = [(0.0, start)]
        while heap:
            cost, cell = heapq.heappop(heap)
            if cell in ends:
                path = [cell]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return path[::-1]
            if cost > best[cell]:
                continue
            for other in self.mesh.neighbours[cell]:
                if self.dry[other]:
                    total = cost + self.cost(cell, other)
                    if total < best.get(other, np.inf):
                        best[other], came[other] = total, cell
                        heapq.heappush(heap, (total, other))
        return []

    def build(self, path: list[int], fclass: int, number: str = "", name: str = "") -> None:
        """Make a way a road; what is a better road already stays one."""
        for a, b in pairwise(path):
            key = (min(a, b), max(a, b))
            if self.built.get(key, 9) > fclass:
                self.built[key], self.name[key] = fclass, (number, name)
            self.on |= {a, b}


def make(rng: np.random.Generator, mesh: Mesh, wet: Ints, towns: list[Feature], rivers: list[Feature]) -> list[Segment]:
    """The road network of the country, cut at every node; one network on the mainland, one on each larger island."""
    net = _Net(mesh, wet)
    _towns(net, towns)
    _villages(rng, net)
    return _draw(rng, net, [r.shape for r in rivers if r.rank <= 3])


def _towns(net: _Net, towns: list[Feature]) -> None:
    mesh = net.mesh
    big = [t for t in towns if t.rank <= 2 or t.name in ("Dolmar", "Garda", "Wexen", "Korune", "Halden", "Lissen")]
    named = {t.name: t for t in towns}
    pairs = [*_links(mesh, big, 2), (named["Velmar"], named["Averen"])]
    for number, (a, b) in enumerate(pairs, 1):
        net.build(net.way(a.cell, [b.cell]), PRIMARY, f"N{number}", f"{a.name}–{b.name} road")
    seats = [t for t in towns if t.rank <= 3]
    for number, (a, b) in enumerate([*_links(mesh, seats, 3), *((named[a], named[b]) for a, b in ALSO)], 1):
        net.build(net.way(a.cell, [b.cell]), SECONDARY, f"R{number:02d}", f"{a.name}–{b.name} road")
    for number, (a, b) in enumerate(_links(mesh, towns, 3), 1):
        net.build(net.way(a.cell, [b.cell]), TERTIARY, f"D{number:02d}", "")


def _links(mesh: Mesh, towns: list[Feature], each: int) -> list[tuple[Feature, Feature]]:
    """Pairs to join: each town to the nearest ones, and what is needed so that an island is one network."""
    found = []
    for island in sorted({int(mesh.island[t.cell]) for t in towns}):
        mine = [t for t in towns if mesh.island[t.cell] == island]
        joined = {mine[0].cell}
        while len(joined) < len(mine):
            a, b = min(((a, b) for a in mine if a.cell in joined for b in mine if b.cell not in joined),
                       key=lambda p: mesh.km(p[0].cell, p[1].cell))  # fmt: skip
            joined.add(b.cell)
            found.append((a, b))
        for town in mine:
            near = sorted((t for t in mine if t is not town), key=lambda t: mesh.km(town.cell, t.cell))
            found += [(town, other) for other in near[:each] if mesh.km(town.cell, other.cell) < 95]
    seen: set[tuple[int, int]] = set()
    out = []
    for a, b in found:
        key = (min(a.cell, b.cell), max(a.cell, b.cell))
        if key not in seen:
            seen.add(key)
            out.append((a, b))
    return out


def _villages(rng: np.random.Generator, net: _Net) -> None:
    """Tracks: villages, thicker on low ground, each joined to the network, some to a second place."""
    mesh = net.mesh
    sizes = np.bincount(mesh.island[mesh.island >= 0])
    fit = net.dry & (mesh.island >= 0) & (sizes[mesh.island] > 60)
    weight = np.where(fit, np.exp(-mesh.height / 900), 0)
    villages = rng.choice(len(weight), 1150, replace=False, p=weight / weight.sum()).tolist()
    for village in villages:
        if village not in net.on:
            net.build(net.way(village, net.on), TRACK)
    for village in villages[::4]:
        far = [v for v in villages if 6 < mesh.km(v, village) < 16]
        if far:
            net.build(net.way(village, [int(far[0])]), TRACK)


def _draw(rng: np.random.Generator, net: _Net, rivers: list[Any]) -> list[Segment]:
    """Roads as lines: chains of one class between junctions are smoothed as a whole, then cut into segments."""
    links: dict[int, list[int]] = defaultdict(list)
    for a, b in sorted(net.built):
        links[a].append(b)
        links[b].append(a)

    def key(a: int, b: int) -> tuple[int, int]:
        return min(a, b), max(a, b)

    def node(cell: int) -> bool:
        near = links[cell]
        return len(near) != 2 or net.name[key(cell, near[0])] != net.name[key(cell, near[1])] or (
            net.built[key(cell, near[0])] != net.built[key(cell, near[1])])  # fmt: skip

    spot = {c: net.mesh.points[c] + rng.uniform(-0.004, 0.004, 2) for c in sorted(links)}
    tree, dry = shapely.STRtree(rivers), shapely.STRtree([])
    done: set[tuple[int, int]] = set()
    out: list[Segment] = []
    for start in sorted(c for c in links if node(c)):
        for following in links[start]:
            if key(start, following) in done:
                continue
            chain = [start, following]
            done.add(key(start, following))
            while not node(chain[-1]):
                a, b = links[chain[-1]]
                chain.append(b if a == chain[-2] else a)
                done.add(key(chain[-2], chain[-1]))
            fclass, (number, name) = net.built[key(start, following)], net.name[key(start, following)]
            line = chaikin(np.array([spot[c] for c in chain]), 1)
            line = np.round(roughen(rng, line, 0.10 if fclass > SECONDARY else 0.06, 0.013), 5)
            water = tree if fclass != TRACK else dry
            for part, bridge in _cut(shapely.LineString(line), len(chain) - 1, rivers, water):
                out.append(Segment(part, fclass, number, name, bridge))
    return out


def _cut(line: Any, pieces: int, rivers: list[Any], tree: Any) -> list[tuple[Any, bool]]:
    """A line in pieces of about the same length, cut at its vertices; where it crosses a river a bridge is cut out."""
    spots: list[float] = []
    for place in sorted(tree.query(line, predicate="crosses").tolist()):
        meets = shapely.get_parts(shapely.intersection(line, rivers[place]))
        spots += [float(line.project(p)) for p in meets if p.geom_type == "Point"]
    whole = float(line.length)
    spans: list[tuple[float, float]] = []
    for spot in sorted(spots):
        span = (max(0.0, spot - BRIDGE / 2), min(whole, spot + BRIDGE / 2))
        if span[1] - span[0] > BRIDGE * 0.6 and (not spans or span[0] > spans[-1][1] + BRIDGE):
            spans.append(span)
    corners = [float(line.project(shapely.Point(c))) for c in line.coords[1:-1]]
    free = [c for c in corners if all(c < a - BRIDGE or c > b + BRIDGE for a, b in spans)]
    cuts = {min(free, key=lambda c: abs(c - whole * i / pieces)) for i in range(1, pieces)} if free else set()
    at = sorted({0.0, whole, *cuts, *(e for span in spans for e in span)})
    return [(_part(line, a, b), (a, b) in spans) for a, b in pairwise(at)]


def _part(line: Any, start: float, end: float) -> Any:
    inner = [c for c in line.coords[1:-1] if start + 1e-7 < line.project(shapely.Point(c)) < end - 1e-7]
    ends = [line.interpolate(d).coords[0] for d in (start, end)]
    return shapely.LineString(np.round(np.array([ends[0], *inner, ends[1]]), 5))


def table(rng: np.random.Generator, segments: list[Segment]) -> dict[str, list[Any]]:
    """The columns of UNSDI-T for the segments."""
    out: dict[str, list[Any]] = defaultdict(list)
    plain = {PRIMARY: (1, 6, 80), SECONDARY: (2, 5, 60), TERTIARY: (2, 4, 40), TRACK: (3, 3, 20)}
    for place, segment in enumerate(segments, 1):
        lon, lat = segment.shape.interpolate(0.5, normalized=True).coords[0]
        threat = danger(lon, lat)
        surface, vehicles, speed = plain[segment.fclass]
        surface = 1 if segment.fclass == SECONDARY and rng.random() < 0.55 else surface
        seasonal = segment.fclass >= TERTIARY and rng.random() < 0.3
        chance = rng.random() / (1 + 5 * threat + 3 * segment.bridge)
        status = 3 if chance < 0.006 else 2 if chance < 0.03 else 1
        status = 4 if segment.fclass == TRACK and rng.random() < 0.02 else status
        status = 0 if segment.fclass == TRACK and rng.random() < 0.2 else status
        out["SourceID"].append(f"KVR-{place:05d}")
        out["RoadID"].append(segment.number or None)
        out["ONme"].append(segment.name or None)
        out["RteNme"].append(segment.number if segment.fclass == PRIMARY else None)
        out["FClass"].append(segment.fclass)
        out["SrfTpe"].append(4 if segment.bridge else surface)
        out["SrfCond"].append(4 if seasonal and rng.random() < 0.4 else 1 if segment.fclass >= TERTIARY else 2)
        out["IsSeasonal"].append(1 if seasonal else 2)
        out["CurntPrac"].append(max(1, vehicles - (status == 2) - (2 if status == 3 else 0)))
        out["GnralSpeed"].append(speed if status == 1 else speed // 2)
        out["Sec"].append(0 if status == 0 else 1 + min(4, int(threat * 4.2 + rng.random() * 0.8)))
        out["OpStatus"].append(status)
        out["Length_KM"].append(round(GEOD.geometry_length(segment.shape) / 1000, 3))
        out["bridge"].append(int(segment.bridge))
    return dict(out)
