"""In which coordinate reference systems is an operation told and asked about, and what does a box mean in one of them?

OGC API Features, Part 2: systems are named by their URI, and their axes come in the order that their authority declares:
EPSG:4326 is latitude first, CRS84 longitude first. Records are kept in CRS84.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyproj
import shapely

from geoapp.errors import BadRequest

_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_BOX_POINTS = 21
"""Points on each side of a box that is brought to degrees: its sides are curved there."""
_DECIMALS = {"degrees": 7, "metres": 2}


@dataclass(frozen=True)
class Crs:
    """One system: its URI, its number in the database, whether its northing or latitude is named first."""

    uri: str
    srid: int
    north_first: bool = False

    @property
    def decimals(self) -> int:
        """Digits of a coordinate: a centimetre."""
        return _DECIMALS["degrees" if self.srid == 4326 else "metres"]

    def told(self, geometry: str) -> str:
        """SQL for an EPSG:4326 geometry in this system and its order of axes."""
        moved = geometry if self.srid == 4326 else f"ST_Transform({geometry}, {self.srid})"
        return f"ST_FlipCoordinates({moved})" if self.north_first else moved

    def in_degrees(self, shape: Any) -> Any:
        """A shape of this system and its order of axes in CRS84. Raises BadRequest where that system does not reach."""
        if self.north_first:
            shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
        if self.srid != 4326:
            shape = shapely.transform(shape, lambda xy: _degrees(self.srid, xy))
        west, south, east, north = shape.bounds or (0, 0, 0, 0)
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise BadRequest(
                "The shape lies outside the world.", hint=f"Its coordinates are read in {self.uri}: mind the axes."
            )
        return shape


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326)
WGS84 = Crs(f"{_EPSG}4326", 4326, north_first=True)
MERCATOR = Crs(f"{_EPSG}3857", 3857)


def systems(bbox: Sequence[float] | None) -> tuple[Crs, ...]:
    """The systems that an operation is told in, CRS84 first: degrees, Web Mercator, and the UTM zones that its box (west,
    south, east, north in degrees) reaches, north and south of the equator."""
    if bbox is None:
        return CRS84, WGS84, MERCATOR
    west, south, east, north = bbox
    first, last = (min(60, max(1, math.floor((lon + 180) / 6) + 1)) for lon in (west, east))
    halves = [half for half, there in ((326, north > 0), (327, south < 0)) if there]
    zones = [Crs(f"{_EPSG}{half}{zone:02d}", half * 100 + zone) for half in halves for zone in range(first, last + 1)]
    return CRS84, WGS84, MERCATOR, *zones


def named(uri: str | None, known: Sequence[Crs]) -> Crs:
    """The system of that URI; CRS84 when none is named. Raises BadRequest for one that is not among the known."""
    if not uri:
        return CRS84
    for each in known:
        if each.uri == uri:
            return each
    raise BadRequest(f"{uri[:80]!r} is no system here.", hint=f"One of {', '.join(each.uri for each in known)}.")


def box(text: str, of: Crs) -> Any:
    """The polygon in CRS84 of a box (least, least, greatest, greatest, in the system's order of axes; heights are left out); in
    degrees a box whose first longitude is the greater one lies across 180°, and is its two halves. Raises BadRequest."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise BadRequest(f"{text[:80]!r} is no box.", hint="Give four numbers in the order of the system's axes.")
    low, across, high, along = numbers
    if of.srid == 4326:
        west, south, east, north = (across, low, along, high) if of.north_first else (low, across, high, along)
        if -180 <= east < west <= 180 and -90 <= south <= north <= 90:
            return shapely.multipolygons([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])
    if low > high or across > along:
        raise BadRequest(f"The box {text[:80]!r} ends before it begins.", hint="The lesser corner comes first.")
    sides = shapely.segmentize(
        shapely.box(low, across, high, along), max(high - low, along - across, 1e-9) / _BOX_POINTS
    )
    return of.in_degrees(sides)


@lru_cache(maxsize=32)
def _to_degrees(srid: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(srid, "OGC:CRS84", always_xy=True)


def _degrees(srid: int, xy: Any) -> Any:
    lon, lat = _to_degrees(srid).transform(xy[:, 0], xy[:, 1])
    if not all(map(math.isfinite, (*lon, *lat))):
        raise BadRequest("The shape lies where its system does not reach.", hint=f"It is read in EPSG:{srid}.")
    return shapely.get_coordinates(shapely.points(lon, lat))
