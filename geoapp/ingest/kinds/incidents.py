"""Incidents: ACLED, UCDP GED, the lists about aid work and plain lists, to one core with its precision."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest import pcodes
from geoapp.ingest.columns import RefusedFile, Wanted, has_columns
from geoapp.ingest.fields import date, serial
from geoapp.ingest.kind import Kind
from geoapp.ingest.kinds import incidents_acled, incidents_aid
from geoapp.ingest.kinds.incidents_acled import actors, precision
from geoapp.ingest.locations import WANTED as LOCATIONS
from geoapp.ingest.locations import missing_columns, no_better, point
from geoapp.ingest.parse import mapped, plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import coded, dates, flags, numbers, texts, wholes

UCDP_PLACE = {1: "settlement", 2: "near", 3: "adm2", 4: "adm1", 5: "adm1", 6: "country", 7: "country"}
"""UCDP where_prec: 1 is the exact name of a place, mostly a village, so it counts as the settlement; 2 within 25 km;
3 the district; 4 and 5 the province or a line or area; 6 and 7 no better than the country."""
UCDP_TIME = {1: "day", 2: "week", 3: "week", 4: "month", 5: "unknown"}
UCDP_TYPE = {1: "State-based violence", 2: "Non-state violence", 3: "One-sided violence"}


def recognised(headers: Sequence[str]) -> str:
    """Whose columns these are: `acled`, `ucdp`, `awsd`, `sind`, else `list`."""
    names = {plain(h) for h in headers}
    if "event type" in names and (names & {"event id cnty", "data id"} or {"actor1", "inter1"} <= names):
        return "acled"
    if {"type of violence", "where prec"} <= names:
        return "ucdp"
    if names >= incidents_aid.AWSD:
        return "awsd"
    return "sind" if names >= incidents_aid.SIND else "list"


def normalise(reading: Reading) -> None:
    columns = {
        "acled": incidents_acled.acled,
        "ucdp": _ucdp,
        "awsd": incidents_aid.awsd,
        "sind": incidents_aid.sind,
        "list": _list,
    }
    columns[recognised(reading.headers)](reading)
    out = reading.out
    out["geo_precision"] = no_better(reading, out["geo_precision"])
    reading.need(
        "source_event_id", "The row has no number of its own.", "It is needed to update rather than repeat it."
    )
    reading.need("occurred_from", "The row has no date.", "Fill it in.")
    out["source"] = pc.coalesce(reading.constant(reading.source), reading.constant("list"))
    backwards = pc.fill_null(pc.less(out["occurred_to"], out["occurred_from"]), fill_value=False)
    reading.tell(
        backwards.to_numpy(zero_copy_only=False),
        "error",
        "occurred_to",
        "ends-before-it-begins",
        "It ends before it begins.",
        "Correct the dates.",
    )
    negative = pc.fill_null(pc.less(out["fatalities"], 0), fill_value=False).to_numpy(zero_copy_only=False)
    reading.tell(negative, "error", "fatalities", "negative-number", "{value} deaths cannot be.", "Correct the number.")


def _no(cell: str) -> str:
    raise ValueError(cell)


def _ucdp(reading: Reading) -> None:
    out = reading.out
    out["source_event_id"] = reading.long_text("ucdp_id")
    out["occurred_from"], out["occurred_to"] = date(reading, "date_start"), date(reading, "date_end")
    out["source_ts"] = pa.nulls(len(reading.batch), pa.string())
    out["time_precision"] = precision(reading, "date_prec", UCDP_TIME, "unknown")
    out["geo_precision"] = precision(reading, "where_prec", UCDP_PLACE, "country")
    point(reading)
    out["admin1"], out["admin2"] = _bare(reading, "adm_1"), _bare(reading, "adm_2")
    out["location"], out["country"] = reading.text("where", 300), reading.text("country", 100)
    out["event_type"], bad = mapped(
        reading.raw("violence"),
        lambda cell: UCDP_TYPE[int(float(cell))] if int(float(cell)) in UCDP_TYPE else _no(cell),
        pa.string(),
    )
    reading.tell(
        bad,
        "error",
        "violence",
        "unknown-event-type",
        "{value} is no type of violence (1, 2 or 3).",
        "See the codebook.",
    )
    out["sub_event_type"] = reading.text("conflict", 300)
    out["taxonomy"] = reading.constant("ucdp")
    out["actors"] = actors(reading, (("side_a", "nothing"), ("side_b", "nothing")))
    out["fatalities"] = reading.integer("best", "warning")
    low, high = reading.integer("low", "warning"), reading.integer("high", "warning")
    odd = pc.fill_null(pc.or_(pc.less(out["fatalities"], low), pc.greater(out["fatalities"], high)), fill_value=False)
    reading.tell(
        odd.to_numpy(zero_copy_only=False),
        "warning",
        "best",
        "estimate-outside",
        "The best estimate {value} lies outside low and high.",
        "Check the row.",
    )
    out["civilian_targeting"] = pc.equal(out["event_type"], UCDP_TYPE[3])
    out["notes"] = reading.long_text("headline")
    out["source_names"] = reading.text("article", 1000)
    out["pcode"] = pa.nulls(len(reading.batch), pa.string())
    out["redistributable"] = reading.constant(value=True, type_=pa.bool_())


def _bare(reading: Reading, name: str) -> pa.Array:
    """A unit's name without the word that says what it is ("Haut-Mbomou prefecture")."""
    tails = (" prefecture", " sub-prefecture", " district", " region", " province", " state", " county")

    def read(cell: str) -> str:
        for tail in sorted(tails, key=len, reverse=True):
            cell = cell[: -len(tail)] if cell.lower().endswith(tail) else cell
        return cell[:200]

    return mapped(reading.raw(name), read, pa.string())[0]


def _list(reading: Reading) -> None:
    pcodes.recognise(reading, {2: "pcode"}, {"admin2": 2, "location": 2})
    missing = [n for n in ("date", "event_type") if not reading.has(n)]
    wanted = [*(w.replace("_", " ") for w in missing), *missing_columns(reading)]
    if wanted:
        raise RefusedFile(
            "missing-columns", f"Columns are missing: {', '.join(wanted)}. {has_columns(reading.headers)}",
            "A list needs a date, what happened, and where (ACLED and UCDP files are recognised by their columns).",
        )  # fmt: skip
    out, n = reading.out, len(reading.batch)
    out["occurred_from"] = out["occurred_to"] = date(reading, "date")
    out["source_ts"] = pa.nulls(n, pa.string())
    out["time_precision"] = reading.constant("day")
    point(reading)
    out["geo_precision"] = reading.constant("settlement")
    for staged in ("admin1", "admin2", "location", "country"):
        out[staged] = reading.text(staged, 200)
    out["event_type"] = reading.text("event_type", 120)
    out["sub_event_type"] = reading.text("sub_event_type", 120)
    out["taxonomy"] = reading.constant("local")
    out["actors"] = actors(reading, (("actor1", "inter1"), ("actor2", "inter2")))
    out["fatalities"] = reading.integer("fatalities", "warning")
    out["civilian_targeting"] = pa.nulls(n, pa.bool_())
    out["notes"] = reading.long_text("notes")
    out["source_names"] = reading.text("source_names", 1000)
    out["pcode"] = reading.text("pcode", 30)
    out["redistributable"] = reading.constant(value=True, type_=pa.bool_())
    # a map file has no plain list's names, so that its column `id` was taken for the one that UCDP calls so
    name = "id" if reading.has("id") else "ucdp_id"
    own = pa.nulls(n, pa.string()) if serial(reading, name) else reading.long_text(name)
    out["source_event_id"] = pc.coalesce(own, reading.digest("occurred_from", "event_type", "lon", "lat", "notes"))
    reading.need("event_type", "The row does not say what happened.", "Fill it in.")


LISTED = ("id", "date", "event_type", "sub_event_type", "actor1", "inter1", "actor2", "inter2", "country", "admin1",
          "admin2", "pcode", "location", "fatalities", "notes", "source_names", *(w.name for w in LOCATIONS))  # fmt: skip
"""What a plain list can say."""

KIND = Kind(
    key="incidents",
    title="Incidents",
    handling="AMBER",
    tables=("incident", "incident_bin", "incident_tally"),
    reads=("table", "vector"),
    wanted=(
        *incidents_aid.WANTED,
        Wanted("event_id", ("event_id_cnty",)), Wanted("data_id", ("data_id",)), Wanted("ucdp_id", ("id",)),
        Wanted("id", ("event id", "incident id", "incident number", "sind event id", "reference", "ref", "id", "no", "number"), ("#event+id", "#event+code")),
        Wanted("date", ("event_date", "date", "incident date", "date of incident", "fecha", "occurred", "when", "day of incident", "تاريخ"), ("#date+occurred", "#date")),
        Wanted("date_start", ("date_start",)), Wanted("date_end", ("date_end",)), Wanted("date_prec", ("date_prec",)),
        Wanted("where_prec", ("where_prec",)), Wanted("violence", ("type_of_violence",)), Wanted("conflict", ("dyad_name", "conflict_name")),
        Wanted("side_a", ("side_a",)), Wanted("side_b", ("side_b",)), Wanted("best", ("best",)), Wanted("low", ("low",)), Wanted("high", ("high",)),
        Wanted("headline", ("source_headline",)), Wanted("article", ("source_article",)), Wanted("where", ("where_coordinates", "where_description")),
        Wanted("adm_1", ("adm_1",)), Wanted("adm_2", ("adm_2",)),
        Wanted("time_precision", ("time_precision",)), Wanted("geo_precision", ("geo_precision",)), Wanted("timestamp", ("timestamp",)),
        Wanted("event_type", ("event_type", "type", "incident type", "event", "category", "type incident", "tipo", "what happened", "what", "nature of incident", "incident"), ("#event+type", "#event")),
        Wanted("sub_event_type", ("sub_event_type", "sub type", "subtype"), ("#event+subtype",)),
        Wanted("actor1", ("actor1", "reported perpetrator", "actor"), ("#group+perp", "#group")), Wanted("inter1", ("inter1",)),
        Wanted("actor2", ("actor2",)), Wanted("inter2", ("inter2",)),
        Wanted("country", ("country", "pays"), ("#country+name", "#country")), Wanted("admin1", ("admin1", "admin 1", "region", "province", "state"), ("#adm1+name", "#adm1")),
        Wanted("admin2", ("admin2", "admin 2", "district", "county"), ("#adm2+name", "#adm2")), Wanted("pcode", ("pcode", "admin2 pcode", "adm2 pcode"), ("#adm2+code",)),
        Wanted("location", ("location", "place", "village", "town", "lieu", "where", "locality"), ("#loc+name", "#loc")),
        Wanted("fatalities", ("fatalities", "killed", "deaths", "morts"), ("#affected+killed",)), Wanted("civilian_targeting", ("civilian_targeting",)),
        Wanted("notes", ("notes", "description", "event description", "details", "summary", "narrative", "comments", "remarks", "commentaires", "observations", "remarques", "descripcion"), ("#description", "#event+description")),
        Wanted("source_names", ("source", "sources"), ("#meta+source",)), *LOCATIONS,
    ),
    staged=texts("source", "source_event_id", "pcode", "admin1", "admin2", "location", "event_type", "sub_event_type", "taxonomy", "notes", "source_names", "country")
    | coded(time_precision="time_precision", geo_precision="geo_precision")
    | {"source_ts": "moment"}
    | dates("occurred_from", "occurred_to")
    | numbers("lon", "lat")
    | {"actors": "json"}
    | wholes("fatalities")
    | flags("civilian_targeting", "redistributable"),
    normalise=normalise,
    lands="geoapp.ingest.load_incidents:incidents",
    marks=("date", "event_type", "notes"),
    source=recognised,
    by_index=True,
    by_pcode=True,
    shape="point",
    guessed=LISTED,
    listed=lambda headers: recognised(headers) == "list",
)  # fmt: skip
