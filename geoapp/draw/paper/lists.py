"""Which records are numbered on the map and listed beside it: those that count most, as many as there is room for?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoapp.draw.paper import typeface
from geoapp.draw.paper.furniture import INK_2, LINE, fitted
from geoapp.draw.paper.page import Box, Page
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.records import Drawn
from geoapp.draw.paper.themes import Listed
from geoapp.draw.wording import words
from layers._palette import DOMAIN_SYMBOLS, INK


@dataclass(frozen=True)
class Entry:
    """One row: its number on the map, and the places of its records in `Drawn.rows`."""

    number: int
    row: dict[str, Any]
    places: tuple[int, ...]


def chosen(drawn: Drawn, listed: Listed, most: int) -> tuple[list[Entry], int]:
    """The rows that are listed, in order, and how many there are in all."""
    groups: dict[Any, list[int]] = {}
    for place, row in enumerate(drawn.rows):
        same = tuple(sorted(str(row.get(name)) for name in listed.same))  # who is named first says nothing
        groups.setdefault(same or place, []).append(place)
    order = sorted(
        groups.values(),
        key=lambda places: (
            [-_number(drawn.rows[places[0]].get(name)) for name in listed.by],
            drawn.rows[places[0]]["id"],
        ),
    )
    return [Entry(at, drawn.rows[places[0]], tuple(places)) for at, places in enumerate(order[:most], 1)], len(order)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def row_height(page: Page, listed: Listed) -> float:
    """Points of one row."""
    return page.type["small"] * (1.25 * len(listed.lines) + 0.65)


def capacity(page: Page, listed: Listed, column: Box) -> int:
    """How many rows a column holds beneath its heading."""
    return max(0, int((column.height - page.type["small"] * 2.4) // row_height(page, listed)))


def draw(
    sheet: Sheet,
    page: Page,
    column: Box,
    drawn: Drawn,
    listed: Listed,
    entries: Sequence[Entry],
    count: int,
    total: int,
) -> float:
    """Write the table, or as much of its `count` rows as stands in this column; how far down it goes."""
    size = page.type["small"]
    head = f"{listed.title}, {count} of {total:,}" if count < total else f"{listed.title}, {total:,}"
    if entries[0].number > 1:
        head = f"{listed.title}, continued"
    sheet.text(column.left, column.top - size, head, size + 0.4, weight=600)
    sheet.text(column.right, column.top - size, listed.unit, size, weight=600, anchor="right")
    sheet.line([[(column.left, column.top - size * 1.4), (column.right, column.top - size * 1.4)]], INK, 0.6)
    y = column.top - size * 1.75
    fields = {field.name: field for field in drawn.layer.fields}
    for entry in entries:
        deep = row_height(page, listed)
        sheet.text(column.left + 1, y - size, str(entry.number), size, weight=600)
        # a number of a unit stands without it: the heading says it
        value = entry.row.get(listed.value)
        said = (
            "withheld"
            if listed.value not in entry.row
            else f"{value:,.0f}"
            if isinstance(value, int | float)
            else words(fields[listed.value], value)
        )
        sheet.text(column.right, y - size, said, size, anchor="right")
        room = column.width - 32 - typeface.width(said, size)
        for at, name in enumerate(listed.lines):
            under = y - size * (1 + 1.25 * at)
            sign = entry.row.get(listed.signs[at]) if at < len(listed.signs) else None
            if sign in DOMAIN_SYMBOLS:
                sheet.marker(DOMAIN_SYMBOLS[sign], column.left + 18, under + size * 0.34, r=size * 0.36)
            told = words(fields[name], entry.row[name]) if entry.row.get(name) else "withheld"
            sheet.text(
                column.left + (26 if listed.signs else 18),
                under,
                fitted(told, size, room),
                size,
                color=INK if at == 0 or listed.signs else INK_2,
            )
        y -= deep
        sheet.line([[(column.left, y + size * 0.2), (column.right, y + size * 0.2)]], LINE, 0.35)
    return y - size * 0.6
