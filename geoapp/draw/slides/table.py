"""The table of a slide, as a table: rows can be edited, sorted and copied into a sheet."""

import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Pt

from geoapp.draw import office
from geoapp.draw.slides import paint
from geoapp.draw.slides.ground import PT, Box
from geoapp.draw.slides.shapes import SPACES
from geoapp.draw.slides.themes import Column, Table
from geoapp.draw.wording import words
from layers import Layer

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's own style without colours and grid."""
HEAD, ROW = 20 * PT, 31 * PT
"""How high the head is, and a row at least."""
SIZES = (12, 11)
"""Points of the words: the first at which every row has room, else the last."""
CHARACTER, LINE, EDGES = 0.525, 1.15, 6 * PT
"""About how wide a character is, and how far the next line is below, by the size of the words; what a cell has at its sides."""
APART = 1
"""Points between one field and the next in a cell."""
LISTED = 60
"""Characters of a cell that lists things: what is beyond is counted."""


@dataclass(frozen=True)
class Fitted:
    """The rows that have room, each with what its cells say and how high it is, and the size of the words in points."""

    rows: Sequence[Mapping[str, Any]]
    said: Sequence[Sequence[Sequence[str]]]
    heights: Sequence[int]
    size: int


def fitted(width: int, height: int, layer: Layer, listed: Table, rows: Sequence[Mapping[str, Any]]) -> Fitted:
    """As many of the rows as have room there (EMU) with every cell whole, one at least: words are wrapped, and a size smaller
    where that lets more rows in."""
    said = [[_said(layer, column, row) for column in listed.columns] for row in rows]
    first = _first(listed)
    wide = [round(column.share * (width - first)) for column in listed.columns]
    for size in SIZES:
        heights = [max(ROW, *(_high(lines, w, size) for lines, w in zip(cells, wide, strict=True))) for cells in said]
        room, many = height - HEAD, 0
        while many < len(rows) and (sum(heights[: many + 1]) <= room or many == 0):
            many += 1
        if many == len(rows):
            break
    return Fitted(rows[:many], said[:many], heights[:many], size)


def _first(listed: Table) -> int:
    """The width of the column of numbers."""
    return 22 * PT if listed.numbered else 0


def _high(lines: Sequence[str], width: int, size: int) -> int:
    most = max(4, int((width - EDGES) / (size * CHARACTER * PT)))
    many = sum(max(1, len(textwrap.wrap(_wide(line), most))) for line in lines)
    return round((many * size * LINE + (len(lines) - 1) * APART + 2) * PT)


def _wide(line: str) -> str:
    """The line with what stands for each character that is twice as wide."""
    return "".join("mm" if unicodedata.east_asian_width(each) in "WF" else each for each in line)


def table(slide: Any, at: Box, layer: Layer, listed: Table, held: Fitted) -> None:
    """Put the rows on the slide."""
    columns, rows = listed.columns, held.rows
    heads = [*(["#"] if listed.numbered else []), *(column.head for column in columns)]
    shape = slide.shapes.add_table(
        len(rows) + 1, len(heads), Emu(at.left), Emu(at.top), Emu(at.width), Emu(HEAD + sum(held.heights))
    )
    shape.name = layer.title
    made = shape.table
    made._tbl.tblPr.find("{*}tableStyleId").text = PLAIN
    made.horz_banding = False
    first = _first(listed)
    widths = [*([first] if first else []), *(round(column.share * (at.width - first)) for column in columns)]
    for place, width in enumerate(widths):
        made.columns[place].width = Emu(width)
    made.rows[0].height = Emu(HEAD)
    for place, head in enumerate(heads):
        _cell(made.cell(0, place), [head], SIZES[0], bold=True, color=paint.SECOND)
    for number, (cells, height) in enumerate(zip(held.said, held.heights, strict=True), 1):
        made.rows[number].height = Emu(height)
        for place, lines in enumerate([*([[str(number)]] if first else []), *cells]):
            end = _number(layer, columns, place - bool(first))
            _cell(made.cell(number, place), lines, held.size, bold=place == 0, end=end)


def _said(layer: Layer, column: Column, row: Mapping[str, Any]) -> list[str]:
    lines = []
    for name in column.fields:
        field, value = layer.field(name), row.get(name)
        said = words(field, value) if value is not None else "withheld or unknown"
        listed = field.kind == "list" or (field.hxl or "").endswith("+list")
        lines.append(office.plain(_counted(said, "; " if field.kind == "list" else ", ") if listed else said))
    return lines


def _counted(said: str, between: str) -> str:
    """The first of what is listed, and how many more there are."""
    names = said.split(between)
    many = next((n for n in range(len(names), 1, -1) if len(between.join(names[:n])) <= LISTED), 1)
    return between.join(names[:many]) + (f" and {len(names) - many:,} more" if many < len(names) else "")


def _number(layer: Layer, columns: Sequence[Column], place: int) -> bool:
    return (
        place >= 0
        and layer.field(columns[place].fields[0]).kind in ("number", "integer")
        and not layer.field(columns[place].fields[0]).code
    )


def _cell(
    cell: Any, lines: Sequence[str], size: int, *, bold: bool = False, color: str = paint.INK, end: bool = False
) -> None:
    cell.margin_left = cell.margin_right = Emu(3 * PT)
    cell.margin_top = cell.margin_bottom = Emu(1 * PT)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame = cell.text_frame
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.space_before = Pt(APART if place else 0)
        run = paragraph.add_run()
        run.text = office.plain(line)
        run.font.size, run.font.bold = Pt(size), bold and place == 0
        run._r.get_or_add_rPr().insert(0, etree.fromstring(f"<x {SPACES}>{paint.solid(color)}</x>")[0])
        if end:
            paragraph.alignment = PP_ALIGN.RIGHT
        if office.rtl(line):
            paragraph._p.get_or_add_pPr().set("rtl", "1")
    line = etree.fromstring(f"<x {SPACES}>{paint.stroke(paint.LINE, 0.75).replace('a:ln', 'a:lnB')}</x>")[0]
    cell._tc.get_or_add_tcPr().insert(0, line)
