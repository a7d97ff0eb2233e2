"""Areas of operation from any vector file: who, as what, from when to when, according to whom."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import Wanted
from geoapp.ingest.fields import key, period, words
from geoapp.ingest.kind import Kind
from geoapp.ingest.parse import mapped, truth
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import SHAPE, dates, flags, texts


def normalise(reading: Reading) -> None:
    out = reading.out
    out["actor"] = pc.coalesce(reading.text("actor", 300), reading.text("name", 300))
    out["name"], out["acronym"], out["parent"] = (
        reading.text("name", 300),
        reading.text("acronym", 60),
        reading.text("parent", 300),
    )
    out["origin"] = reading.code("origin", words("origins"), "unknown-origin", "origin of the list")
    out["domain"] = reading.code("domain", words("domains"), "unknown-domain", "domain of the list")
    out["kind"] = reading.code("kind", words("actor_kinds"), "unknown-kind", "kind of actor of the list")
    out["positioning"] = reading.code(
        "positioning",
        words("positioning"),
        "unknown-positioning",
        "kind of claim of the list",
        default="area_of_operations",
    )
    out["sector"] = reading.code("sector", words("sectors"), "unknown-sector", "sector of the list")
    out["activity"], out["source"] = reading.text("activity", 500), reading.text("source", 500)
    out["status"] = reading.code(
        "status", words("presence_status"), "unknown-status", "status of the list", default="active"
    )
    period(reading, "date_from", "date_to")
    letters = {c.lower(): c for c in "ABCDEF"} | {str(i): str(i) for i in range(1, 7)}
    out["reliability"] = reading.code("reliability", letters, "unknown-grade", "grade A to F")
    out["credibility"] = reading.code("credibility", letters, "unknown-grade", "grade 1 to 6")
    out["disputed"], _ = mapped(reading.raw("disputed"), truth, pa.bool_())
    shapes(reading, "polygon")
    reading.need("actor", "The area names no actor.", "Say who operates there.")
    unfit = np.array(
        [d == "civil" and p in ("patrol_area", "boundary")
         for d, p in zip(out["domain"].to_pylist(), out["positioning"].to_pylist(), strict=True)], dtype=bool,
    )  # fmt: skip
    reading.tell(
        unfit,
        "warning",
        "positioning",
        "civil-positioning",
        "A civil actor has no {value}; it was kept as an area of operations.",
        "Correct the kind of claim.",
    )
    key(reading, "actor", "name", "positioning", "sector", "date_from", "shape_hash")


_ACTOR = ("actor", "organisation", "organization", "unit", "force", "group", "org", "acteur")
KIND = Kind(
    key="areas",
    title="Areas of operation",
    handling="AMBER",
    tables=("footprint", "actor", "area", "area_part"),
    reads=("vector",),
    wanted=(
        Wanted("source_key", ("source_key", "id", "area id", "ref", "uid", "globalid"), ("#meta+id",)),
        Wanted("actor", _ACTOR, ("#org+name", "#org", "#group")), Wanted("name", ("name", "area", "title", "label")),
        Wanted("acronym", ("acronym", "short"), ("#org+acronym",)), Wanted("origin", ("origin",)), Wanted("domain", ("domain", "actor domain")),
        Wanted("kind", ("kind", "actor kind", "actor type", "type")), Wanted("parent", ("parent", "under", "higher command", "commanded by")),
        Wanted("positioning", ("positioning", "claim", "area type")), Wanted("sector", ("sector", "cluster"), ("#sector",)),
        Wanted("activity", ("activity", "mission", "task"), ("#activity",)), Wanted("status", ("status",), ("#status",)),
        Wanted("date_from", ("date_from", "begin", "start", "start date", "valid_from", "from", "timestamp"), ("#date+start",)),
        Wanted("date_to", ("date_to", "end", "end date", "valid_to", "to", "until"), ("#date+end",)),
        Wanted("source", ("source", "according to"), ("#meta+source",)), Wanted("reliability", ("reliability",)), Wanted("credibility", ("credibility",)),
        Wanted("disputed", ("disputed",)),
    ),
    staged=texts("source_key", "name", "actor", "acronym", "origin", "domain", "kind", "parent", "positioning", "sector", "activity", "status", "source", "reliability", "credibility")
    | dates("date_from", "date_to")
    | flags("disputed")
    | SHAPE,
    normalise=normalise,
    lands="geoapp.ingest.load_areas:areas",
    marks=("actor", "domain", "positioning"),
    shape="polygon",
    prefer=("actor", "organisation"),
)  # fmt: skip
