"""Where does each word and number stand so that none lies on another? What does not fit is left out, never overprinted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.draw.paper.page import Box

_SPOTS = 7
"""Places tried in a shape, each way."""


@dataclass
class Ground:
    """The map's box with what is taken of it."""

    box: Box
    taken: list[Box] = field(default_factory=list)
    edges: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))

    def take(self, box: Box) -> None:
        """Nothing else may stand here."""
        self.taken.append(box)
        self.edges = np.vstack([self.edges, [box.left, box.bottom, box.right, box.top]])

    def free(self, box: Box) -> bool:
        """Whether a box lies in the map and on nothing that stands there."""
        inside = (
            box.left >= self.box.left
            and box.right <= self.box.right
            and box.bottom >= self.box.bottom
            and box.top <= self.box.top
        )
        if not inside:
            return False
        left, bottom, right, top = self.edges.T if len(self.edges) else np.empty((4, 0))
        return not bool(np.any((box.left < right) & (left < box.right) & (box.bottom < top) & (bottom < box.top)))

    def first(self, wide: float, high: float, spots: Iterable[tuple[float, float]], gap: float = 1.0) -> Box | None:
        """The first of the spots (middles) at which a box of that size is free; it is taken. None where none is."""
        for x, y in spots:
            box = Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            if self.free(box.inset(-gap)):
                self.take(box)
                return box
        return None


def around(x: float, y: float, wide: float, high: float, away: float) -> list[tuple[float, float]]:
    """Middles of a label beside a point: right, left, above, below, then askew."""
    across, up = wide / 2 + away, high / 2 + away
    near = [(x + across, y), (x - across, y), (x, y + up), (x, y - up)]
    return near + [(x + sx * across, y + sy * up) for sx in (1, -1) for sy in (1, -1)]


def rings(x: float, y: float, radii: Iterable[float]) -> list[tuple[float, float]]:
    """Places around a point on circles about it, the nearest first."""
    turns = np.arange(16) * np.pi / 8
    return [(float(x + r * np.cos(turn)), float(y + r * np.sin(turn))) for r in radii for turn in turns]


def within(geom: shapely.Geometry, box: Box) -> list[tuple[float, float]]:
    """Places in the part of a shape that the map shows: the best first, then a raster of them, from the middle outwards."""
    seen = shapely.clip_by_rect(geom, box.left, box.bottom, box.right, box.top)
    if seen.is_empty:
        return []
    parts = shapely.get_parts(seen)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    point = shapely.point_on_surface(largest)
    x0, y0, x1, y1 = largest.bounds
    steps = (np.arange(_SPOTS) + 0.5) / _SPOTS
    x, y = (each.ravel() for each in np.meshgrid(x0 + steps * (x1 - x0), y0 + steps * (y1 - y0)))
    inside = shapely.contains_xy(largest, x, y)
    x, y = x[inside], y[inside]
    order = np.argsort(np.hypot(x - point.x, y - point.y), kind="stable")
    return [(point.x, point.y), *zip(x[order].tolist(), y[order].tolist(), strict=True)]
