"""An empty deck: 16 : 9, one layout, the colours and the handling of every slide on its master."""

from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.util import Emu

from geoapp.draw import office
from geoapp.draw.slides import paint, shapes
from geoapp.draw.slides.ground import PT, Box
from geoapp.draw.slides.shapes import Line, Pen
from layers._palette import HANDLING

WIDTH, HEIGHT = 12_192_000, 6_858_000
BAR, EDGE = 30 * PT, 32 * PT
"""The height of the bars at head and foot, and the margin at the sides."""
FONT = "Arial"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def deck(handling: str, whom: str, foot: str, *, exercise: bool) -> Any:
    """A presentation without slides. `handling` is such as TLP:AMBER, `whom` who it is for, `foot` what stands at the foot."""
    made: Any = Presentation()
    made.slide_width, made.slide_height = Emu(WIDTH), Emu(HEIGHT)
    kept = made.slide_layouts.get_by_name("Title Only")
    for layout in list(made.slide_layouts):
        if layout is not kept:
            made.slide_layouts.remove(layout)
    master = made.slide_master
    for part in (master, kept):
        for holder in list(part.placeholders):
            if holder.placeholder_format.idx != 0:
                holder._element.getparent().remove(holder._element)
    title = next(iter(master.placeholders))
    title.left, title.top, title.width, title.height = Emu(EDGE), Emu(BAR + 9 * PT), Emu(WIDTH - 2 * EDGE), Emu(34 * PT)
    for holder in kept.placeholders:
        transform = holder._element.spPr.find(f"{_A}xfrm")
        if transform is not None:
            holder._element.spPr.remove(transform)
    _title_style(master)
    _theme(master)
    color = HANDLING.get(handling.removeprefix("TLP:"), "#FFFFFF")
    pen, bars = Pen(), []
    for name, top in (("Handling, head", 0), ("Handling, foot", HEIGHT - BAR)):
        inside = Box(EDGE, top, WIDTH - 2 * EDGE, BAR)
        bars.append(pen.box(name, Box(0, top, WIDTH, BAR), paint.solid("#000000")))
        left = [Line(f"{handling}", 13, bold=True, color=color)]
        if top:
            bars.append(pen.text(f"{name}, words", inside, left, "ctr", "r"))
            bars.append(pen.text("As of", inside, [Line(foot, 12, color="#FFFFFF")], "ctr", "l"))
            bars.append(
                pen.text("Number of the slide", inside, [Line("", 12, color="#FFFFFF", field="slidenum")], "ctr", "ctr")
            )
        else:
            bars.append(pen.text(f"{name}, words", inside, left, "ctr", "l"))
            bars.append(pen.text("For whom", inside, [Line(whom, 12, color="#FFFFFF")], "ctr", "ctr"))
            if exercise:
                bars.append(
                    pen.text("Exercise", inside, [Line("EXERCISE", 13, bold=True, color="#FFFFFF")], "ctr", "r")
                )
    shapes.put(master.shapes._spTree, "".join(bars))
    return made


def _title_style(master: Any) -> None:
    """Titles at the start of the line, 27 points, on their box's middle."""
    style = master._element.find(".//{*}titleStyle/{*}lvl1pPr")
    style.set("algn", "l")
    text = style.find(f"{_A}defRPr")
    text.set("sz", "2700")
    text.set("b", "1")
    body = next(iter(master.placeholders))._element.txBody.bodyPr
    for name, value in {"lIns": "0", "rIns": "0", "tIns": "0", "bIns": "0", "anchor": "ctr"}.items():
        body.set(name, value)
    for child in list(body):
        body.remove(child)
    etree.SubElement(body, f"{_A}normAutofit")


def _theme(master: Any) -> None:
    """The theme's colours are the layers', its type one that every office has."""
    part = next(rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme"))
    root = etree.fromstring(part.blob)
    colors = root.find(f".//{_A}clrScheme")
    colors.set("name", "geoapp")
    for name, value in paint.THEME.items():
        slot = colors.find(f"{_A}{name}")
        for child in list(slot):
            slot.remove(child)
        etree.SubElement(slot, f"{_A}srgbClr", val=str(value)[1:].upper())
    for font in root.iter(f"{_A}latin", f"{_A}cs"):
        if font.getparent().tag in (f"{_A}majorFont", f"{_A}minorFont"):
            font.set("typeface", FONT)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def slide(made: Any, title: str) -> Any:
    """One more slide with its title; what else is on it is drawn on its `shapes`."""
    added = made.slides.add_slide(made.slide_layouts[0])
    holder = added.shapes.title
    holder.text_frame.text = office.shortened(office.plain(title), 140)
    holder.name = "Title"
    paragraph = holder.text_frame.paragraphs[0]
    if office.rtl(title):
        paragraph._p.get_or_add_pPr().set("rtl", "1")
        paragraph._p.get_or_add_pPr().set("algn", "r")
    return added
