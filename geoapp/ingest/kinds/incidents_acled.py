"""ACLED in every column set it has had: of today, of before March 2023, of before 2019 without sub-event types, and with
one row per actor; its words in any case, and misspelt.
"""

import csv
from difflib import get_close_matches
from functools import cache

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.codes import FOLDER as CODES
from geoapp.ingest.fields import date
from geoapp.ingest.locations import point
from geoapp.ingest.parse import mapped, moments, plain, truth
from geoapp.ingest.reading import Reading
from geoapp.ingest.report import Finding, Severity

INTER = {
    "1": "State forces", "2": "Rebel group", "3": "Political militia", "4": "Identity militia", "5": "Rioters",
    "6": "Protesters", "7": "Civilians", "8": "External/Other forces",
}  # fmt: skip
KINDS = {plain(kind): kind for kind in INTER.values()} | {
    "rebel groups": "Rebel group", "rebel forces": "Rebel group", "political militias": "Political militia",
    "ethnic militia": "Identity militia", "identity militias": "Identity militia", "communal militia": "Identity militia",
    "protestors": "Protesters", "external forces": "External/Other forces", "other forces": "External/Other forces",
}  # fmt: skip
MISSPELT = {
    "violence against civilian": "violence against civilians", "battle": "battles",
    "remote violence": "explosions remote violence", "explosion remote violence": "explosions remote violence",
    "strategic development": "strategic developments", "protest": "protests", "riot": "riots",
    "excessive force against protestors": "excessive force against protesters",
    "shelling artillery missile attacks": "shelling artillery missile attack",
}  # fmt: skip
BEFORE_2019 = {
    "battle no change of territory": ("Battles", "Armed clash"),
    "battle government regains territory": ("Battles", "Government regains territory"),
    "battle non state actor overtakes territory": ("Battles", "Non-state actor overtakes territory"),
    "headquarters or base established": ("Strategic developments", "Headquarters or base established"),
    "non violent transfer of territory": ("Strategic developments", "Non-violent transfer of territory"),
    "riots protests": ("Riots", None),
}  # fmt: skip
"""Event types of the codebook that held before 2019, and what they are called since. Riots/Protests held both: which of
the two is said by the kind of the first actor."""
PLACE = {1: "settlement", 2: "near", 3: "adm1"}
"""ACLED codebook: 1 a town or coordinates of it, 2 part of a region near a town, 3 a larger region."""
TIME = {1: "day", 2: "week", 3: "month"}
ALIKE = 0.88
"""Letters in common from which a misspelt word is read as a known one; the report says so."""


@cache
def _events() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Plain word → event type, plain word → sub-event type, sub-event type → its event type."""
    with (CODES / "acled_events.csv").open(encoding="utf-8", newline="") as file:
        rows = [(r["event_type"], r["sub_event_type"]) for r in csv.DictReader(file)]
    types, subs = {plain(t): t for t, _ in rows}, {plain(s): s for _, s in rows}
    types |= {wrong: types[right] for wrong, right in MISSPELT.items() if right in types}
    subs |= {wrong: subs[right] for wrong, right in MISSPELT.items() if right in subs}
    return types | {old: new for old, (new, _) in BEFORE_2019.items()}, subs, {s: t for t, s in rows}


def acled(reading: Reading) -> None:
    """Stage rows in ACLED's columns."""
    out = reading.out
    types, subs, owner = _events()
    out["occurred_from"] = out["occurred_to"] = date(reading, "date")
    out["source_ts"], bad = moments(reading.raw("timestamp"))
    reading.tell(bad, "warning", "timestamp", "not-a-moment", "{value} is no timestamp.", "Leave it as ACLED gave it.")
    out["time_precision"] = precision(reading, "time_precision", TIME, "unknown")
    out["geo_precision"] = precision(reading, "geo_precision", PLACE, "adm1")
    point(reading)
    for staged in ("admin1", "admin2", "location", "country"):
        out[staged] = reading.text(staged, 200)
    out["actors"] = actors(reading, (("actor1", "inter1"), ("actor2", "inter2")))
    event_type = _word(reading, "event_type", types, "unknown-event-type", "event type of ACLED", "error")
    out["event_type"] = pc.if_else(_protests(reading), "Protests", event_type)
    told = _word(reading, "sub_event_type", subs, "unknown-sub-event-type", "sub-event type of ACLED", "warning")
    implied, _ = mapped(
        reading.raw("event_type"), lambda cell: BEFORE_2019.get(plain(cell), (None, None))[1], pa.string()
    )
    out["sub_event_type"] = pc.coalesce(told, implied)
    expected, _ = mapped(out["sub_event_type"], lambda sub: owner[sub], pa.string())
    differs = pc.fill_null(pc.not_equal(expected, out["event_type"]), fill_value=False).to_numpy(zero_copy_only=False)
    reading.tell(
        differs, "warning", "sub_event_type", "sub-type-of-another", "{value} belongs to another event type.",
        "Check the row.",
    )  # fmt: skip
    out["taxonomy"] = reading.constant("acled")
    out["fatalities"] = reading.integer("fatalities", "warning")
    out["civilian_targeting"], _ = mapped(reading.raw("civilian_targeting"), truth, pa.bool_())
    if reading.has("civilian_targeting"):
        out["civilian_targeting"] = pc.fill_null(out["civilian_targeting"], fill_value=False)
    out["notes"] = reading.long_text("notes")
    out["source_names"] = reading.text("source_names", 1000)
    out["pcode"] = pa.nulls(len(reading.batch), pa.string())
    out["redistributable"] = reading.constant(reading.source != "acled", pa.bool_())
    out["source_event_id"] = _ids(reading)


def _ids(reading: Reading) -> pa.Array:
    """ACLED's own number; of an extract without any, what tells an event from others."""
    for name in ("event_id", "data_id"):
        if reading.has(name):
            return reading.long_text(name)
    if not reading.state.setdefault("without_ids", False):
        reading.state["without_ids"] = True
        reading.findings.append(
            Finding(
                "warning", None, None, "no-event-ids",
                "The file has neither event_id_cnty nor data_id: a row that changes at the source will be a new event here.",
                "Export it with event_id_cnty.",
            )
        )  # fmt: skip
    return reading.digest("occurred_from", "event_type", "lon", "lat", "notes")


def _protests(reading: Reading) -> pa.Array:
    """Rows of the old type Riots/Protests whose first actor are protesters."""
    old, _ = mapped(reading.raw("event_type"), lambda cell: plain(cell) == "riots protests", pa.bool_())
    kinds, _ = mapped(reading.raw("inter1"), kind_of_party, pa.string())
    return pc.and_(pc.fill_null(old, fill_value=False), pc.fill_null(pc.equal(kinds, "Protesters"), fill_value=False))


def _word(
    reading: Reading, name: str, known: dict[str, str], code: str, what: str, severity: Severity
) -> pa.Array:  # fmt: skip
    """A column through a table of words; one that is nearly a known word is read as that, and told."""
    column = reading.raw(name)
    values, failed = mapped(column, lambda cell: known[plain(cell)] if plain(cell) in known else _no(cell), pa.string())
    if not failed.any():
        return values

    def near(cell: str) -> str:
        found = get_close_matches(plain(cell)[:80], known, 1, ALIKE)
        return known[found[0]] if found else _no(cell)

    mended, still = mapped(pc.if_else(pa.array(failed), column, None), near, pa.string())
    reading.tell(
        failed & ~still, "repaired", name, "misspelt", "{value} was read as the word of the list that it is nearly.",
        "Check that it is meant.",
    )  # fmt: skip
    reading.tell(still, severity, name, code, f"{{value}} is no {what}.", "Use one of the words of the list.")
    return pc.coalesce(values, mended)


def precision(reading: Reading, name: str, table: dict[int, str], default: str) -> pa.Array:
    """A column of precisions by a source's numbers."""
    values, failed = mapped(
        reading.raw(name), lambda cell: table[int(float(cell))] if int(float(cell)) in table else _no(cell), pa.string()
    )
    reading.tell(
        failed, "warning", name, "unknown-precision", f"{{value}} is no known precision; taken as {default}.",
        "See the codebook.",
    )  # fmt: skip
    return pc.fill_null(values, default)


def _no(cell: str) -> str:
    raise ValueError(cell)


def kind_of_party(cell: str) -> str | None:
    """What kind of party, from ACLED's number or its words; an unknown word as it is, 0 as nothing."""
    number = cell.removesuffix(".0")
    return None if number == "0" else INTER.get(number) or KINDS.get(plain(cell), cell)


def actors(reading: Reading, pairs: tuple[tuple[str, str], ...]) -> pa.Array:
    """The parties as JSON. First and second say nothing about who attacked whom (ACLED codebook)."""
    columns = [(reading.text(a, 300), reading.text(k, 60)) for a, k in pairs if reading.has(a)]
    if not columns:
        return reading.constant("[]")
    joined = pc.binary_join_element_wise(*(pc.fill_null(c, "") for pair in columns for c in pair), "\x1f")

    def build(cell: str) -> str:
        parts = cell.split("\x1f")
        people = [
            {"label": label, "role": "reported_party", "kind": (kind_of_party(kind) if kind else None) or ""}
            for label, kind in zip(parts[::2], parts[1::2], strict=True) if label
        ]  # fmt: skip
        return orjson.dumps(people).decode()

    encoded = pc.dictionary_encode(joined)
    built = pa.array([build(cell) for cell in encoded.dictionary.to_pylist()], pa.string())
    return built.take(encoded.indices) if len(reading.batch) else built
