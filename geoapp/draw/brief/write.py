"""The brief as a file, by its suffix: a DOCX that can be edited, with handling at head and foot, or a PDF."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from sqlalchemy import Connection

from geoapp.audiences import Room
from geoapp.draw import office
from geoapp.draw.brief.sections import Section
from geoapp.draw.brief.told import Told, tell
from geoapp.draw.changes import Changes
from geoapp.errors import NotAcceptable
from geoapp.scope import Scope

FONT = "Arial"
_PETROL, _INK, _SECOND = RGBColor(0x0F, 0x5C, 0x6E), RGBColor(0x17, 0x21, 0x2B), RGBColor(0x45, 0x52, 0x5D)


def write(
    connection: Connection, scope: Scope, room: Room, path: Path, about: Mapping[str, str],
    since: date | datetime | None = None, *, title: str | None = None, only: Collection[str] = (),
    changes: Changes | None = None,
) -> list[Section]:  # fmt: skip
    """Write the brief of this scope; its sections. Raises NotAcceptable for a suffix that is neither .docx nor .pdf."""
    suffix = path.suffix.lower()
    if suffix not in (".docx", ".pdf"):
        raise NotAcceptable(
            f"There is no brief as {path.suffix or 'a file without suffix'}.", hint="Write a .docx or a .pdf."
        )
    told = tell(connection, scope, room, about, since, title=title, only=only, changes=changes)
    if suffix == ".pdf":
        from geoapp.draw.brief import page  # matplotlib takes its time: only where a page is drawn

        page.write(told, path)
    else:
        _document(told, path)
    return list(told.sections)


def _document(told: Told, path: Path) -> None:
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin, page.bottom_margin = Cm(2), Cm(1.6)
    base: Any = document.styles["Normal"]
    base.font.name, base.font.size, base.font.color.rgb = FONT, Pt(10), _INK
    base.element.rPr.rFonts.set(qn("w:cs"), FONT)
    _line(page.header.paragraphs[0], told.handling, Pt(9), bold=True)
    _line(page.footer.paragraphs[0], f"{told.handling} · {told.as_of}", Pt(9), bold=True)
    _line(document.add_paragraph(style="Title"), told.name, Pt(20), bold=True)
    _line(document.add_paragraph(), told.said, Pt(9), color=_SECOND)
    for section in told.sections:
        head = document.add_paragraph(style="Heading 2")
        _line(head, section.title, Pt(12), bold=True, color=_PETROL)
        for sentence in section.sentences:
            _line(document.add_paragraph(style="List Bullet"), sentence, Pt(10))
    _line(document.add_paragraph(), told.foot, Pt(8), color=_SECOND)
    office.tell(document.core_properties, f"{told.name}: brief", told.handling, told.day)
    office.save(document, path)


def _line(paragraph: Any, words: str, size: Pt, *, bold: bool = False, color: RGBColor | None = None) -> None:
    """Words as a paragraph of one size, from right to left where they are read so."""
    run = paragraph.add_run(office.plain(words))
    run.font.size, run.font.bold, run.font.name = size, bold, FONT
    if color is not None:
        run.font.color.rgb = color
    paragraph.paragraph_format.space_after = Pt(2)
    if office.rtl(words):
        paragraph._p.get_or_add_pPr().insert(0, OxmlElement("w:bidi"))
        run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
