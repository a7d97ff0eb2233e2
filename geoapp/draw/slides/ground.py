"""Where on a slide is a place? One equal-area projection around the extent, in EMU, with no more corners than can be seen."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

PT = 12_700
"""EMU of a point."""
SEEN = 0.35 * PT
"""What lies nearer together than this cannot be told apart on a slide."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the slide, in EMU from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Ground:
    """A piece of the world on a box of the slide: metres of its projection at the box's middle, and EMU a metre."""

    to: pyproj.Transformer
    box: Box
    x: float
    y: float
    emu: float
    """EMU a metre."""

    def draw(self, geoms: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes in degrees as shapes in EMU, cut to the box. Where the projection ends nothing is drawn."""

        def place(at: NDArray[np.float64]) -> NDArray[np.float64]:
            x, y = self.to.transform(at[:, 0], at[:, 1])
            middle_x, middle_y = self.box.left + self.box.width / 2, self.box.top + self.box.height / 2
            placed = np.column_stack([middle_x + (x - self.x) * self.emu, middle_y - (y - self.y) * self.emu])
            return np.where(np.isfinite(placed), placed, -1e9)

        onto = shapely.simplify(shapely.transform(geoms, place), SEEN, preserve_topology=True)
        edge = self.box
        cut: NDArray[np.object_] = shapely.clip_by_rect(
            onto, edge.left, edge.top, edge.left + edge.width, edge.top + edge.height
        )
        return cut

    def zoom(self) -> int:
        """The zoom at which a map of the web shows as much: what layers with less at small scales are asked for."""
        metres_a_px = PT / self.emu * 0.75
        return max(0, min(14, round(math.log2(156_543 * math.cos(math.radians(self._lat())) / metres_a_px))))

    def _lat(self) -> float:
        return float(self.to.transform(self.x, self.y, direction="INVERSE")[1])


def ground(box: Box, shapes: NDArray[np.object_], within: tuple[float, float, float, float] | None = None) -> Ground:
    """The ground around shapes in degrees (all of them lie on it), or around west, south, east, north.

    The middle is taken on the globe, so that what lies on both sides of 180° stays together.
    """
    if within is not None:
        shapes = np.array([shapely.segmentize(shapely.box(*within), 1.0)])
    at = np.radians(shapely.get_coordinates(shapes))
    if not len(at):
        at = np.radians(np.array([[-170.0, -60.0], [170.0, 75.0]]))
    around = np.column_stack(
        [np.cos(at[:, 1]) * np.cos(at[:, 0]), np.cos(at[:, 1]) * np.sin(at[:, 0]), np.sin(at[:, 1])]
    )
    middle: Any = (around.min(axis=0) + around.max(axis=0)) / 2
    lon = math.degrees(math.atan2(middle[1], middle[0]))
    lat = math.degrees(math.atan2(middle[2], math.hypot(middle[0], middle[1])))
    crs = pyproj.CRS.from_dict({"proj": "laea", "lat_0": round(lat, 2), "lon_0": round(lon, 2), "datum": "WGS84"})
    to = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    x, y = to.transform(np.degrees(at[:, 0]), np.degrees(at[:, 1]))
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    wide, high = max(float(np.ptp(x)), 1000.0) * 1.06, max(float(np.ptp(y)), 1000.0) * 1.06
    emu = min(box.width / wide, box.height / high)
    return Ground(to, box, float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2, emu)
