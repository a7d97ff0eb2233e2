"""Areas of the UN Security Level System from any vector file: 1 to 6, I to VI, or Minimal to Extreme. No risk level is meant."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import Wanted
from geoapp.ingest.fields import key, period, words
from geoapp.ingest.kind import Identity, Kind, Landing, both
from geoapp.ingest.parse import plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import SHAPE, VALID, dates, same, texts, wholes

_BEFORE = re.compile(r"^(un )?((security )?level|sls|sla)( level| area)? ")


def level(cell: str) -> int:
    """1 to 6, as a number, a Roman numeral or its word, with or without `level` before it. Raises ValueError."""
    found = words("security_levels").get(_BEFORE.sub("", plain(cell)))
    if found is None or "-" in cell.strip()[:1]:
        raise ValueError(cell)
    return int(found)


def normalise(reading: Reading) -> None:
    out = reading.out
    out["name"] = pc.fill_null(reading.text("name", 300), "Security level area")
    out["security_level"] = reading.parsed(
        "security_level", level, pa.int64(), "outside-the-scale", "security level from 1 (I, Minimal) to 6 (VI, Extreme)",
        "Write the level as a number, a Roman numeral or its word.",
    )  # fmt: skip
    reading.need("security_level", "The area has no security level.", "Fill in 1 to 6.")
    out["source"] = reading.text("source", 500)
    period(reading, "valid_from", "valid_to")
    shapes(reading, "polygon")
    key(reading, "name", "valid_from", "shape_hash")


KIND = Kind(
    key="security_levels",
    title="UN security levels",
    handling="AMBER",
    tables=("footprint", "security_area"),
    reads=("vector",),
    wanted=(
        Wanted("security_level", ("security_level", "security level", "sls level", "un security level", "sec_level", "level", "sls"), required=True),
        Wanted("source_key", ("source_key", "id", "sls id", "ref")), Wanted("name", ("name", "sls area", "security area", "area", "title", "adm1_name", "adm2_name")),
        Wanted("valid_from", ("valid_from", "date_from", "start", "effective", "effective from", "from")),
        Wanted("valid_to", ("valid_to", "date_to", "end", "until", "to")), Wanted("source", ("source", "according to")),
    ),
    staged=texts("source_key", "name", "source")
    | wholes("security_level")
    | dates("valid_from", "valid_to")
    | SHAPE,
    normalise=normalise,
    lands=Landing(
        "security_area",
        same("source_key", "name", "source", "footprint_id")
        | {"security_level": "s.security_level::smallint", "valid": VALID},
        footprint="'security_levels'",
        identity=Identity("security_area", both("name", "security_level")),
    ),
    marks=("security_level",),
    shape="polygon",
    prefer=("security_level", "sec_level", "sls"),
)  # fmt: skip
