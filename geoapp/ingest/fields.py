"""The fields that several kinds have: dates and periods, handling, keys, and the words of the reference lists."""

import csv
from collections.abc import Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.codes import FOLDER as CODES
from geoapp.ingest import parse, spreadsheet_damage
from geoapp.ingest.columns import Wanted
from geoapp.ingest.reading import Reading
from geoapp.ingest.report import Severity

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
    "clear": "CLEAR", "white": "CLEAR", "green": "GREEN", "amber": "AMBER", "amber strict": "AMBER+STRICT", "red": "RED"
}  # fmt: skip


@cache
def words(name: str) -> Mapping[str, str]:
    """Plain word → code of a reference list: by code, label and synonyms."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, str] = {}
    for row in rows:
        for word in (row["code"], row["label"], *(row.get("synonyms") or "").split("|")):
            if parse.plain(word):
                found.setdefault(parse.plain(word), row["code"])
    return found


def date(reading: Reading, name: str, severity: Severity = "error") -> pa.Array:
    """A column of dates; the order of day and month is settled by the column, or told as a finding."""
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
    return reading.parsed(
        name, parse.day(order or "dmy"), pa.date32(), "not-a-date", "date", "Write it as 2026-10-18.", severity
    )


def _refuse_ambiguous(text: str) -> bool:
    if parse.is_numeric_date(text):
        raise ValueError(text)
    return True


def period(reading: Reading, start: str, end: str) -> None:
    """Stage two dates; a row that ends before it begins is rejected."""
    reading.out[start], reading.out[end] = date(reading, start), date(reading, end)
    backwards = pc.fill_null(pc.less(reading.out[end], reading.out[start]), fill_value=False)
    reading.tell(
        backwards.to_numpy(zero_copy_only=False), "error", end, "ends-before-it-begins",
        "It ends on {value}, before it begins.", "Correct the dates.",
    )  # fmt: skip


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
    reading.out["source_key"] = pc.coalesce(own, reading.digest(*names))
