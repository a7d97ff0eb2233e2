"""Rows of delimited text, whatever its delimiter, encoding and line breaks in quotes."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from geoapp.ingest import encodings
from geoapp.ingest.columns import RefusedFile, Rows, Sheet, Wanted, match
from geoapp.ingest.header_row import PEEK, Said, header_row, unique

BLOCK = 4 * 1024 * 1024
DELIMITERS = ",;\t|"


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


def read(path: Path, wanted: Sequence[Wanted], limits: dict[str, Any], said: Said | None) -> Sheet:
    """The table in a text file, whose rows come in batches as they are asked for. Raises RefusedFile."""
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
    header, tags = header_row(rows, wanted, said)
    first = max(header, tags or 0) + 1
    headers = unique(rows[header])
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
