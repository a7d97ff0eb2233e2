"""Rows of a spreadsheet: of the sheet that is named, or of the visible one that fits best."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from geoapp.ingest.columns import RefusedFile, Rows, Sheet, Wanted, match
from geoapp.ingest.header_row import PEEK, Said, header_row, unique

CELL = 1_000_000


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


def read(path: Path, wanted: Sequence[Wanted], limits: dict[str, Any], said: Said | None, named: str | None) -> Sheet:
    """The rows of a spreadsheet's sheet `named`; without a name of the visible one that has most known columns. Raises
    RefusedFile."""
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
        header, tags = header_row(peeks[name], wanted, said)
        return len(match(peeks[name][header], peeks[name][tags] if tags is not None else None, wanted, said))

    best = max(peeks, key=score)
    header, tags = header_row(peeks[best], wanted, said)
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
    headers = unique([_cell(c) for c in peeks[best][header]])
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
