"""Explosive hazard areas from any vector file: suspected or confirmed, and how far their release has come."""

from geoapp.ingest.columns import Wanted
from geoapp.ingest.fields import date, key, words
from geoapp.ingest.kind import Identity, Kind, Landing, both
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import SHAPE, dates, same, texts


def normalise(reading: Reading) -> None:
    out = reading.out
    out["name"] = reading.text("name", 300)
    out["hazard_type"] = reading.code(
        "hazard_type", words("hazard_types"), "unknown-hazard-type", "hazard type (SHA or CHA)", default="SHA"
    )
    out["hazard_status"] = reading.code(
        "hazard_status", words("hazard_status"), "unknown-hazard-status", "state of release of the list", default="open"
    )
    out["hazards"], out["source"] = reading.text("hazards", 300), reading.text("source", 300)
    out["reported_on"] = date(reading, "reported_on", "warning")
    shapes(reading, "polygon")
    key(reading, "name", "hazard_type", "shape_hash")


KIND = Kind(
    key="hazards",
    title="Explosive hazards",
    handling="GREEN",
    tables=("footprint", "hazard_area"),
    reads=("vector",),
    wanted=(
        Wanted("source_key", ("source_key", "id", "hazard id", "ref", "haz_id")), Wanted("name", ("name", "area")),
        Wanted("hazard_type", ("hazard_type", "type", "haz_type", "hazard_typ")), Wanted("hazard_status", ("hazard_status", "status", "haz_status", "hazard_sta")),
        Wanted("hazards", ("hazards", "hazard", "ordnance", "contents")), Wanted("reported_on", ("reported_on", "reported", "report date", "date", "reported_o")),
        Wanted("source", ("source", "according to")),
    ),
    staged=texts("source_key", "name", "hazard_type", "hazard_status", "hazards", "source")
    | dates("reported_on")
    | SHAPE,
    normalise=normalise,
    lands=Landing(
        "hazard_area",
        same("source_key", "name", "hazard_type", "hazards", "reported_on", "source", "footprint_id")
        | {"hazard_status": "coalesce(s.hazard_status, 'open')"},
        footprint="'hazards'",
        identity=Identity("hazard_area", both("name", "hazard_type")),
    ),
    marks=("hazard_type", "hazard_status"),
    shape="polygon",
    prefer=("hazard_type", "haz_type"),
)  # fmt: skip
