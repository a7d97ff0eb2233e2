"""XLSX: a sheet for each layer with words beside codes and an HXL row, and a sheet that says what the file is."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError

from geoapp.errors import TooLarge
from geoapp.export.formats import _zip
from geoapp.export.formats._base import Format, LayerFile, xml_text
from geoapp.export.formats._told import PLACE, Column, columns, places

MAX_ROWS = 1_048_576 - 2
"""Rows of a sheet, less header and tags."""
MAX_TEXT = 32_767
"""Characters of a cell."""
WIDTHS = {"integer": 12, "number": 12, "date": 12, "boolean": 9, "list": 30, "text": 24}
"""Least widths of columns by the kind of their values, in characters."""


def write(file: LayerFile) -> dict[str, int]:
    """Layers as sheets. Raises TooLarge for a layer with more records than a sheet has rows, or longer text than a cell
    holds."""
    book = Workbook(write_only=True)
    try:
        counts = _fill(book, file)
    except BaseException:
        for sheet in book.worksheets:
            sheet.close()
        raise
    book.properties.created = _moment(file)
    book.properties.creator, book.properties.title = "geoapp", xml_text(file.about["title"])
    book.properties.description = xml_text(f"{file.about['handling']}. {file.about['disclaimer']}")
    book.save(file.path)
    said = _moment(file).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    modified = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
    _zip.again(file.path, file.about["made_at"], {"docProps/core.xml": lambda xml: modified.sub(rb"\g<1>" + said, xml)})
    return counts


def _fill(book: Workbook, file: LayerFile) -> dict[str, int]:
    counts = {}
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 16, 100
    for name, value in file.about.items():
        about.append(_cells(about, (name, value)))
    for layer in file.layers:
        told = columns(file.fields(layer))
        sheet, total = book.create_sheet(layer.name[:31]), 0
        sheet.freeze_panes = "C3"
        head = ["id", *(c.name for c in told), *(name for name, _ in PLACE)]
        tags = ["#meta+id", *(c.tag for c in told), *(tag for _, tag in PLACE)]
        _widen(sheet, told, head, tags)
        last = get_column_letter(len(head))
        if layer.warning:
            head, tags = [*head, layer.warning], [*tags, "#meta+warning"]
        sheet.append(_cells(sheet, head, bold=True))
        sheet.append(_cells(sheet, tags))
        for part in file.batches(layer):
            total += len(part)
            if total > MAX_ROWS:
                raise TooLarge(
                    f"{layer.title} has more than the {MAX_ROWS:,} rows of a sheet.",
                    hint="Choose a shorter period, or write CSV or GeoPackage.",
                )
            for row, at in zip(part, places(part), strict=True):
                sheet.append(_cells(sheet, (row[0], *(c.of(row) for c in told), *at)))
        # the buttons stand in the row of tags, so that sorting leaves it where it is
        sheet.auto_filter.ref = f"A2:{last}{total + 2}"
        counts[layer.name] = total
    return counts


def _moment(file: LayerFile) -> datetime:
    """When the file was made, in UTC and without a zone: openpyxl takes it so."""
    return datetime.fromisoformat(file.about["made_at"]).astimezone(UTC).replace(tzinfo=None)


def _widen(sheet: Any, told: Sequence[Column], head: Sequence[str], tags: Sequence[str]) -> None:
    kinds = ["integer", *(c.kind for c in told), "number", "number", "text"]
    for place, (kind, name, tag) in enumerate(zip(kinds, head, tags, strict=True), 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(WIDTHS[kind], len(name) + 2, len(tag) + 4)


def _cells(sheet: Any, values: Iterable[Any], *, bold: bool = False) -> list[Any]:
    """Cells whose text stays text: a value that begins with `=` would be stored as a live formula."""
    cells = []
    for value in values:
        if not isinstance(value, str) and not bold:
            cells.append(value)
            continue
        if len(value) > MAX_TEXT:
            raise TooLarge(
                f"A cell of a workbook holds {MAX_TEXT:,} characters; one text here has {len(value):,}.",
                hint="Write CSV or GeoPackage.",
            )
        try:
            made = WriteOnlyCell(sheet, value=value)
        except IllegalCharacterError:
            made = WriteOnlyCell(sheet, value=xml_text(value))
        made.data_type = "s"
        if bold:
            made.font = Font(bold=True)
        cells.append(made)
    return cells


XLSX = Format(
    ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel",
    "lists with words and HXL tags, a sheet for each layer", write, many=True,
)  # fmt: skip
