"""Constraints on access in the nine categories of the AMRF: on an area, a way or a point, or on a unit by its P-code."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest import pcodes
from geoapp.ingest.columns import RefusedFile, Wanted, has_columns
from geoapp.ingest.fields import date, key, period, words
from geoapp.ingest.kind import Kind
from geoapp.ingest.locations import WANTED as LOCATIONS
from geoapp.ingest.locations import missing_columns, place
from geoapp.ingest.parse import integer, mapped, plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import dates, texts, wholes

THREE_STEPS = "low-medium-high"
_THREE = {"low": 1, "medium": 2, "high": 3}
"""OCHA's three steps keep the place of their words on the scale of 0 to 5: a high is told as high, not as extreme."""


def severity(cell: str) -> int:
    """0 to 5, as a number or a word of either scale. Raises ValueError."""
    word = plain(cell)
    found = words("access_severity").get(word)
    value = int(found) if found is not None else _THREE[word] if word in _THREE else integer(cell)
    if not 0 <= value <= 5:
        raise ValueError(cell)
    return value


def normalise(reading: Reading) -> None:
    out = reading.out
    pcodes.recognise(reading, dict.fromkeys((1, 2, 3), "pcode"), {"name": 2})
    if not reading.has("pcode") and missing_columns(reading):
        raise RefusedFile(
            "missing-columns", f"No column says where. {has_columns(reading.headers)}",
            "Add P-codes, or two columns with decimal degrees.",
        )  # fmt: skip
    out["name"], out["description"] = reading.text("name", 300), reading.text("description", 4000)
    out["category"] = reading.code(
        "category", words("constraint_categories"), "unknown-category", "category of the AMRF", severity="error"
    )
    reading.need("category", "The constraint has no category.", "Name one of the nine of the AMRF.")
    _which_movement(reading)
    out["severity"] = reading.parsed(
        "severity", severity, pa.int64(), "outside-the-scale", "severity from 0 (none) to 5 (extreme)",
        "Grade it from 0 to 5, or low, medium, high.",
    )  # fmt: skip
    reading.need("severity", "The constraint has no severity.", "Grade it from 0 to 5.")
    _scale(reading)
    out["reported_on"] = date(reading, "reported_on")
    reading.need("reported_on", "The row does not say when it was reported.", "Fill in the day.")
    period(reading, "valid_from", "valid_to")
    # one that says no first day holds from the day on which it was reported
    out["valid_from"] = pc.coalesce(out["valid_from"], out["reported_on"])
    over = pc.fill_null(pc.less(out["valid_to"], out["valid_from"]), fill_value=False)
    reading.tell(
        over.to_numpy(zero_copy_only=False), "error", "valid_to", "ends-before-it-begins",
        "It ends on {value}, before it was reported.", "Correct the dates, or fill in the first day.",
    )  # fmt: skip
    out["source"], out["pcode"] = reading.text("source", 500), pc.utf8_upper(reading.text("pcode", 30))
    place(reading, "point", "line", "polygon")
    nowhere = pc.and_(pc.is_null(out["geom"]), pc.is_null(out["pcode"]))
    reading.tell(
        nowhere.to_numpy(zero_copy_only=False), "error", "pcode", "no-place", "The row says no place.",
        "Fill in the P-code of the unit, or coordinates.",
    )  # fmt: skip
    key(reading, "category", "name", "pcode", "geom", "reported_on", "source")


def _which_movement(reading: Reading) -> None:
    """Tell the rows whose words fit two categories, movement into and within the country: a place in it means within."""
    _, unsaid = mapped(reading.raw("category"), _says_which_movement, pa.bool_())
    reading.tell(
        unsaid, "warning", "category", "category-two-ways",
        "{value} can be movement into or within the country; it was read as within, where its place is.",
        "Write 'into the country' or 'within the country'.",
    )  # fmt: skip


def _says_which_movement(cell: str) -> bool:
    words_of = set(plain(cell).split())
    if "movement" in words_of and not words_of & {"into", "within", "internal"}:
        raise ValueError(cell)
    return True


def _scale(reading: Reading) -> None:
    """Stage the scale that each row was graded on. Low and high belong to the three steps unless the file uses others."""
    grades, _ = mapped(reading.raw("severity"), plain, pa.string())
    cells = [cell or "" for cell in grades.to_pylist()]
    finer = any(cell and cell not in _THREE for cell in cells) and "medium" not in cells
    finer = reading.state.setdefault("finer", finer)
    three = np.array([cell == "medium" or (cell in _THREE and not finer) for cell in cells], dtype=bool)
    reading.out["scale"] = pa.array(np.where(three, THREE_STEPS, "0-5").tolist(), pa.string())
    if three.any() and not reading.state.get("told"):
        reading.state["told"] = True
        first = np.zeros(len(three), dtype=bool)
        first[np.flatnonzero(three)[0]] = True
        reading.tell(
            first, "warning", "severity", "three-steps",
            "The file grades low, medium, high; they were brought to 1, 2 and 3 of 0 to 5.",
            "Each row keeps the scale that it was graded on.",
        )  # fmt: skip


KIND = Kind(
    key="constraints",
    title="Constraints on access",
    handling="AMBER",
    tables=("access_constraint",),
    reads=("table", "vector"),
    wanted=(
        Wanted("category", ("category", "constraint category", "amrf category", "constraint type", "access constraint", "type of constraint", "constraint", "type", "categorie", "tipo de restriccion"), ("#access+category", "#access+type"), required=True),
        Wanted("severity", ("severity", "access severity", "severity level", "severite", "gravite", "severidad", "level"), ("#severity", "#access+severity"), required=True),
        Wanted("reported_on", ("reported_on", "reported", "report date", "date reported", "reporting date", "date of report", "date", "fecha"), ("#date+reported",), required=True),
        Wanted("source_key", ("source_key", "id", "constraint id", "ref", "con_id"), ("#meta+id",)), Wanted("name", ("name", "title", "location", "place"), ("#loc+name",)),
        Wanted("pcode", ("pcode", "p code", "admin2 pcode", "adm2 pcode", "admin2 p code", "adm1 pcode", "admin1 pcode", "adm3 pcode"), ("#adm+code", "#adm3+code", "#adm2+code", "#adm1+code")),
        Wanted("valid_from", ("valid_from", "date_from", "start", "start date", "from", "since"), ("#date+start",)), Wanted("valid_to", ("valid_to", "date_to", "end", "end date", "until", "to"), ("#date+end",)),
        Wanted("description", ("description", "details", "note", "notes", "comment", "comments"), ("#description",)), Wanted("source", ("source", "according to", "reported by"), ("#meta+source",)),
        *LOCATIONS,
    ),
    staged=texts("source_key", "name", "category", "scale", "pcode", "description", "source")
    | wholes("severity")
    | dates("reported_on", "valid_from", "valid_to")
    | {"geom": "geometry"},
    normalise=normalise,
    lands="geoapp.ingest.load_places:constraints",
    marks=("category", "severity", "reported_on"),
    by_pcode=True,
    prefer=("category", "severity"),
)  # fmt: skip
