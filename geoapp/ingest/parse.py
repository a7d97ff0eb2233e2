"""What does a cell say? Dates, numbers, coordinates and truth in the shapes that people write them.

Every parser takes the text of one cell and gives a value or raises ValueError. They run on the distinct values of a
column (`mapped`), so that a million rows cost as much as their few hundred different dates.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoapp.coordinates import degrees, number
from geoapp.names import plain

__all__ = ["degrees", "number", "plain"]
Mask = NDArray[np.bool_]


def mapped(column: pa.Array, parse: Callable[[str], Any], type_: pa.DataType) -> tuple[pa.Array, Mask]:
    """Each cell parsed (blank is null), and which cells could not be."""
    encoded = pc.dictionary_encode(column)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    known, failed = _each(encoded.dictionary, parse, type_)
    indices = encoded.indices
    where = pc.fill_null(indices, len(failed)).to_numpy(zero_copy_only=False)
    return known.take(indices), np.append(failed, False)[where]


def measured(column: pa.Array, parse: Callable[[str], float]) -> tuple[pa.Array, Mask]:
    """The same for numbers that mostly differ: plain digits are read at once, all other ways of writing one by one."""
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    digits = pc.fill_null(pc.match_substring_regex(column, _DIGITS), fill_value=False)
    read = pc.cast(pc.if_else(digits, column, None), pa.float64())
    others = pc.filter(column, pc.invert(digits))
    bad = np.zeros(len(column), dtype=bool)
    if len(others) == 0:
        return read, bad
    values, bad_others = mapped(others, parse, pa.float64())
    bad[~digits.to_numpy(zero_copy_only=False)] = bad_others
    return pc.replace_with_mask(read, pc.invert(digits), values), bad


_DIGITS = r"^-?\d{1,9}(\.\d{1,15})?$"
"""Numbers that mean the same to everybody: no thousands, no commas, nothing that a whole number cannot hold."""


def _each(cells: pa.Array, parse: Callable[[str], Any], type_: pa.DataType) -> tuple[pa.Array, Mask]:
    values: list[Any] = []
    failed: list[bool] = []
    for text in cells.to_pylist():
        cleaned = text.strip() if text else ""
        try:
            values.append(parse(cleaned) if cleaned else None)
            failed.append(False)
        except (ValueError, OverflowError):
            values.append(None)
            failed.append(True)
    return pa.array(values, type_), np.array(failed, dtype=bool)


MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "january jan janvier janv enero ene", "february feb fevrier fevr febrero", "march mar mars marzo",
            "april apr avril avr abril abr", "may mai mayo", "june jun juin junio", "july jul juillet juil julio",
            "august aug aout agosto ago", "september sep sept septembre septiembre", "october oct octobre octubre",
            "november nov novembre noviembre", "december dec decembre diciembre dic",
        ), 1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_WORDS = re.compile(r"(\d{1,2})[\s./-]+([^\W\d]+)\.?[\s./,-]+(\d{2,4})$")
_WORDS_US = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2}),?\s+(\d{4})$")
_NUMBERS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})(?:[T ].*)?$")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})(?:[T ].*)?$")
_MILLISECONDS = re.compile(r"-?\d{11,14}(?:\.0+)?$")
"""What ArcGIS writes: thousandths of a second since 1970."""


def _year(text: str) -> int:
    number = int(text)
    return number if number > 99 else number + (2000 if number < 70 else 1900)


def order_of(column: pa.Array) -> str | None:
    """Whether the numeric dates of a column are day-first (`dmy`) or month-first (`mdy`); None when nothing settles it."""
    day_first = month_first = False
    for text in pc.unique(column).to_pylist():
        found = _NUMBERS.match(text.strip()) if text else None
        if found:
            day_first |= int(found[1]) > 12
            month_first |= int(found[2]) > 12
    return "dmy" if day_first and not month_first else "mdy" if month_first and not day_first else None


def is_numeric_date(text: str) -> bool:
    """Whether a cell is a date of three numbers that can be read two ways."""
    found = _NUMBERS.match(text)
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1] != found[2]


def day(order: str = "dmy") -> Callable[[str], date]:
    """A parser of dates; `order` reads those of three numbers."""

    def parse(text: str) -> date:
        if found := (_ISO.match(text) or _YEAR_FIRST.match(text)):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _COMPACT.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMBERS.match(text):
            first, second = int(found[1]), int(found[2])
            if order == "mdy":
                first, second = second, first
            return date(_year(found[3]), second, first)
        if found := _WORDS.match(plain_date(text)):
            return date(_year(found[3]), MONTHS[_month(found[2])], int(found[1]))
        if found := _WORDS_US.match(plain_date(text)):
            return date(int(found[3]), MONTHS[_month(found[1])], int(found[2]))
        if _MILLISECONDS.match(text):
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=float(text))).date()
        if re.fullmatch(r"\d{5}(\.\d+)?", text) and 20000 <= float(text) <= 70000:
            return date(1899, 12, 30) + timedelta(days=int(float(text)))
        raise ValueError(text)

    return parse


def plain_date(text: str) -> str:
    """A date's text without accents, capitals, and the small words between."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"\b(de|du|del|of|the|st|nd|rd|th)\b\s*", "", bare).strip()


def _month(word: str) -> str:
    if word not in MONTHS:
        raise ValueError(word)
    return word


def moment(text: str) -> str:
    """An instant as ISO text: seconds since 1970 or a written date and time."""
    if re.fullmatch(r"\d{9,11}(\.0+)?", text):
        return datetime.fromtimestamp(int(float(text)), UTC).isoformat()
    return datetime.fromisoformat(text).isoformat()


def moments(column: pa.Array) -> tuple[pa.Array, Mask]:
    """A column of instants as ISO text; seconds since 1970 are read at once."""
    seconds = pc.fill_null(pc.match_substring_regex(column, r"^\d{9,10}$"), fill_value=False)
    if not pc.all(seconds).as_py():
        return mapped(column, moment, pa.string())
    stamps = pc.cast(pc.cast(column, pa.int64()), pa.timestamp("s", "UTC"))
    return pc.strftime(stamps, "%Y-%m-%dT%H:%M:%S+00:00"), np.zeros(len(column), dtype=bool)


def integer(text: str) -> int:
    """A whole number, however a spreadsheet wrote it."""
    value = number(text)
    if value != int(value) or abs(value) > 2**31 - 1:
        raise ValueError(text)
    return int(value)


_YES = {"true", "yes", "y", "1", "t", "oui", "si", "x", "disputed", "civilian targeting"}
_NO = {"false", "no", "n", "0", "f", "non"}


def truth(text: str) -> bool:
    """Yes or no."""
    word = plain(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(text)
