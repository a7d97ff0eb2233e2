"""Roads in UNSDI-T's columns, in the subset WFP publishes, or in OpenStreetMap's tags."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geoapp import geometry
from geoapp.ingest.columns import Rows, Wanted
from geoapp.ingest.kind import Identity, Kind, Landing, both
from geoapp.ingest.parse import integer, mapped, number, plain, truth
from geoapp.ingest.reading import Reading
from geoapp.ingest.road_tags import WANTED, read_tags
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import GEOM, flags, numbers, same, texts, wholes

HIGHWAY = {
    "motorway": 1, "motorway_link": 1, "trunk": 1, "trunk_link": 1, "primary": 2, "primary_link": 2, "secondary": 3,
    "secondary_link": 3, "tertiary": 4, "tertiary_link": 4, "residential": 5, "living_street": 5, "unclassified": 5,
    "road": 5, "service": 5, "track": 6, "path": 6, "footway": 6, "cycleway": 6, "bridleway": 6, "steps": 6,
    "pedestrian": 6,
}  # fmt: skip
CLASS = {
    "highway": 1,
    "primary": 2,
    "secondary": 3,
    "tertiary": 4,
    "local urban": 5,
    "local": 5,
    "urban": 5,
    "trail": 6,
    "track": 6,
    "private": 7,
}
SURFACE = {
    "paved": 1,
    "asphalt": 1,
    "concrete": 1,
    "paving stones": 1,
    "sett": 1,
    "cobblestone": 1,
    "unhewn cobblestone": 1,
    "chipseal": 1,
    "fine gravel": 2,
    "pebblestone": 2,
    "laterite": 2,
    "gravel": 2,
    "compacted": 2,
    "dirt sand": 3,
    "dirt": 3,
    "sand": 3,
    "ground": 3,
    "unpaved": 3,
    "earth": 3,
    "clay": 3,
    "mud": 3,
    "rock": 3,
    "murram": 2,
    "steel": 4,
    "metal": 4,
    "wood": 5,
    "grass": 6,
}
STATUS = {"1": "open", "2": "restricted", "3": "closed", "4": "abandoned", "0": "unspecified", "open": "open", "restricted": "restricted",
          "closed": "closed", "abandoned": "abandoned", "disused": "abandoned", "unspecified": "unspecified", "accessible": "open",
          "partly inaccessible": "restricted", "inaccessible": "closed"}  # fmt: skip
VEHICLES = {
    "non motorised": 1, "non motorized": 1, "bicycle": 1, "motorbike": 2, "motorcycle": 2, "4wd": 3, "4x4": 3,
    "light truck": 4, "heavy truck": 5, "truck trailer": 6, "truck with trailer": 6, "truck and trailer": 6, "trailer": 6,
    "no information": 0, "unspecified": 0, "unknown": 0,
}  # fmt: skip
"""UNSDI-T's classes of vehicles by its words, and by WFP's ("Heavy Truck (<20 MT)")."""
PRACTICABILITY = ("practicability", "practicability_dry", "practicability_wet")
CODED = ("road_class", "surface", "condition", "seasonal", *PRACTICABILITY)
FLAGS = ("bridge", "tunnel", "oneway")
MPH = 1.609344
BACKWARD = ("-1", "reverse")
SECURITY = {"1": "A", "2": "B", "3": "C", "4": "D", "5": "E", "a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}


def _coded(table: dict[str, int], cell: str) -> int:
    word = plain(cell)
    if word in table:
        return table[word]
    for name, value in table.items():
        if word.startswith(name):
            return value
    value = integer(cell)
    if not 0 <= value <= 7:
        raise ValueError(cell)
    return value


def _number_of(reading: Reading, name: str, table: dict[str, int]) -> pa.Array:
    values, failed = mapped(reading.raw(name), lambda cell: _coded(table, cell), pa.int64())
    reading.tell(
        failed,
        "warning",
        name,
        "unknown-code",
        "{value} is no code of UNSDI-T; taken as not said.",
        "See the list of codes.",
    )
    return pc.fill_null(values, 0)


def normalise(reading: Reading) -> None:
    out = reading.out
    out["name"] = pc.coalesce(reading.text("name", 200), reading.text("route_name", 200))
    highway, _ = mapped(reading.raw("highway"), lambda cell: HIGHWAY.get(cell, 0), pa.int64())
    own = _number_of(reading, "road_class", CLASS)
    out["road_class"] = pc.if_else(pc.equal(own, 0), pc.fill_null(highway, 0), own)
    out["surface"] = _number_of(reading, "surface", SURFACE)
    out["condition"] = _number_of(reading, "condition", {"rough": 1, "smooth": 2, "snow": 3, "mud": 4})
    out["seasonal"] = _number_of(reading, "seasonal", {"yes": 1, "no": 2})
    for name in PRACTICABILITY:
        out[name] = _number_of(reading, name, VEHICLES)
    out["op_status"] = reading.code("op_status", STATUS, "unknown-status", "status of UNSDI-T", default="unspecified")
    read_tags(reading)
    security, _ = mapped(reading.raw("security"), lambda cell: SECURITY.get(plain(cell)), pa.string())
    out["security"] = security
    out["speed_kmh"], _ = mapped(reading.raw("speed"), _speed, pa.float64())
    for name in ("bridge", "tunnel", "oneway"):
        values, _ = mapped(reading.raw(name), _flag, pa.bool_())
        out[name] = pc.fill_null(values, fill_value=False)
    if reading.has("junction"):
        ring = pc.fill_null(pc.is_in(reading.raw("junction"), pa.array(["roundabout", "circular"])), fill_value=False)
        out["oneway"] = pc.or_(out["oneway"], pc.and_(ring, pc.is_null(reading.raw("oneway"))))
    _turn_round(reading)
    shapes(reading, "line")
    geoms = shapely.from_wkb(out["geom"].to_pylist())
    out["length_km"] = pa.array(geometry.length_km(geoms))
    out["source_key"] = pc.coalesce(reading.text("source_key", 120), reading.digest("name", "length_km", "geom"))


def _flag(cell: str) -> bool:
    """Whether a tag says yes; lanes that change their direction are no one-way road."""
    try:
        return truth(cell)
    except ValueError:
        return cell not in ("", "no", "F", "reversible", "alternating")


def _speed(cell: str) -> float:
    """km/h of a speed limit: a number, or one in miles an hour; words such as `none` are not said."""
    word = cell.lower()
    return number(word.removesuffix("mph")) * MPH if word.endswith("mph") else number(word.removesuffix("km/h"))


def _turn_round(reading: Reading) -> None:
    """Roads that are one-way against the way they are drawn (OpenStreetMap's oneway=-1) are drawn the other way."""
    back = pc.fill_null(pc.is_in(reading.raw("oneway"), pa.array(BACKWARD)), fill_value=False)
    if reading.batch.geoms is not None and pc.any(back).as_py():
        mask = np.asarray(back)
        geoms = np.array(reading.batch.geoms, dtype=object)
        geoms[mask] = shapely.reverse(geoms[mask])
        reading.batch = Rows(reading.batch.columns, reading.batch.rows, geoms)


KIND = Kind(
    key="roads",
    title="Roads",
    handling="CLEAR",
    tables=("road",),
    reads=("vector", "osm"),
    wanted=(
        Wanted("source_key", ("source_key", "segment id", "segid", "sourceid", "full_id", "osm_way_id", "osm_id", "id")), Wanted("name", ("name", "onme", "road name")),
        Wanted("route_name", ("rtenme", "ref", "route", "roadid")), Wanted("road_class", ("fclass", "road_class", "class")), Wanted("highway", ("highway",)),
        Wanted("surface", ("srftpe", "surface")), Wanted("condition", ("srfcond", "condition")), Wanted("seasonal", ("isseasonal", "seasonal")),
        Wanted("practicability", ("curntprac", "practicability")),
        Wanted("practicability_dry", ("gdwthrprac", "practicability_dry")), Wanted("practicability_wet", ("bdwthrprac", "practicability_wet")), Wanted("op_status", ("opstatus", "op_status", "status")), Wanted("security", ("sec", "security")),
        Wanted("speed", ("curntspeed", "gnralspeed", "speedlimit", "maxspeed", "speed_kmh")), Wanted("bridge", ("bridge",)), Wanted("tunnel", ("tunnel",)), Wanted("oneway", ("oneway",)),
        Wanted("junction", ("junction",)), *WANTED,
    ),
    staged=texts("source_key", "name", "op_status", "security")
    | wholes("road_class", "surface", "condition", "seasonal", "practicability", "practicability_dry", "practicability_wet")
    | numbers("speed_kmh", "length_km")
    | flags("bridge", "tunnel", "oneway")
    | {"geom": "geometry"},
    normalise=normalise,
    lands=Landing(
        "road",
        same("source_key", "name", "security", "speed_kmh", "length_km")
        | {name: f"coalesce(s.{name}, 0)::smallint" for name in CODED}
        | {name: f"coalesce(s.{name}, false)" for name in FLAGS}
        | {"op_status": "coalesce(s.op_status, 'unspecified')", "geom": GEOM},
        identity=Identity("road", both("name") | {"class": ("nullif(t.road_class, 0)", "nullif(s.road_class, 0)")}, "t.geom"),
    ),
    marks=("road_class", "highway", "surface"),
    in_operation=False,
    endless=True,
    shape="line",
    prefer=("highway", "fclass"),
)  # fmt: skip
