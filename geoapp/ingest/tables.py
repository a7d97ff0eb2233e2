"""Rows of a spreadsheet or a text table: found below their title rows, whatever the delimiter, encoding and language."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from geoapp.ingest import encodings
from geoapp.ingest.archives import check_office
from geoapp.ingest.columns import RefusedFile, Rows, Sheet, Wanted, is_tag_row, match

PEEK = 40
"""Rows in which the header is looked for."""

BLOCK = 4 * 1024 * 1024
CELL = 1_000_000
DELIMITERS = ",;\t|"


Said = Mapping[str, str]


def read(
    path: Path, wanted: Sequence[Wanted], limits: dict[str, Any], said: Said | None = None, sheet: str | None = None
) -> Sheet:
    """The table in a file, by its content: a spreadsheet (its `sheet` of that name, if one is named), else delimited text."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic[:4] == b"PK\x03\x04" or magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if magic[:2] == b"PK":
            check_office(path, limits)
        return _spreadsheet(path, wanted, limits, said, sheet)
    return _text(path, wanted, limits, said)


def _header(rows: Sequence[Sequence[str]], wanted: Sequence[Wanted], said: Said | None) -> tuple[int, int | None]:
    """The places of the header row and of the HXL row among the first rows."""
    for place, row in enumerate(rows):
        if is_tag_row(row):
            above = [p for p in range(place) if sum(bool(c.strip()) for c in rows[p]) > 0]
            return (above[-1] if above else place), place
    known = {name: header for name, header in (said or {}).items() if header}
    scores = [
        len(match(row, None, wanted, known)) + (0.5 if sum(bool(c.strip()) for c in row) > 1 else 0) for row in rows
    ]
    best = max(range(len(rows)), key=lambda p: (scores[p], -p), default=0)
    return best, None


def _unique(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for place, header in enumerate(headers):
        name = " ".join(header.split()) or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


# delimited text


def _encoding(path: Path) -> tuple[str, bool]:
    """The encoding of a text file, and whether it was guessed."""
    with path.open("rb") as file:
        head = file.read(4)
        if head[:3] == codecs.BOM_UTF8:
            return "utf-8-sig", False
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16", False
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(BLOCK):
                if b"\0" in block:
                    raise RefusedFile(
                        "binary", "This is neither text nor a file of a form that is known here, or it is damaged.",
                        "Export it again: a table as CSV or XLSX, shapes as GeoPackage, GeoJSON, KML or zipped shapefile.",
                    )  # fmt: skip
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return encodings.guessed(file.read(BLOCK)), True
        return "utf-8", False


def _rows_of(text: str, delimiter: str) -> list[list[str]]:
    """The first rows, quotes and the line breaks within them understood. Raises csv.Error."""
    return [row for _, row in zip(range(PEEK), csv.reader(io.StringIO(text), delimiter=delimiter), strict=False)]


def _delimiter(text: str, wanted: Sequence[Wanted], said: Said | None) -> str:
    """The delimiter that gives the most known columns; then the one whose rows are most alike, then the widest."""

    def fit(delimiter: str) -> tuple[float, float, int]:
        try:
            rows = [row for row in _rows_of(text, delimiter) if any(row)]
        except csv.Error:
            return (0, 0, 0)
        widths = Counter(len(row) for row in rows)
        usual, many = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        known = {name: header for name, header in (said or {}).items() if header}
        columns = max((len(match(row, None, wanted, known)) for row in rows if len(row) > 1), default=0)
        return (columns, many / len(rows) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=lambda delimiter: (fit(delimiter), -DELIMITERS.index(delimiter)))


def _text(path: Path, wanted: Sequence[Wanted], limits: dict[str, Any], said: Said | None) -> Sheet:
    if path.stat().st_size == 0:
        raise RefusedFile("empty", "The file is empty.", "Export it again.")
    encoding, guessed = _encoding(path)
    notes = []
    if guessed:
        notes.append(("warning", "encoding-guessed", f"The file is not in UTF-8; it was read as {encoding}.",
                      "Check names with accents, or save it as UTF-8."))  # fmt: skip
    with path.open(encoding=encoding, newline="") as file:
        peek = file.read(2_000_000)
    if "\ufffd" in peek or "Ã©" in peek or "Ø§Ù" in peek:
        notes.append(("warning", "mojibake", "Some text was damaged by a wrong encoding before it came here.",
                      "Ask for the file in UTF-8."))  # fmt: skip
    csv.field_size_limit(2_000_000)
    delimiter = _delimiter(peek, wanted, said)
    try:
        rows = _rows_of(peek, delimiter)
    except csv.Error:
        raise RefusedFile(
            "unreadable", "The rows cannot be told apart.", "Save it as CSV with commas and quotes."
        ) from None
    if not rows or max(len(row) for row in rows) > limits["columns"]:
        raise RefusedFile(
            "too-many-columns", f"A row has more than {limits['columns']} columns.", "Check the delimiter."
        )
    header, tags = _header(rows, wanted, said)
    first = max(header, tags or 0) + 1
    headers = _unique(rows[header])
    tag_row = [*rows[tags], *([""] * (len(headers) - len(rows[tags])))] if tags is not None else None
    return Sheet(
        headers,
        tag_row,
        _blocks(path, encoding, delimiter, headers, (first, _lines(peek, delimiter, first)), notes),
        notes,
    )


def _lines(text: str, delimiter: str, rows: int) -> int:
    """How many lines the first rows stand on: more than there are rows where a quoted cell has line breaks."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    for _ in range(rows):
        next(reader)
    return reader.line_num


def _blocks(
    path: Path, encoding: str, delimiter: str, headers: list[str], skipped: tuple[int, int], notes: list[Any]
) -> Iterator[Rows]:
    """Batches of rows straight from Arrow's reader; rows of a wrong length become findings and are left out.

    `skipped` is how many rows stand above the first of them, and on how many lines.
    """
    first, lines = skipped
    wrong: list[tuple[int, int]] = []

    def handle(row: Any) -> str:
        wrong.append((row.number - lines + first if row.number is not None else -1, row.actual_columns))
        return "skip"

    reader = pyarrow.csv.open_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(
            column_names=headers, skip_rows=lines, block_size=BLOCK, use_threads=False,
            encoding="utf8" if encoding == "utf-8-sig" else encoding,
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=handle, ignore_empty_lines=True
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={h: pa.string() for h in headers}, strings_can_be_null=True, null_values=[""],
            quoted_strings_can_be_null=True, check_utf8=True,
        ),
    )  # fmt: skip
    row = first + 1
    told = 0
    while True:
        block = next(reader, None)
        # also at the end: the rows of a last block may all have been of a wrong length
        lost = {number for number, _ in wrong[told:]}
        for number, columns in wrong[told:]:
            notes.append(("error", "row-length", f"Row {number} has {columns} cells instead of {len(headers)}.",
                          "Check for a missing quote or a stray delimiter.", number))  # fmt: skip
        told = len(wrong)
        if block is None:
            return
        numbers = np.arange(row, row + block.num_rows + len(lost), dtype=np.int64)
        if lost:
            numbers = numbers[~np.isin(numbers, list(lost))][: block.num_rows]
        row = int(numbers[-1]) + 1 if len(numbers) else row + len(lost)
        yield Rows(block.columns, numbers)


# spreadsheets


def _cell(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (time, timedelta)):
        return str(value)
    return str(value).strip()


def _spreadsheet(
    path: Path, wanted: Sequence[Wanted], limits: dict[str, Any], said: Said | None, named: str | None
) -> Sheet:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        shown = {each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible}
        names = [named] if named in book.sheet_names else [] if named else book.sheet_names[:30]
        sheets = {name: book.get_sheet_by_name(name) for name in names}
        peeks = {name: _peek(sheet) for name, sheet in sheets.items()}
    except Exception as error:  # calamine's errors share no class
        raise RefusedFile(
            "damaged", "The spreadsheet cannot be opened.", "Save it again, without a password."
        ) from error
    if named and not names:
        raise RefusedFile(
            "no-such-sheet", f"There is no sheet {named!r}.", f"There are {', '.join(book.sheet_names[:30])}."
        )
    peeks = {name: rows for name, rows in peeks.items() if rows}
    # a hidden sheet is read when it is named, or when there is no other
    peeks = {name: rows for name, rows in peeks.items() if named or name in shown} or peeks
    if not peeks:
        raise RefusedFile("empty", "The spreadsheet has no rows.", "Check that the right file was sent.")

    def score(name: str) -> int:
        header, tags = _header(peeks[name], wanted, said)
        return len(match(peeks[name][header], peeks[name][tags] if tags is not None else None, wanted, said))

    best = max(peeks, key=score)
    header, tags = _header(peeks[best], wanted, said)
    width = max(len(row) for row in peeks[best])
    if width > limits["columns"]:
        raise RefusedFile("too-many-columns", f"The sheet has {width} columns.", "Remove the empty ones.")
    notes = (
        [
            (
                "warning",
                "sheet-chosen",
                f"Sheet {best!r} was read, of {', '.join(book.sheet_names[:30])}.",
                "Name another with --sheet.",
            )
        ]
        if len(book.sheet_names) > 1 and not named
        else []
    )
    headers = _unique([_cell(c) for c in peeks[best][header]])
    tag_row = [_cell(c) for c in peeks[best][tags]] if tags is not None else None
    start = max(header, tags or 0) + 1
    book_sheets = [
        {"name": name[:200], "rows": sheets[name].height if name in sheets else None, "hidden": name not in shown}
        for name in book.sheet_names[:30]
    ]
    left = max(0, sheets[best].height - start)
    return Sheet(headers, tag_row, _rows(sheets[best], start, len(headers)), notes, left, best, book_sheets)


def _peek(sheet: Any) -> list[list[str]]:
    rows = []
    for row in sheet.iter_rows():
        rows.append([_cell(c) for c in row])
        if len(rows) >= PEEK:
            break
    return rows


def _rows(sheet: Any, start: int, width: int) -> Iterator[Rows]:
    offset = (sheet.start[0] if sheet.start else 0) + 1
    columns: list[list[str | None]] = [[] for _ in range(width)]
    numbers: list[int] = []

    def batch() -> Rows:
        return Rows([pa.array(c, pa.string()) for c in columns], np.array(numbers, dtype=np.int64))

    for place, row in enumerate(sheet.iter_rows()):
        if place < start:
            continue
        cells = [_cell(c)[:CELL] or None for c in row[:width]]
        if not any(cells):
            continue
        for column, cell in zip(columns, [*cells, *([None] * (width - len(cells)))], strict=True):
            column.append(cell)
        numbers.append(place + offset)
        if len(numbers) >= 50_000:
            yield batch()
            columns, numbers = [[] for _ in range(width)], []
    if numbers:
        yield batch()
