"""What was seen of roads: by the road's number, by its name, or by a place on it; in UNSDI-T's or Logistics Cluster's words."""

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import RefusedFile, Wanted, has_columns
from geoapp.ingest.fields import date, key, period, words
from geoapp.ingest.kind import Kind
from geoapp.ingest.locations import WANTED as LOCATIONS
from geoapp.ingest.locations import missing_columns, place
from geoapp.ingest.parse import integer, plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import dates, texts, wholes

MOST_STALE = 3650


def vehicles(cell: str) -> int:
    """A vehicle class of UNSDI-T, by number or words. Raises ValueError."""
    found = words("vehicle_classes").get(plain(cell))
    if found is None:
        raise ValueError(cell)
    return int(found)


def days(cell: str) -> int:
    """Days after which a report is stale, 1 to ten years. Raises ValueError."""
    value = integer(cell.casefold().removesuffix("days").removesuffix("day"))
    if not 1 <= value <= MOST_STALE:
        raise ValueError(cell)
    return value


def normalise(reading: Reading) -> None:
    out = reading.out
    if not (reading.has("road") or reading.has("road_name")) and missing_columns(reading):
        raise RefusedFile(
            "missing-columns", f"No column says which road. {has_columns(reading.headers)}",
            "Add the road's number or name, or two columns with decimal degrees.",
        )  # fmt: skip
    out["road"], out["road_name"] = reading.text("road", 120), reading.text("road_name", 200)
    out["op_status"] = reading.code(
        "op_status", words("road_status"), "unknown-status", "status of a road", severity="error"
    )
    reading.need("op_status", "The report says no status.", "Say open, restricted or closed.")
    out["practicability"] = reading.parsed(
        "practicability", vehicles, pa.int64(), "unknown-vehicle", "vehicle class of UNSDI-T; taken as not said",
        "Write 1 to 6, or words such as light truck.", "warning",
    )  # fmt: skip
    out["reason"] = reading.code(
        "reason", words("constraint_categories"), "unknown-category", "category of the AMRF; taken as not said"
    )
    out["source"], out["note"] = reading.text("source", 500), reading.text("note", 4000)
    out["observed_on"] = date(reading, "observed_on")
    reading.need("observed_on", "The report does not say when the road was seen.", "Fill in the day.")
    period(reading, "valid_from", "valid_to")
    # one that says no first day holds from the day on which the road was seen
    out["valid_from"] = pc.coalesce(out["valid_from"], out["observed_on"])
    over = pc.fill_null(pc.less(out["valid_to"], out["valid_from"]), fill_value=False)
    reading.tell(
        over.to_numpy(zero_copy_only=False), "error", "valid_to", "ends-before-it-begins",
        "It ends on {value}, before the road was seen.", "Correct the dates, or fill in the first day.",
    )  # fmt: skip
    out["stale_days"] = reading.parsed(
        "stale_days", days, pa.int64(), "not-a-number", f"number of days from 1 to {MOST_STALE:,}", "Write digits only."
    )
    place(reading, "point", "line")
    nothing = pc.and_(pc.is_null(out["geom"]), pc.and_(pc.is_null(out["road"]), pc.is_null(out["road_name"])))
    reading.tell(
        nothing.to_numpy(zero_copy_only=False), "error", "road", "no-road", "The row names no road and no place.",
        "Fill in the road's number or name, or coordinates.",
    )  # fmt: skip
    key(reading, "road", "road_name", "geom", "observed_on", "source")


KIND = Kind(
    key="road_reports",
    title="Reports on roads",
    handling="GREEN",
    tables=("road_report",),
    reads=("table", "vector"),
    wanted=(
        Wanted("op_status", ("op_status", "opstatus", "status", "road status", "access", "accessibility", "condition", "etat"), ("#access+status", "#status"), required=True),
        Wanted("observed_on", ("observed_on", "observed", "date observed", "seen on", "report date", "date", "last update", "updated", "fecha"), ("#date+observed", "#date+reported", "#date"), required=True),
        Wanted("source_key", ("report id", "report_id", "report no", "report number", "source_key", "id"), ("#meta+id",)),
        Wanted("road", ("road", "road id", "road_id", "roadid", "road_key", "sourceid", "segment", "segment id", "segid", "osm_id", "record"), ("#loc+code", "#loc+id")),
        Wanted("road_name", ("road_name", "road name", "name", "onme", "rtenme", "route", "axis", "axe"), ("#loc+name",)),
        Wanted("practicability", ("practicability", "curntprac", "passable for", "vehicle class", "vehicles", "vehicle type"), ("#access+vehicle",)),
        Wanted("reason", ("reason", "cause", "constraint", "category"), ("#access+reason",)), Wanted("source", ("source", "according to", "reported by"), ("#meta+source",)),
        Wanted("valid_from", ("valid_from", "date_from", "start", "from", "since"), ("#date+start",)), Wanted("valid_to", ("valid_to", "date_to", "end", "until", "to"), ("#date+end",)),
        Wanted("stale_days", ("stale_days", "stale after", "stale after days"), ("#meta+stale",)), Wanted("note", ("note", "notes", "description", "remarks", "comment", "comments"), ("#description",)),
        *LOCATIONS,
    ),
    staged=texts("source_key", "road", "road_name", "op_status", "reason", "source", "note")
    | wholes("practicability", "stale_days")
    | dates("observed_on", "valid_from", "valid_to")
    | {"geom": "geometry"},
    normalise=normalise,
    lands="geoapp.ingest.load_road_reports:road_reports",
    marks=("op_status", "observed_on", "road"),
    prefer=("op_status", "opstatus"),
)  # fmt: skip
