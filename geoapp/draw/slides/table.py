"""The table of a slide, as a table: rows can be edited, sorted and copied into a sheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Pt

from geoapp.draw import office
from geoapp.draw.panel import words
from geoapp.draw.slides import paint
from geoapp.draw.slides.ground import PT, Box
from geoapp.draw.slides.shapes import SPACES
from geoapp.draw.slides.themes import Column, Table
from layers import Layer

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's own style without colours and grid."""
HEAD, ROW = 20 * PT, 31 * PT
CHARACTER = 6.3 * PT
"""About the width of one at 12 points."""


def table(slide: Any, at: Box, layer: Layer, listed: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the rows on the slide, two lines a cell at most."""
    columns = listed.columns
    heads = [*(["#"] if listed.numbered else []), *(column.head for column in columns)]
    shape = slide.shapes.add_table(
        len(rows) + 1, len(heads), Emu(at.left), Emu(at.top), Emu(at.width), Emu(HEAD + ROW * len(rows))
    )
    shape.name = layer.title
    made = shape.table
    made._tbl.tblPr.find("{*}tableStyleId").text = PLAIN
    made.horz_banding = False
    first = 22 * PT if listed.numbered else 0
    widths = [*([first] if first else []), *(round(column.share * (at.width - first)) for column in columns)]
    for place, width in enumerate(widths):
        made.columns[place].width = Emu(width)
    made.rows[0].height = Emu(HEAD)
    for place, head in enumerate(heads):
        _cell(made.cell(0, place), [head], widths[place], bold=True, color=paint.SECOND)
    for number, row in enumerate(rows, 1):
        made.rows[number].height = Emu(ROW)
        said = [*([[str(number)]] if first else []), *(_said(layer, column, row) for column in columns)]
        for place, lines in enumerate(said):
            _cell(
                made.cell(number, place),
                lines,
                widths[place],
                bold=place == 0,
                end=_number(layer, columns, place - bool(first)),
            )


def _said(layer: Layer, column: Column, row: Mapping[str, Any]) -> list[str]:
    lines = []
    for name in column.fields:
        value = row.get(name)
        lines.append(words(layer.field(name), value) if value is not None else "withheld or unknown")
    return lines


def _number(layer: Layer, columns: Sequence[Column], place: int) -> bool:
    return (
        place >= 0
        and layer.field(columns[place].fields[0]).kind in ("number", "integer")
        and not layer.field(columns[place].fields[0]).code
    )


def _cell(
    cell: Any, lines: Sequence[str], width: int, *, bold: bool = False, color: str = paint.INK, end: bool = False
) -> None:
    cell.margin_left = cell.margin_right = Emu(3 * PT)
    cell.margin_top = cell.margin_bottom = Emu(1 * PT)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame = cell.text_frame
    # two lines a cell: one that has two of its own has no room for a third
    most = max(4, int((width - 6 * PT) / CHARACTER)) * (1 if len(lines) > 1 else 2)
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = office.shortened(office.plain(line), most)
        run.font.size, run.font.bold = Pt(12), bold and place == 0
        run._r.get_or_add_rPr().insert(0, etree.fromstring(f"<x {SPACES}>{paint.solid(color)}</x>")[0])
        if end:
            paragraph.alignment = PP_ALIGN.RIGHT
        if office.rtl(line):
            paragraph._p.get_or_add_pPr().set("rtl", "1")
    line = etree.fromstring(f"<x {SPACES}>{paint.stroke(paint.LINE, 0.75).replace('a:ln', 'a:lnB')}</x>")[0]
    cell._tc.get_or_add_tcPr().insert(0, line)
