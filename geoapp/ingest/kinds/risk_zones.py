"""Risk zones from any vector file: threat, likelihood and impact from 1 to 5, and an end, which is mandatory."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import RefusedFile, Wanted, has_columns
from geoapp.ingest.fields import key, period, words
from geoapp.ingest.kind import Kind
from geoapp.ingest.parse import integer, mapped, plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import SHAPE, dates, texts, wholes

SCALES = {
    "likelihood": {"very unlikely": 1, "unlikely": 2, "moderately likely": 3, "likely": 4, "very likely": 5},
    "impact": {"negligible": 1, "minor": 2, "moderate": 3, "severe": 4, "critical": 5},
}


def _grade(scale: dict[str, int], cell: str) -> int:
    value = scale.get(cell.lower().strip()) or integer(cell)
    if not 1 <= value <= 5:
        raise ValueError(cell)
    return value


def _level(cell: str) -> int:
    value = words("risk_levels").get(plain(cell)) or integer(cell)
    if not 1 <= int(value) <= 5:
        raise ValueError(cell)
    return int(value)


def normalise(reading: Reading) -> None:
    out = reading.out
    missing = [n for n in ("likelihood", "impact", "valid_to") if not reading.has(n)]
    if missing:
        raise RefusedFile(
            "missing-columns", f"Columns are missing: {', '.join(missing)}. {has_columns(reading.headers)}",
            "A risk zone needs likelihood and impact (1 to 5) and the day it ends.",
        )  # fmt: skip
    out["name"] = pc.fill_null(reading.text("name", 300), "Risk zone")
    out["threat_category"] = reading.code(
        "threat_category",
        words("threat_categories"),
        "unknown-threat",
        "threat category of the list",
        default="armed_conflict",
    )
    for name, scale in SCALES.items():
        out[name] = reading.parsed(
            name,
            partial(_grade, scale),
            pa.int64(),
            "outside-the-matrix",
            f"{name} from 1 to 5",
            "Grade it from 1 to 5.",
        )
        reading.need(name, f"The zone has no {name}.", "Grade it from 1 to 5.")
    out["residual_level"], bad = mapped(reading.raw("residual_level"), _level, pa.int64())
    reading.tell(
        bad, "warning", "residual_level", "unknown-level", "{value} is no level of risk; taken as not said.",
        "Write 1 (low) to 5 (unacceptable), or its word.",
    )  # fmt: skip
    out["time_of_day"] = reading.text("time_of_day", 100)
    unpublished, _ = mapped(reading.raw("status"), lambda cell: plain(cell) != "published", pa.bool_())
    reading.tell(
        np.asarray(pc.fill_null(unpublished, fill_value=False)), "error", "status", "not-published",
        "The zone is {value}: a file brings in published zones only.",
        "Leave it out, or write it here, where drafts are reviewed.",
    )  # fmt: skip
    out["applies_to"], out["basis"] = reading.text("applies_to", 200), reading.text("basis", 4000)
    period(reading, "valid_from", "valid_to")
    reading.need(
        "valid_to", "The zone has no end.", "Every risk zone ends, at most some weeks on; then it is looked at again."
    )
    shapes(reading, "polygon")
    key(reading, "name", "valid_from", "threat_category", "shape_hash")


KIND = Kind(
    key="risk_zones",
    title="Risk zones",
    handling="AMBER",
    tables=("footprint", "risk_zone"),
    reads=("vector",),
    wanted=(
        Wanted("source_key", ("source_key", "id", "zone id", "ref")), Wanted("name", ("name", "zone", "title")),
        Wanted("threat_category", ("threat_category", "threat", "category")), Wanted("likelihood", ("likelihood",)), Wanted("impact", ("impact",)),
        Wanted("applies_to", ("applies_to", "applies")), Wanted("basis", ("basis", "evidence", "reason", "description")),
        Wanted("valid_from", ("valid_from", "date_from", "start", "from", "begin")), Wanted("valid_to", ("valid_to", "date_to", "end", "until", "expires", "to")),
        Wanted("status", ("status", "zone status")), Wanted("time_of_day", ("time_of_day", "time of day", "hours")),
        Wanted("residual_level", ("residual_level", "residual risk", "residual")),
    ),
    staged=texts("source_key", "name", "threat_category", "applies_to", "basis", "time_of_day")
    | wholes("likelihood", "impact", "residual_level")
    | dates("valid_from", "valid_to")
    | SHAPE,
    normalise=normalise,
    lands="geoapp.ingest.load_places:risk_zones",
    marks=("likelihood", "impact", "valid_to"),
    shape="polygon",
    prefer=("likelihood",),
)  # fmt: skip
