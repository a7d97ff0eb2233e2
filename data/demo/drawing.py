"""How do people draw areas? As districts put together, as ovals by hand, along roads, along the coast."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from data.demo.mesh import KM, SQUEEZE, Floats, chaikin
from data.demo.names import PLACES
from data.demo.roads import Segment
from data.demo.units import Units
from data.demo.water import Feature

FLAT = np.array([SQUEEZE * KM, KM])
"""Kilometres in a degree, east and north."""


class Pen:
    """Draws shapes over the country, each the same for the same generator."""

    def __init__(
        self,
        rng: np.random.Generator,
        units: Units,
        towns: list[Feature],
        roads: list[Segment],
        lakes: list[Feature],
    ) -> None:
        self.rng, self.units, self.roads = rng, units, roads
        self.town = {t.name: t.shape for t in towns}
        self.lakes = shapely.union_all([f.shape for f in lakes])
        self.country = shapely.coverage_union_all(units.shapes)
        self.links: dict[tuple[float, float], list[tuple[tuple[float, float], Any]]] = defaultdict(list)
        for road in roads:
            a, b = road.shape.coords[0], road.shape.coords[-1]
            self.links[a].append((b, road.shape))
            self.links[b].append((a, road.shape))

    def districts(self, *names: str) -> Any:
        """The union of some districts."""
        by_name = {p.name: s for p, s in zip(PLACES, self.units.shapes, strict=True)}
        return shapely.set_precision(shapely.union_all([by_name[n] for n in names]), 1e-6)

    def oval(self, lon: float, lat: float, wide: float, high: float, turn: float = 0.0) -> Any:
        """An uneven oval as somebody draws with a mouse, half-axes in kilometres, turned by degrees."""
        corners = int(self.rng.integers(9, 15))
        angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + self.rng.uniform(-0.15, 0.15, corners)
        reach = self.rng.uniform(0.8, 1.18, corners)
        ring = np.column_stack([wide * reach * np.cos(angles), high * reach * np.sin(angles)])
        t = np.radians(turn)
        ring = ring @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]) / FLAT + (lon, lat)
        return self._round(shapely.Polygon(chaikin(np.vstack([ring, ring[:1]]), 2)))

    def on_land(self, shape: Any) -> Any:
        """A shape without the sea."""
        kept = shapely.intersection(shape, shapely.buffer(self.country, 0.004).simplify(0.003))
        return self._round(_polygons(kept))

    def around(self, town: str, km: float) -> Any:
        """An uneven disc around a town."""
        point = self.town[town]
        return self.oval(point.x, point.y, km, km * 0.85, float(self.rng.uniform(0, 180)))

    def corridor(self, towns: Sequence[str], km: float) -> Any:
        """A band of so many kilometres to either side of the road through some towns."""
        lines = [self._way(a, b) for a, b in pairwise(towns)]
        line = shapely.transform(shapely.union_all(lines), lambda c: c * FLAT)
        band = shapely.simplify(shapely.buffer(shapely.simplify(line, 0.8), km, quad_segs=4), 0.25)
        return self._round(_polygons(shapely.transform(band, lambda c: c / FLAT)))

    def coast(self, names: Sequence[str], inland_km: float, sea_km: float) -> Any:
        """A strip along the coast of some districts, so far into the land and out to sea."""
        whole = shapely.transform(self.country, lambda c: c * FLAT)
        mainland = max(shapely.get_parts(whole), key=lambda p: p.area)
        shore = shapely.intersection(
            shapely.boundary(mainland), shapely.transform(self.districts(*names).buffer(0.0005), lambda c: c * FLAT)
        )
        rough = shapely.simplify(shore, 1.5)
        inland = shapely.intersection(shapely.buffer(rough, inland_km, quad_segs=3), mainland)
        strip = shapely.simplify(shapely.union(inland, shapely.buffer(rough, sea_km, quad_segs=3)), 0.7)
        return self._round(_polygons(shapely.transform(strip, lambda c: c / FLAT)))

    def _way(self, start: str, end: str) -> Any:
        """The shortest way by road between two towns, a line in degrees."""
        nodes = list(self.links)
        at = np.array(nodes)

        def nearest(town: str) -> tuple[float, float]:
            point = self.town[town]
            return nodes[int(np.argmin(np.hypot(*((at - (point.x, point.y)) * FLAT).T)))]

        first, last = nearest(start), nearest(end)
        best = {first: 0.0}
        came: dict[tuple[float, float], tuple[tuple[float, float], Any]] = {}
        heap = [(0.0, first)]
        while heap:
            cost, node = heapq.heappop(heap)
            if node == last:
                break
            for other, line in self.links[node]:
                total = cost + float(line.length)
                if total < best.get(other, np.inf):
                    best[other], came[other] = total, (node, line)
                    heapq.heappush(heap, (total, other))
        lines = []
        while last != first:
            last, line = came[last]
            lines.append(line)
        return shapely.line_merge(shapely.MultiLineString(lines))

    def _round(self, shape: Any) -> Any:
        return shapely.set_precision(shape, 1e-5)


def _polygons(shape: Any) -> Any:
    """The larger polygons of whatever an operation left."""
    parts = [p for p in shapely.get_parts(shapely.make_valid(shape)) if p.geom_type == "Polygon"]
    biggest = max(p.area for p in parts)
    return shapely.union_all([shapely.Polygon(p.exterior) for p in parts if p.area > biggest / 50])


def scatter(rng: np.random.Generator, around: Floats, km: float, count: int) -> Floats:
    """Points strewn about a place, lon and lat."""
    places: Floats = around + rng.normal(0, km, (count, 2)) / FLAT
    return places
