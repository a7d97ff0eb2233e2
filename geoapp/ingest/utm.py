"""Where is a row whose zone, easting and northing of UTM stand in columns of their own? The half of the globe is said by a band,
by a column, or by where the operation is."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
from numpy.typing import NDArray

from geoapp.ingest import parse
from geoapp.ingest.reading import Reading

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Unread = list[tuple[Mask, str, str]]
"""Cells that could not be read, their column, and what they should be."""

_ZONE = re.compile(r"(?:utm|zone|fuseau)?\s*(\d{1,2})(?:\.0)?\s*([C-HJ-NP-X]|north|south)?$", re.IGNORECASE)
_HALVES = {"n": False, "north": False, "northern": False, "nord": False, "norte": False,
           "s": True, "south": True, "southern": True, "sud": True, "sur": True}  # fmt: skip
_BAND_S = (3_540_000, 4_440_000)
"""Northings of latitude band S, 32 to 40° N. South of the equator the same numbers lie below 50° S, where hardly
anybody lives: so `36S` with other northings is the southern half of zone 36."""


def numbers(values: pa.Array) -> Floats:
    """Numbers as an array, NaN for none."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=float)


def places(reading: Reading, east: str, north: str) -> tuple[Floats, Floats, Mask, Unread]:
    """Longitude and latitude of each row (NaN for none), which are written in whole kilometres, and which cells could not be
    read, with their column and what they should be."""
    easting, bad_east = parse.measured(reading.raw(east), parse.number)
    northing, bad_north = parse.measured(reading.raw(north), parse.number)
    x, y = numbers(easting), numbers(northing)
    zones, bad_zone = parse.mapped(
        reading.raw("utm_zone"), _zone, pa.struct([("zone", pa.int64()), ("letter", pa.string())])
    )
    number, letters = zones.flatten()
    zone = np.nan_to_num(numbers(number)).astype(int)
    letter = np.array([(v or "").upper() for v in letters.to_pylist()], dtype=object)
    halves, bad_half = parse.mapped(reading.raw("hemisphere"), lambda cell: _HALVES[_half(cell)], pa.bool_())
    south = np.array([_south(*row) for row in zip(halves.to_pylist(), letter, y, strict=True)], dtype=float)
    good = (zone >= 1) & (zone <= 60) & (x >= 100_000) & (x <= 900_000) & (y >= 0) & (y <= 10_000_000)
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    unsaid = good & np.isnan(south)
    if unsaid.any():
        south[unsaid] = _by_operation(reading, zone, x, y, unsaid)
        reading.tell(
            unsaid & ~np.isnan(south), "warning", "utm_zone", "hemisphere-inferred",
            "{value} does not say which half of the globe; only one of the two lies in the operation, and was taken.",
            "Write the zone with its band, such as 36N or 36L, or add a column Hemisphere.",
        )  # fmt: skip
        reading.tell(
            unsaid & np.isnan(south), "error", "utm_zone", "hemisphere-not-said",
            "{value} does not say whether it is north or south of the equator.",
            "Write the zone with its band, such as 36N or 36L, or add a column Hemisphere.",
        )  # fmt: skip
    for half in (0, 1):
        for z in np.unique(zone[good & (south == half)]):
            mask = good & (south == half) & (zone == z)
            lon[mask], lat[mask] = _from_utm(int(z), bool(half), x[mask], y[mask])
    rounded = (x % 1000 == 0) & (y % 1000 == 0)
    outside = ~good & ~np.isnan(x) & ~np.isnan(y) & ~bad_zone
    told = [(bad_east, east, "easting"), (bad_north, north, "northing"), (bad_zone, "utm_zone", "UTM zone"),
            (bad_half, "hemisphere", "half of the globe"), (outside, east, "place in UTM: easting, northing or zone is outside")]  # fmt: skip
    return lon, lat, rounded, told


def _zone(cell: str) -> dict[str, Any]:
    found = _ZONE.match(cell.strip())
    if not found or not 1 <= int(found[1]) <= 60:
        raise ValueError(cell)
    return {"zone": int(found[1]), "letter": found[2]}


def _half(cell: str) -> str:
    word = parse.plain(cell)
    if word not in _HALVES:
        raise ValueError(cell)
    return word


def _south(half: bool | None, letter: str, northing: float) -> float:
    """1 south of the equator, 0 north of it, NaN where nothing says."""
    if half is not None:
        return float(half)
    if letter == "S":
        return float(not _BAND_S[0] <= northing <= _BAND_S[1])
    if letter in ("NORTH", "SOUTH"):
        return float(letter == "SOUTH")
    return float(letter < "N") if letter else np.nan


def _from_utm(zone: int, south: bool, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    made = pyproj.Transformer.from_crs((32700 if south else 32600) + zone, 4326, always_xy=True)
    lon, lat = made.transform(x, y)
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


def _by_operation(reading: Reading, zone: NDArray[Any], x: Floats, y: Floats, rows: Mask) -> Floats:
    """For these rows the half in which they lie in the operation, NaN when it is neither or both."""
    box = reading.options.get("bbox")
    inside = np.zeros((2, len(x)), dtype=bool)
    if box:
        for half in (0, 1):
            for z in np.unique(zone[rows]):
                mask = rows & (zone == z)
                lon, lat = _from_utm(int(z), bool(half), x[mask], y[mask])
                inside[half, mask] = (
                    (lon >= box[0] - 2) & (lon <= box[2] + 2) & (lat >= box[1] - 2) & (lat <= box[3] + 2)
                )
    one = inside[0] ^ inside[1]
    return np.where(one, inside[1].astype(float), np.nan)[rows]
