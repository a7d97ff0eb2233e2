"""XLSX: a sheet for each layer with an HXL row under its header, and a sheet that says what the file is."""

from collections.abc import Iterable
from typing import Any

import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError

from geoapp.errors import TooLarge
from geoapp.export.formats._base import Format, LayerFile, xml_text

MAX_ROWS = 1_048_576 - 2
"""Rows of a sheet, less header and tags."""


def write(file: LayerFile) -> dict[str, int]:
    """Layers as sheets. Raises TooLarge for a layer with more records than a sheet has rows."""
    book, counts = Workbook(write_only=True), {}
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 16, 100
    for name, value in file.about.items():
        about.append(_cells(about, (name, value)))
    for layer in file.layers:
        sheet, fields, total = book.create_sheet(layer.name[:31]), file.fields(layer), 0
        sheet.freeze_panes = "A3"
        head = ["id", *(f.name for f in fields), "latitude", "longitude"]
        tags = ["#meta+id", *(f.hxl or "#meta" for f in fields), "#geo+lat", "#geo+lon"]
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
            points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in part]))
            for row, lon, lat in zip(part, shapely.get_x(points), shapely.get_y(points), strict=True):
                at = (None, None) if lon != lon else (round(float(lat), 6), round(float(lon), 6))
                sheet.append(_cells(sheet, (row[0], *row[2:], *at)))
        counts[layer.name] = total
    book.save(file.path)
    return counts


def _cells(sheet: Any, values: Iterable[Any], *, bold: bool = False) -> list[Any]:
    """Cells whose text stays text: a value that begins with `=` would be stored as a live formula."""
    cells = []
    for value in values:
        if not isinstance(value, str) and not bold:
            cells.append(value)
            continue
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
    "lists with HXL tags, a sheet for each layer", write, many=True,
)  # fmt: skip
