"""In which projection and at which scale does a piece of the world fill the map, and where on the sheet is a place?"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geoapp.draw.paper.page import Box
from geoapp.scope import WORLD
from geoapp.scope import Box as Degrees

UTM_WIDEST, TM_WIDEST = 9.0, 40.0
"""Degrees of longitude up to which a zone of UTM, and a transverse Mercator of its own, serve the extent."""
AROUND = 1.05
"""The extent is drawn with so much around it."""
LEAST_M = 500.0
"""The map shows so many metres at least: a point asked for is no scale."""
_NICE = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8)


@dataclass(frozen=True)
class Frame:
    """The map's box on the sheet and the ground it shows: metres of `crs` at its lower left corner, metres a point."""

    crs: pyproj.CRS
    name: str
    box: Box
    west_m: float
    south_m: float
    metres: float

    @property
    def scale(self) -> float:
        """The number after `1:`."""
        return self.metres * 72 / 0.0254

    def place(self, lon: Any, lat: Any) -> NDArray[np.float64]:
        """Points on the sheet, n × 2, of places in degrees; not finite where the projection ends."""
        x, y = self._forward.transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        return self._on_sheet(np.column_stack([np.atleast_1d(x), np.atleast_1d(y)]))

    def geographic(self, x: Any, y: Any) -> Any:
        """Longitude and latitude of places in metres of `crs`."""
        return self._forward.transform(x, y, direction="INVERSE")

    def draw(self, geoms: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes in degrees as shapes in points, with no more corners than can be seen, cut a little beyond the map."""
        onto = shapely.transform(geoms, lambda at: self.place(at[:, 0], at[:, 1]))
        edge = self.box.inset(-12)
        onto = shapely.simplify(onto, 0.09, preserve_topology=False)
        cut: NDArray[np.object_] = shapely.clip_by_rect(onto, edge.left, edge.bottom, edge.right, edge.top)
        return cut

    def degrees(self) -> Degrees:
        """West, south, east, north of the box around all that the map shows."""
        lon, lat = self._forward.transform(*self.outline(40), direction="INVERSE")
        if not np.isfinite(lon).all() or not np.isfinite(lat).all():
            return WORLD
        west, south, east, north = (float(each) for each in (lon.min(), lat.min(), lon.max(), lat.max()))
        return max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north)

    def outline(self, each: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The map's neat line in metres of `crs`, so many steps a side, from the lower left corner clockwise."""
        along = np.arange(each) / each
        nil, one = np.zeros(each), np.ones(each)
        u = np.concatenate([nil, along, one, 1 - along])
        v = np.concatenate([along, one, 1 - along, nil])
        return self.west_m + u * self.box.width * self.metres, self.south_m + v * self.box.height * self.metres

    def corners(self) -> list[tuple[float, float]]:
        """Longitude and latitude of the neat line's corners, from the lower left clockwise; not finite beyond the poles."""
        lon, lat = self._forward.transform(*self.outline(), direction="INVERSE")
        return [(float(a), float(b)) for a, b in zip(lon, lat, strict=True)]

    def zoom(self) -> int:
        """The zoom of the web map that shows about as much: what layers leave out by zoom is left out here too."""
        _, south, _, north = self.degrees()
        lat = (south + north) / 2
        return round(math.log2(156543 * max(0.1, math.cos(math.radians(lat))) / (self.scale * 0.000264)) + 0.6)

    @property
    def _forward(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(4326, self.crs, always_xy=True)

    def _on_sheet(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        origin = np.array([self.box.left, self.box.bottom])
        moved: NDArray[np.float64] = origin + (at - [self.west_m, self.south_m]) / self.metres
        return moved


def fit(extent: Degrees, box: Box) -> Frame:
    """The frame that shows an extent in degrees as large as the box allows, at a round scale."""
    crs, name = _crs(extent)
    lon, lat = edge(extent)
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    across, up = max(LEAST_M, x.max() - x.min()), max(LEAST_M, y.max() - y.min())
    metres = rounded_up(max(across / box.width, up / box.height) * AROUND * 72 / 0.0254) * 0.0254 / 72
    middle = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    return Frame(
        crs, name, box, middle[0] - box.width * metres / 2, middle[1] - box.height * metres / 2, metres
    )  # fmt: skip


def edge(extent: Degrees) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes of places along the four sides of an extent in degrees."""
    west, south, east, north = extent
    steps = np.linspace(0, 1, 21)
    lon = np.concatenate([west + (east - west) * steps] * 2 + [np.full(21, west), np.full(21, east)])
    lat = np.concatenate([np.full(21, south), np.full(21, north)] + [south + (north - south) * steps] * 2)
    return lon, np.clip(lat, -89.9, 89.9)


def _crs(extent: Degrees) -> tuple[pyproj.CRS, str]:
    """The projection of an extent and what it is called."""
    west, south, east, north = extent
    lon, lat = (west + east) / 2, (south + north) / 2
    if max(abs(south), abs(north)) < 84 and east - west <= UTM_WIDEST:
        zone = min(60, int((lon + 180) // 6) + 1)
        return pyproj.CRS.from_epsg(
            (32700 if lat < 0 else 32600) + zone
        ), f"WGS 84 / UTM {zone}{'S' if lat < 0 else 'N'}"
    if max(abs(south), abs(north)) < 84 and east - west <= TM_WIDEST:
        middle = round(lon * 2) / 2
        made = pyproj.CRS.from_proj4(f"+proj=tmerc +lat_0=0 +lon_0={middle} +k=0.9996 +x_0=500000 +y_0=0 +datum=WGS84")
        return made, f"WGS 84 / Transverse Mercator {abs(middle):g}° {'E' if middle >= 0 else 'W'}"
    return pyproj.CRS.from_epsg(4087), "WGS 84 / World Equidistant Cylindrical"


def rounded_up(scale: float) -> float:
    """The next scale that people can say: two digits at most."""
    power = 10 ** math.floor(math.log10(scale))
    return float(next((nice * power for nice in (*_NICE, 10) if nice * power >= scale), 10 * power))


def nice_length(at_most_m: float) -> float:
    """The longest 1, 2, 2.5 or 5 × 10ⁿ metres that is not longer."""
    power = 10 ** math.floor(math.log10(at_most_m))
    return float(max(step * power for step in (1, 2, 2.5, 5) if step * power <= at_most_m))
