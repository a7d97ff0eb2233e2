"""Explosive hazard areas from any vector file: suspected or confirmed, and how far their release has come."""

from geoapp.ingest.columns import Wanted
from geoapp.ingest.kinds._base import Kind, Reading, words
from geoapp.ingest.kinds.areas import handling, key
from geoapp.ingest.staged import SHAPE, dates, texts


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
    out["reported_on"] = reading.date("reported_on", "warning")
    handling(reading)
    reading.shapes("polygon")
    key(reading, "name", "hazard_type", "shape_hash")


KIND = Kind(
    name="hazards",
    wanted=(
        Wanted("source_key", ("source_key", "id", "hazard id", "ref", "haz_id")), Wanted("name", ("name", "area")),
        Wanted("hazard_type", ("hazard_type", "type", "haz_type", "hazard_typ")), Wanted("hazard_status", ("hazard_status", "status", "haz_status", "hazard_sta")),
        Wanted("hazards", ("hazards", "hazard", "ordnance", "contents")), Wanted("reported_on", ("reported_on", "reported", "report date", "date", "reported_o")),
        Wanted("source", ("source", "according to")), Wanted("handling", ("handling", "tlp")),
    ),
    staged=texts("source_key", "name", "hazard_type", "hazard_status", "hazards", "source", "handling")
    | dates("reported_on")
    | SHAPE,
    normalise=normalise,
    shape="polygon",
    prefer=("hazard_type", "haz_type"),
)  # fmt: skip
