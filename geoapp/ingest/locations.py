"""Where is each row? Shapes, degrees in any notation, MGRS or UTM, in one column or several, and how exact that is."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geoapp.coordinates import Spot, from_mgrs, spot
from geoapp.geometry import Want
from geoapp.ingest import parse, spreadsheet_damage, utm
from geoapp.ingest.columns import Wanted
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import as_hex, check_axes, mended
from geoapp.ingest.utm import Floats, Mask, Unread, numbers

WANTED = (
    Wanted("lat", ("latitude", "lat", "y", "gps latitude", "lat dd", "latitud", "خط العرض"), ("#geo+lat",)),
    Wanted("lon", ("longitude", "lon", "long", "lng", "x", "gps longitude", "lon dd", "long dd", "longitud", "خط الطول"), ("#geo+lon",)),
    Wanted("latlon", ("coordinates", "lat lon", "latlon", "lat long", "latitude longitude", "gps", "location gps", "gps coordinates",
                      "coordinate", "position", "coordonnees", "coordonnees gps", "coordenadas", "الإحداثيات"), ("#geo+coord",)),
    Wanted("mgrs", ("mgrs", "mgrs coordinates", "mgrs grid", "mgrs reference", "grid reference", "grid ref", "military grid reference",
                    "grid", "usng"), ("#geo+mgrs",)),
    Wanted("easting", ("easting", "utm easting", "utm e", "utm x", "x utm", "mgrs easting", "east", "estacion este")),
    Wanted("northing", ("northing", "utm northing", "utm n", "utm y", "y utm", "mgrs northing", "north")),
    Wanted("utm_zone", ("utm zone", "zone utm", "grid zone", "grid zone designator", "gzd", "mgrs zone", "zone", "fuseau")),
    Wanted("hemisphere", ("hemisphere", "utm hemisphere", "hemisphere n s")),
    Wanted("mgrs_square", ("mgrs square", "100km square", "100 km square", "square id", "100000m square", "square")),
)  # fmt: skip
"""The columns that can say where a row is."""

SPLIT = ("easting", "northing", "utm_zone")
COARSE_M, REGION_M = 1000.0, 100_000.0
"""A square from 1 km across is a place near by; one of 100 km is no better than a province."""
_SPOT = pa.struct([("lon", pa.float64()), ("lat", pa.float64()), ("metres", pa.float64())])
_TWO = r"^[\s(\[]*(?P<lat>-?\d{1,3}\.\d{1,15})\s*[,;\s]\s*(?P<lon>-?\d{1,3}\.\d{1,15})[\s)\]]*$"


def missing_columns(reading: Reading) -> list[str]:
    """What is missing for rows to have a place, in words; nothing when they can have one."""
    if reading.batch.geoms is not None or any(reading.has(name) for name in ("latlon", "mgrs")):
        return []
    if reading.has("lat") and reading.has("lon"):
        return []
    if reading.has("easting") and reading.has("northing"):
        return [] if reading.has("utm_zone") else ["utm zone"]
    return ["latitude and longitude (or MGRS, or UTM easting, northing and zone)"]


def point(reading: Reading) -> None:
    """Stage `lon` and `lat`: of a shape its middle, else of the columns in any notation. A row without is rejected."""
    lon, lat = locate(reading)
    spreadsheet_damage.places(reading, lon, lat)
    swapped = (np.abs(lat) > 90) & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
    reading.tell(
        swapped, "error", "lat", "swapped-axes", "Latitude and longitude seem to be the wrong way round.",
        "Exchange the two columns, or import with --swap.",
    )  # fmt: skip
    reading.tell(_outside(lon, lat), "error", "lat", "off-the-map", _OFF, "Correct them.")
    check_axes(reading, lon, lat)
    reading.out["lon"], reading.out["lat"] = pa.array(lon, from_pandas=True), pa.array(lat, from_pandas=True)


def place(reading: Reading, *allowed: Want) -> None:
    """Stage `geom`: the feature's shape when it is of an allowed kind, or a point of the columns; null where there is none."""
    if reading.batch.geoms is not None:
        geoms = np.asarray(reading.batch.geoms, dtype=object)
    else:
        lon, lat = locate(reading, needed=False)
        off = _outside(lon, lat)
        reading.tell(off, "error", "latlon" if reading.has("latlon") else "lat", "off-the-map", _OFF, "Correct them.")
        geoms = np.full(len(lon), None, dtype=object)
        there = ~(np.isnan(lon) | np.isnan(lat) | off)
        geoms[there] = shapely.points(lon[there], lat[there])
    kinds = np.array([_shape_of(geom, allowed) for geom in geoms])
    reading.tell(
        kinds == "other", "error", None, "wrong-type", f"The feature is no {' or '.join(allowed)}.", "Draw it as one."
    )
    out = np.full(len(geoms), None, dtype=object)
    for kind in allowed:
        rows = np.flatnonzero(kinds == kind)
        if len(rows):
            out[rows] = mended(reading, geoms[rows], kind, rows).geom
    middle = shapely.centroid(out)
    check_axes(reading, shapely.get_x(middle), shapely.get_y(middle))
    reading.out["geom"] = as_hex(out)


_OFF = "The coordinates are outside the world, or 0, 0."
_SHAPES: dict[int, Want] = {0: "point", 4: "point", 1: "line", 5: "line", 2: "line", 3: "polygon", 6: "polygon"}
_DIMENSION = {"point": 0, "line": 1, "polygon": 2}


def _outside(lon: Floats, lat: Floats) -> Mask:
    return np.asarray((np.abs(lat) > 90) | (np.abs(lon) > 180) | ((lat == 0) & (lon == 0)))


def _shape_of(geom: object, allowed: tuple[Want, ...]) -> str:
    """What a shape is taken for; a collection is its parts of the largest dimension, `prepare` leaves out the others."""
    if geom is None or shapely.is_empty(geom):
        return "none"
    kind = int(shapely.get_type_id(geom))
    if kind == 7:
        parts = (int(shapely.get_type_id(part)) for part in shapely.get_parts(geom))
        kind = max(parts, default=7, key=lambda part: _DIMENSION.get(_SHAPES.get(part, ""), -1))
    found = _SHAPES.get(kind, "other")
    return found if found in allowed else "other"


def locate(reading: Reading, *, needed: bool = True) -> tuple[Floats, Floats]:
    """Longitude and latitude of every row, NaN where it has none; `reading.metres` is how large its square is.

    What cannot be read is told, and so is a row without a place when it is `needed`. The first notation that a row
    fills in counts.
    """
    if reading.batch.geoms is not None:
        geoms = np.asarray(reading.batch.geoms)
        empty = shapely.is_missing(geoms) | shapely.is_empty(geoms)
        middle = shapely.centroid(geoms)
        reading.tell(empty, "error", None, "no-place", "The feature has no shape.", "Give it a point.")
        return shapely.get_x(middle), shapely.get_y(middle)
    n = len(reading.batch)
    lon, lat, metres = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    bad: Unread = []

    def take(found: tuple[Floats, Floats, Floats, Unread]) -> None:
        fresh = np.isnan(lon) | np.isnan(lat)
        lon[fresh], lat[fresh], metres[fresh] = (part[fresh] for part in found[:3])
        bad.extend(found[3])

    in_metres = reading.has("utm_zone") and not reading.has("easting") and reading.has("lat") and reading.has("lon")
    if reading.has("lat") and reading.has("lon") and not in_metres:
        take(_degrees(reading))
    if reading.has("latlon"):
        take(_one_cell(reading, "latlon", spot, "place; degrees, UTM and MGRS are understood"))
    if reading.has("mgrs"):
        take(_one_cell(reading, "mgrs", from_mgrs, "place in MGRS"))
    if reading.has("mgrs_square") and all(map(reading.has, SPLIT)):
        take(_squares(reading))
    elif in_metres or all(map(reading.has, SPLIT)):
        take(_utm(reading, *(("lon", "lat") if in_metres else ("easting", "northing"))))
    lost = np.isnan(lon) | np.isnan(lat)
    for mask, name, what in bad:
        reading.tell(
            mask & lost, "error", name, "not-a-coordinate", f"{{value}} is no {what}.",
            "Write decimal degrees, such as -12.6722.",
        )  # fmt: skip
    reading.metres = metres
    name = next((w.name for w in WANTED if reading.has(w.name)), "lat")
    if needed:
        hint = "Fill them in, or give the district."
        reading.tell(lost, "error", name, "no-place", "The row has no coordinates.", hint)
    return lon, lat


_Found = tuple[Floats, Floats, Floats, Unread]


def _degrees(reading: Reading) -> _Found:
    lat, bad_lat = parse.measured(reading.raw("lat"), parse.degrees)
    lon, bad_lon = parse.measured(reading.raw("lon"), parse.degrees)
    if reading.options.get("swap"):
        lat, lon = lon, lat
    unknown = np.full(len(reading.batch), np.nan)
    return numbers(lon), numbers(lat), unknown, [(bad_lat, "lat", "latitude"), (bad_lon, "lon", "longitude")]


def _one_cell(reading: Reading, name: str, read: Callable[[str], Spot], what: str) -> _Found:
    """One cell a place: two decimal numbers at once, every other notation one distinct cell after the other."""
    column = reading.raw(name)
    plain = pc.extract_regex(column, pattern=_TWO)
    quick = np.asarray(pc.is_valid(plain)) & (read is spot)
    first, second = (numbers(pc.cast(pc.struct_field(plain, k), pa.float64())) for k in ("lat", "lon"))
    slow, failed = parse.mapped(
        pc.if_else(pa.array(quick), None, column),
        lambda cell: (lambda s: {"lon": s.lon, "lat": s.lat, "metres": s.metres})(read(cell)),
        _SPOT,
    )
    lon, lat, metres = (numbers(part) for part in slow.flatten())
    lon, lat = np.where(quick, second, lon), np.where(quick, first, lat)
    if reading.options.get("swap"):
        lon, lat = lat, lon
    return lon, lat, np.where(metres > 0, metres, np.nan), [(failed, name, what)]


def _squares(reading: Reading) -> _Found:
    """MGRS in four columns: zone and band, square, easting and northing within it."""
    whole = pc.binary_join_element_wise(
        *(reading.raw(n) for n in ("utm_zone", "mgrs_square", "easting", "northing")), " "
    )
    place = len(reading.batch.columns)
    reading.add_column("mgrs_written", "MGRS", whole)
    found = _one_cell(reading, "mgrs_written", from_mgrs, "place in MGRS")
    assert len(reading.batch.columns) == place + 1
    return found


def _utm(reading: Reading, east: str, north: str) -> _Found:
    lon, lat, rounded, unread = utm.places(reading, east, north)
    return lon, lat, np.where(rounded, COARSE_M, 1.0), unread


def no_better(reading: Reading, precision: pa.Array) -> pa.Array:
    """Precisions of places, none better than the square that was written down: from 1 km across it is `near`."""
    if reading.metres is None or not (reading.metres >= COARSE_M).any():
        return precision
    fine = pc.fill_null(pc.is_in(precision, pa.array(["exact", "settlement", "near"])), fill_value=False)
    near = pa.array(reading.metres >= COARSE_M)
    region = pa.array(reading.metres >= REGION_M)
    capped = pc.if_else(pc.and_(fine, near), "near", precision)
    return pc.if_else(pc.and_(fine, region), "adm1", capped)
