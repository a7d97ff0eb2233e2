"""What did a spreadsheet do to this file? Cells it could not show, numbers it took apart, places it lost.

A few such cells are findings of their rows; a file that is like that as a whole is refused, with the reason.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoapp.ingest.columns import RefusedFile
from geoapp.ingest.reading import Reading

SHARE = 0.05
"""From this share of rows on it is the file that is damaged, not some rows of it."""
FEW = 3
"""Rows below which a pattern of places may be chance."""
NEEDED = {"date", "date_start", "date_end", "event_type", "event_id", "data_id", "ucdp_id", "id", "sind_id", "lat",
          "lon", "latlon", "mgrs", "easting", "northing", "utm_zone", "source_key", "deleted"}  # fmt: skip
IDS = {"event_id", "data_id", "ucdp_id", "id", "sind_id", "source_key"}
_ERROR = r"^#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|#+)$"
_SCIENTIFIC = r"^\d(\.\d+)?[eE]\+?\d{1,3}$"
_SERIAL = re.compile(r"\d{5}(\.\d+)?$")
AS_TEXT = "Format the column as text in the spreadsheet before pasting or opening the file, and export it again."


def cells(reading: Reading) -> None:
    """Blank the cells that hold a spreadsheet's error instead of a value, and say so; identifiers turned into numbers."""
    rows = len(reading.batch)
    reading.state["rows"] = reading.state.get("rows", 0) + rows
    for name in list(reading.places):
        column = reading.raw(name)
        if pa.types.is_null(column.type):
            continue
        column = _without_markers(reading, name, column)
        if pc.any(pc.fill_null(pc.starts_with(column, "#"), fill_value=False)).as_py():
            _errors(reading, name, column)
        if name in IDS:
            _scientific(reading, name, reading.raw(name))
        if name == "pcode" or name.endswith(("_pcode", "_code")):
            _leading_zeros(reading, name, reading.raw(name))


_EMPTY = pa.array(["NA", "N/A", "n/a", "N.A.", "NaN", "nan", "NULL", "null", "<NA>", "<Null>", "None", "-", "--", "—"])
"""What R, Python, databases and people write where there is no value."""


def _without_markers(reading: Reading, name: str, column: pa.Array) -> pa.Array:
    marked = pc.fill_null(pc.is_in(pc.utf8_trim_whitespace(column), _EMPTY), fill_value=False)
    if not pc.any(marked).as_py():
        return column
    cleared = pc.if_else(marked, None, column)
    reading.replace(name, cleared)
    return cleared


def _errors(reading: Reading, name: str, column: pa.Array) -> None:
    wrong = pc.fill_null(pc.match_substring_regex(column, _ERROR), fill_value=False)
    mask = np.asarray(wrong)
    if not mask.any():
        return
    header = reading.headers[reading.places[name]]
    _count(reading, f"errors:{header}", mask)
    reading.tell(
        mask, "error" if name in NEEDED else "warning", name, "spreadsheet-error",
        "{value} is what a spreadsheet shows instead of the value; the value is not in the file.",
        "Widen the column or mend its formula, and export the file again.",
    )  # fmt: skip
    reading.replace(name, pc.if_else(wrong, None, column))


def _scientific(reading: Reading, name: str, column: pa.Array) -> None:
    mask = np.asarray(pc.fill_null(pc.match_substring_regex(column, _SCIENTIFIC), fill_value=False))
    if mask.any():
        _count(reading, f"ids:{reading.headers[reading.places[name]]}", mask)
        reading.tell(
            mask, "error", name, "id-shortened",
            "{value} is a number that a spreadsheet has shortened; its last digits are lost.", AS_TEXT,
        )  # fmt: skip


def _leading_zeros(reading: Reading, name: str, column: pa.Array) -> None:
    """P-codes of one level have one length; where all are digits and some lack just one, zeros were dropped."""
    lengths = reading.state.setdefault("pcodes", {}).setdefault(reading.headers[reading.places[name]], {})
    given = pc.drop_null(column)
    if lengths is not None and len(given):
        if not pc.all(pc.match_substring_regex(given, r"^\s*\d+\s*$")).as_py():
            reading.state["pcodes"][reading.headers[reading.places[name]]] = None
            return
        for length in pc.value_counts(pc.utf8_length(pc.utf8_trim_whitespace(given))).to_pylist():
            lengths[length["values"]] = lengths.get(length["values"], 0) + length["counts"]


def dates(reading: Reading, name: str) -> None:
    """Dates of which some became the numbers a spreadsheet keeps them as: it read day and month by its own rule there."""
    kinds = reading.state.setdefault("dates", {}).setdefault(reading.headers[reading.places[name]], [0, 0])
    counts = pc.value_counts(pc.drop_null(pc.utf8_trim_whitespace(reading.raw(name)))).to_pylist()
    serial = [c["values"] for c in counts if _SERIAL.match(c["values"])]
    numbers = sum(c["counts"] for c in counts if _SERIAL.match(c["values"]))
    kinds[0] += numbers
    kinds[1] += sum(c["counts"] for c in counts if c["values"]) - numbers
    if serial and kinds[1]:
        mask = np.asarray(pc.is_in(pc.utf8_trim_whitespace(reading.raw(name)), pa.array(serial, pa.string())))
        reading.tell(
            mask, "error", name, "date-is-a-number",
            "{value} is a date that a spreadsheet turned into a number, beside others that it left as text: day and month"
            " may have changed places.",
            AS_TEXT,
        )  # fmt: skip


def places(reading: Reading, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
    """Count what makes the places of a whole file doubtful, and tell those that lost their decimal point."""
    seen = reading.state.setdefault(
        "places", {"rows": 0, "none": 0, "zero": 0, "whole": 0, "same": 0, "lost": 0, "at": set()}
    )
    there = ~(np.isnan(lon) | np.isnan(lat))
    zero = there & (lon == 0) & (lat == 0)
    whole = there & ~zero & (lon % 1 == 0) & (lat % 1 == 0)
    lost = whole & ((np.abs(lon) > 180) | (np.abs(lat) > 180))
    seen["rows"] += len(lon)
    seen["none"] += int((~there).sum())
    for name, mask in (
        ("zero", zero),
        ("whole", whole & ~lost),
        ("same", there & ~zero & (lon == lat)),
        ("lost", lost),
    ):
        seen[name] += int(mask.sum())
    if len(seen["at"]) < FEW:
        seen["at"] |= set(list(zip(lon[there].tolist(), lat[there].tolist(), strict=True))[:1000])
    reading.tell(
        lost, "error", "lat", "decimal-point-lost",
        "The coordinates are no degrees: their decimal point was lost, or they are metres.", _POINT,
    )  # fmt: skip


_POINT = "Export them again as text with a decimal point; for metres, name the columns Easting and Northing and add the UTM zone."


def _count(reading: Reading, what: str, mask: NDArray[np.bool_]) -> None:
    counts = reading.state.setdefault("damage", {})
    counts[what] = counts.get(what, 0) + int(mask.sum())


def verdict(state: dict[str, Any]) -> None:
    """After the last row: is the file as a whole damaged? Raises RefusedFile."""
    rows = max(state.get("rows", 0), 1)
    for what, count in state.get("damage", {}).items():
        kind, header = what.split(":", 1)
        if kind == "ids" and count > SHARE * rows:
            raise RefusedFile(
                "ids-shortened", f"{count:,} of {rows:,} numbers in the column {header!r} were shortened by a spreadsheet (such as"
                " 1.23E+11): different records have the same number now.", AS_TEXT,
            )  # fmt: skip
        if kind == "errors" and count > max(0.5 * rows, 1):
            raise RefusedFile(
                "spreadsheet-errors", f"{count:,} of {rows:,} cells in the column {header!r} hold ##### or an error of a spreadsheet"
                " instead of a value.", "Widen the column or mend its formula, and export the file again.",
            )  # fmt: skip
    for header, (numbers, words) in state.get("dates", {}).items():
        if words and numbers > SHARE * (numbers + words):
            raise RefusedFile(
                "dates-mangled", f"In the column {header!r} {numbers:,} dates are numbers and {words:,} are text: a spreadsheet"
                " took some for dates by its own rule, with day and month exchanged.", AS_TEXT,
            )  # fmt: skip
    for header, lengths in state.get("pcodes", {}).items():
        if lengths and len(lengths) == 2 and max(lengths) - min(lengths) == 1 and lengths[min(lengths)] >= FEW:
            raise RefusedFile(
                "pcodes-lost-zeros", f"The P-codes in the column {header!r} are digits of {min(lengths)} and of {max(lengths)} places: a"
                " spreadsheet dropped the zero that the shorter ones begin with.", AS_TEXT,
            )  # fmt: skip
    if "places" in state:
        _lost_places(state["places"])


def _lost_places(seen: dict[str, Any]) -> None:
    rows = seen["rows"]
    there = rows - seen["none"]
    if rows and not there:
        raise RefusedFile(
            "no-coordinates", "No row has coordinates that can be read.",
            "Export the file again with its coordinates, or give the columns that have them.",
        )  # fmt: skip
    if rows and seen["zero"] == there:
        raise RefusedFile("no-coordinates", "All coordinates are 0.", "Export the file again with its coordinates.")
    if seen["lost"] * 2 >= rows:
        raise RefusedFile(
            "decimal-point-lost",
            "The coordinates are no degrees: their decimal point was lost, or they are metres.",
            _POINT,
        )
    if there >= FEW and len(seen["at"]) > 1 and seen["whole"] == there:
        raise RefusedFile(
            "whole-degrees", "All coordinates are whole degrees, up to 55 km from where it was: they were rounded.",
            "Export the file again with at least three decimals.",
        )  # fmt: skip
    if there >= FEW and len(seen["at"]) > 1 and seen["same"] == there:
        raise RefusedFile(
            "latitude-is-longitude", "Latitude and longitude are the same in every row: one column was copied over the other.",
            "Export the file again.",
        )  # fmt: skip
