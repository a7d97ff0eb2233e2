"""The fields that several kinds have: dates and periods, handling, keys, and the words of the reference lists."""

import csv
from collections.abc import Mapping
from datetime import date as day
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.codes import FOLDER as CODES
from geoapp.ingest import parse, spreadsheet_damage
from geoapp.ingest.columns import RefusedFile, Wanted
from geoapp.ingest.reading import Reading
from geoapp.ingest.report import Finding, Severity

HANDLING = Wanted(
    "handling",
    (
        "handling", "tlp", "tlp level", "tlp color", "tlp colour", "tlp marking", "traffic light protocol",
        "handling caveat", "classification", "marking", "sensitivity", "information sensitivity",
    ),
    ("#meta+handling", "#meta+tlp", "#meta+classification", "#meta+sensitivity"),
)  # fmt: skip
"""The column that every kind can have: who may see the row."""
LEVELS = {
    "clear": "CLEAR", "white": "CLEAR", "blanc": "CLEAR", "blanco": "CLEAR", "green": "GREEN", "vert": "GREEN",
    "verde": "GREEN", "amber": "AMBER", "ambre": "AMBER", "ambar": "AMBER", "amber strict": "AMBER+STRICT",
    "ambre strict": "AMBER+STRICT", "ambar strict": "AMBER+STRICT", "red": "RED", "rouge": "RED", "rojo": "RED",
}  # fmt: skip


@cache
def words(name: str) -> Mapping[str, str]:
    """Plain word → code of a reference list: by code, label, official name and synonyms."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, str] = {}
    for row in rows:
        for word in (row["code"], row["label"], row.get("official") or "", *(row.get("synonyms") or "").split("|")):
            if parse.plain(word):
                found.setdefault(parse.plain(word), row["code"])
    return found


FIRST, LAST = day(1800, 1, 1), day(2200, 1, 1)
"""Days outside of which a date is a mistake."""
NO_END = day(2900, 1, 1)
"""From this day on an end means that there is none: 9999-12-31, 2999-12-31."""


def open_end(values: pa.Array) -> pa.Array:
    """Days on which something ends, null where the day stands for no end."""
    return pc.if_else(pc.greater_equal(values, NO_END), None, values)


def date(reading: Reading, name: str, severity: Severity = "error", *, end: bool = False) -> pa.Array:
    """A column of dates; the order of day and month is settled by the column, or told as a finding.

    An `end` far in the future is no end; any other day that nobody can mean is told and null.
    """
    column = reading.raw(name)
    if reading.has(name):
        spreadsheet_damage.dates(reading, name)
    order = reading.state.get(f"order:{name}") or parse.order_of(column)
    if order:
        reading.state[f"order:{name}"] = order
    else:
        _, unclear = parse.mapped(column, _refuse_ambiguous, pa.bool_())
        reading.tell(
            unclear, "warning", name, "date-two-ways", "{value} can be two dates; it was read day first.",
            "Write dates as 2026-10-18.",
        )  # fmt: skip
    values = reading.parsed(
        name, parse.day(order or "dmy"), pa.date32(), "not-a-date", "date", "Write it as 2026-10-18.", severity
    )
    values = open_end(values) if end else values
    absurd = pc.fill_null(pc.or_(pc.less(values, FIRST), pc.greater_equal(values, LAST)), fill_value=False)
    reading.tell(
        absurd.to_numpy(zero_copy_only=False), severity, name, "date-out-of-range",
        "{value} is no day that can be meant.", "Correct the year.",
    )  # fmt: skip
    return pc.if_else(absurd, None, values)


def _refuse_ambiguous(text: str) -> bool:
    if parse.is_numeric_date(text):
        raise ValueError(text)
    return True


def period(reading: Reading, start: str, end: str) -> None:
    """Stage two dates; a row that ends before it begins is rejected."""
    reading.out[start], reading.out[end] = date(reading, start), date(reading, end, end=True)
    backwards = pc.fill_null(pc.less(reading.out[end], reading.out[start]), fill_value=False)
    reading.tell(
        backwards.to_numpy(zero_copy_only=False), "error", end, "ends-before-it-begins",
        "It ends on {value}, before it begins.", "Correct the dates.",
    )  # fmt: skip


_VAGUE = {"classification", "marking", "sensitivity", "information sensitivity"}
"""Headers under which there may be something else than a marking."""
_TLP = r"(?i)^\s*tlp\s*[:\s_-]\s*[a-z]"
_ABOUT = {"classification", "marking", "sensitivity", "confidential", "confidentiality", "confidentialite", "confidencialidad",
          "caveat", "releasability", "dissemination", "distribution", "diffusion", "secrecy"}  # fmt: skip
"""Words of headers under which a marking of another system is one, though the column was taken for nothing."""
_MARKED = (
    r"(?i)\b(secret|secreto|confidential|confidentiel|confidencial|restricted|restreinte?|reservado|unclassified|noforn"
    r"|rel to|official[ -]sensitive|eyes only|internal use|not for (distribution|publication|release))\b"
)
_OF_A_BODY = (
    r"(?i)^\s*(((cosmic|nato|otan|eu|ue|un|us|uk)\s+(top secret|secret|confidential|confidentiel|restricted|restreint"
    r"|unclassified))|top secret|diffusion restreinte|official[ -]sensitive)\s*$"
)
"""Cells that are a marking under any header."""


def settle_marking(reading: Reading) -> None:
    """Find the column that says who may see a row, by its content too: cells `TLP:…` are a marking under any header.

    The first batch settles it for the file. Raises RefusedFile when cells look like a marking that cannot be read.
    """
    places = {name: place for name, place in reading.places.items() if name != "handling"}
    if "marking" not in reading.state:
        reading.state["marking"] = _marking(reading, reading.places.get("handling"), set(places.values()))
    found = reading.state["marking"]
    reading.places = places if found is None else {**places, "handling": found}


def _marking(reading: Reading, found: int | None, taken: set[int]) -> int | None:
    header = parse.plain(reading.headers[found]) if found is not None else ""
    if found is not None and not any(word in header.split() for word in _VAGUE):
        return found
    for place, column in enumerate(reading.batch.columns[: len(reading.headers)]):
        if place in taken or pa.types.is_null(column.type):
            continue
        cells = pc.drop_null(pc.unique(column))
        if pc.any(pc.match_substring_regex(cells, _TLP)).as_py():
            return place
        about = place == found or not _ABOUT.isdisjoint(parse.plain(reading.headers[place]).split())
        said = {parse.plain(cell).removeprefix("tlp ") for cell in cells.to_pylist()} if about else set()
        if said and (said <= LEVELS.keys() or (place == found and said & LEVELS.keys())):
            return place
        if pc.any(pc.match_substring_regex(cells, _MARKED if about else _OF_A_BODY)).as_py():
            raise RefusedFile(
                "marking-not-read", f"The column {reading.headers[place]!r} holds markings that are no TLP levels, so it is"
                " not known who may see its rows.",
                "Write CLEAR, GREEN, AMBER, AMBER+STRICT or RED in it, or leave it out if it is no marking.",
            )  # fmt: skip
    return None


def handling(reading: Reading, usual: str) -> None:
    """Stage the rows' own TLP, `usual` where a row says none; `TLP:WHITE` is today's CLEAR.

    An unknown word is RED until somebody looks.
    """

    def read(cell: str) -> str:
        found = LEVELS.get(parse.plain(cell).removeprefix("tlp "))
        if found is None:
            raise ValueError(cell)
        return found

    values, failed = parse.mapped(reading.raw("handling"), read, pa.string())
    reading.tell(
        failed, "warning", "handling", "unknown-handling", "{value} is no TLP level; the row is held as RED.",
        "Write CLEAR, GREEN, AMBER, AMBER+STRICT or RED.",
    )  # fmt: skip
    reading.out["handling"] = pc.fill_null(pc.if_else(pa.array(failed), "RED", values), usual)


def key(reading: Reading, *names: str) -> None:
    """Stage `source_key`: the file's own number where it has one, else made of what identifies the row."""
    own = reading.text("source_key", 120)
    if serial(reading, "source_key"):
        own = pa.nulls(len(own), pa.string())
    reading.out["source_key"] = pc.coalesce(own, reading.digest(*names))


SERIAL = {"id", "no", "nr", "n", "num", "number", "sn", "s n", "s no", "serial", "serial no", "serial number", "row", "fid",
          "objectid", "object id", "ogc fid", "gid", "index"}  # fmt: skip
"""Headers under which programs and people count the rows of a file."""


def serial(reading: Reading, name: str) -> bool:
    """Whether a column only counts the rows of its file, so that another file has the same numbers for other things. Told."""
    if not reading.has(name) or parse.plain(reading.headers[reading.places[name]]) not in SERIAL:
        return False
    if f"serial:{name}" not in reading.state:
        cells = [(cell or "").strip() for cell in reading.raw(name).to_pylist()]
        first = int(cells[0]) if cells and cells[0] in ("0", "1") else None
        counts = first is not None and len(cells) > 1 and cells == [str(first + n) for n in range(len(cells))]
        reading.state[f"serial:{name}"] = counts
        if counts:
            header = reading.headers[reading.places[name]]
            reading.findings.append(
                Finding(
                    "warning", None, header, "serial-numbers",
                    f"The column {header!r} only counts the rows, so that it does not tell what a row is: another file has"
                    " the same numbers. What is the same is told by the content of the rows.",
                    "Give rows an identifier of their own that stays with them, such as INC-2026-001.",
                )
            )  # fmt: skip
    return bool(reading.state[f"serial:{name}"])
