"""Pauses, corridors, notifications and ceasefires from any vector file: what was agreed, between whom, from when to when."""

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.codes import codes, ending_arrangements
from geoapp.ingest.columns import Wanted
from geoapp.ingest.fields import key, period, words
from geoapp.ingest.kind import Identity, Kind, Landing, both
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import SHAPE, VALID, dates, same, texts


def normalise(reading: Reading) -> None:
    out = reading.out
    out["arrangement_type"] = reading.code(
        "arrangement_type", words("arrangement_types"), "unknown-arrangement-type", "type of arrangement of the list",
        severity="error",
    )  # fmt: skip
    reading.need("arrangement_type", "The arrangement has no type.", "Say pause, corridor, notification, ceasefire …")
    called = pa.array([codes("arrangement_types").get(code or "") for code in out["arrangement_type"].to_pylist()])
    out["name"] = pc.coalesce(reading.text("name", 300), called.cast(pa.string()))
    out["parties"], out["source"] = reading.text("parties", 1000), reading.text("source", 500)
    out["note"] = reading.text("note", 4000)
    period(reading, "valid_from", "valid_to")
    ends = pc.is_in(out["arrangement_type"], pa.array(sorted(ending_arrangements()), pa.string()))
    reading.tell(
        pc.and_(ends, pc.is_null(out["valid_to"])).to_numpy(zero_copy_only=False), "error", "arrangement_type", "no-end",
        "An arrangement of the type {value} has a last day, and the row says none.", "Fill in the day on which it ends.",
    )  # fmt: skip
    shapes(reading, "polygon")
    key(reading, "name", "arrangement_type", "valid_from", "shape_hash")


KIND = Kind(
    key="arrangements",
    title="Pauses, corridors and other arrangements",
    handling="AMBER",
    tables=("footprint", "arrangement"),
    reads=("vector",),
    wanted=(
        Wanted("source_key", ("source_key", "id", "arrangement id", "ref", "arr_id")),
        Wanted("arrangement_type", ("arrangement_type", "arrangement type", "arrangement", "arr_type", "type", "kind")),
        Wanted("name", ("name", "title", "area")), Wanted("parties", ("parties", "agreed by", "between", "actors", "signatories")),
        Wanted("valid_from", ("valid_from", "date_from", "start", "start date", "begin", "from"), ("#date+start",)),
        Wanted("valid_to", ("valid_to", "date_to", "end", "end date", "until", "expires", "to"), ("#date+end",)),
        Wanted("source", ("source", "according to"), ("#meta+source",)), Wanted("note", ("note", "notes", "description", "remarks"), ("#description",)),
    ),
    staged=texts("source_key", "name", "arrangement_type", "parties", "source", "note")
    | dates("valid_from", "valid_to")
    | SHAPE,
    normalise=normalise,
    lands=Landing(
        "arrangement",
        same("source_key", "name", "arrangement_type", "parties", "source", "note", "footprint_id") | {"valid": VALID},
        footprint="'arrangements'",
        identity=Identity("arrangement", both("name", "arrangement_type", "parties")),
    ),
    marks=("arrangement_type", "parties"),
    shape="polygon",
    prefer=("arrangement_type", "arr_type", "parties"),
)  # fmt: skip
