"""Events that a source took back: ACLED's feed of deleted events, or a plain list of their numbers."""

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import Wanted
from geoapp.ingest.kind import Kind
from geoapp.ingest.parse import moments
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import texts


def normalise(reading: Reading) -> None:
    out = reading.out
    out["source"] = reading.constant(reading.source)
    out["source_event_id"] = reading.long_text("id")
    out["deleted_ts"] = pa.nulls(len(reading.batch), pa.string())
    if reading.has("deleted"):
        out["deleted_ts"], bad = moments(reading.raw("deleted"))
        reading.tell(
            bad, "error", "deleted", "not-a-moment", "{value} is no moment.", "Leave it as the source gave it."
        )
        empty = pc.is_null(out["deleted_ts"]).to_numpy(zero_copy_only=False) & ~bad
        reading.tell(
            empty, "error", "deleted", "no-moment", "The row does not say when the event was deleted.", "Fill it in."
        )
    reading.need("source_event_id", "The row names no event.", "Fill in its number.")


KIND = Kind(
    key="deletions",
    title="Deleted events of a source",
    handling="AMBER",
    tables=("incident", "incident_bin", "incident_tally"),
    reads=("table",),
    wanted=(
        Wanted("id", ("event_id_cnty", "event id", "source event id", "incident id", "data_id", "id"), ("#event+id", "#event+code"), required=True),
        Wanted("deleted", ("deleted_timestamp", "deleted at", "deleted on", "deleted", "timestamp"), ("#date+deleted",)),
    ),
    staged=texts("source", "source_event_id")
    | {"deleted_ts": "moment"},
    normalise=normalise,
    lands="geoapp.ingest.load_deletions:deletions",
    marks=("id", "deleted"),
    source=lambda headers: "acled",
    by_index=True,
    one_column="id",
)  # fmt: skip
