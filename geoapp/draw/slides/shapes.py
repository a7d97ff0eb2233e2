"""Native shapes of a slide as DrawingML: polygons with holes, lines, markers, text; each with a number and a name of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely
from pptx.oxml import parse_xml
from shapely.geometry.base import BaseGeometry

from geoapp.draw import office
from geoapp.draw.slides import paint
from geoapp.draw.slides.ground import PT, Box
from layers import Symbol

SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
LEAST = 5 * PT
"""What is smaller than this both ways is drawn as a marker in its place."""
NAME_MOST = 200


@dataclass
class Pen:
    """Makes the shapes of one slide, each with the next number: numbers are unique on a slide, or it is repaired."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1000))

    def named(self, name: str, description: str = "") -> str:
        """Number, name and alternative text of a shape."""
        name = quoteattr(office.shortened(office.plain(name), NAME_MOST))
        said = f" descr={quoteattr(office.plain(description))}" if description else ""
        return f'<p:cNvPr id="{next(self.numbers)}" name={name}{said}/>'

    def drawn(self, name: str, geom: BaseGeometry, symbol: Symbol, opacity: float = 1.0) -> str:
        """A record as it is in EMU: its polygons and lines as one shape, or its marker; nothing where it is empty."""
        parts = [part for part in _parts(geom) if not part.is_empty]
        surface = [part for part in parts if part.geom_type == "Polygon"]
        if surface:
            left, top, right, bottom = shapely.total_bounds(np.array(surface, dtype=object))
            if max(right - left, bottom - top) < LEAST:
                return self.marker(name, (left + right) / 2, (top + bottom) / 2, symbol, small=True)
            rings = [ring for part in surface for ring in (part.exterior, *part.interiors)]
            return self._path(name, rings, paint.fill(symbol, opacity), paint.line(symbol), closed=True)
        lines = [part for part in parts if part.geom_type in ("LineString", "LinearRing")]
        if lines:
            return self._path(name, lines, "<a:noFill/>", paint.line(symbol), closed=False)
        points = [part for part in parts if part.geom_type == "Point"]
        return self.marker(name, points[0].x, points[0].y, symbol) if points else ""

    def marker(self, name: str, x: float, y: float, symbol: Symbol, *, small: bool = False) -> str:
        """A symbol around a point, with the text that its class has in it."""
        size = round((7 if small else symbol.size) * paint.PX)
        kind = paint.MARKERS[symbol.marker or ("diamond" if small else "circle")]
        if not small and symbol.glyph in paint.GLYPHS:
            kind = paint.GLYPHS[symbol.glyph]
        inside = (
            paint.solid(symbol.fill or symbol.stroke or paint.INK)
            if not small
            else paint.solid(symbol.stroke or paint.INK)
        )
        words = "" if small or not symbol.text else symbol.text
        body = (
            text_body([Line(words, 9, bold=True, color=symbol.text_color or paint.INK)], anchor="ctr", align="ctr")
            if words
            else ""
        )
        return self._shape(
            name, Box(round(x) - size // 2, round(y) - size // 2, size, size), f'<a:prstGeom prst="{kind}"><a:avLst/></a:prstGeom>',
            inside, paint.stroke(symbol.stroke or "#FFFFFF", 1), body,
        )  # fmt: skip

    def box(self, name: str, at: Box, fill: str = "<a:noFill/>", line: str = "<a:ln><a:noFill/></a:ln>", body: str = "",
            kind: str = "rect") -> str:  # fmt: skip
        """A rectangle, or another preset form, with or without text."""
        return self._shape(name, at, f'<a:prstGeom prst="{kind}"><a:avLst/></a:prstGeom>', fill, line, body)

    def text(self, name: str, at: Box, lines: "Iterable[Line]", anchor: str = "t", align: str = "") -> str:
        """A text box."""
        body = text_body(lines, anchor, align)
        return (
            f'<p:sp><p:nvSpPr>{self.named(name)}<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
            f'<p:spPr>{_place(at)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>{body}</p:sp>'
        )

    def straight(self, name: str, x1: int, x2: int, y: int, line: str) -> str:
        """A connector from left to right."""
        return (
            f"<p:cxnSp><p:nvCxnSpPr>{self.named(name)}<p:cNvCxnSpPr/><p:nvPr/></p:nvCxnSpPr>"
            f'<p:spPr>{_place(Box(x1, y, x2 - x1, 0))}<a:prstGeom prst="line"><a:avLst/></a:prstGeom>{line}</p:spPr></p:cxnSp>'
        )

    def group(self, name: str, shapes: Iterable[str], description: str = "") -> str:
        """Shapes as one group; nothing where there are none."""
        inside = "".join(shapes)
        if not inside:
            return ""
        whole = '<a:off x="0" y="0"/><a:ext cx="12192000" cy="6858000"/>'
        child = '<a:chOff x="0" y="0"/><a:chExt cx="12192000" cy="6858000"/>'
        return (
            f"<p:grpSp><p:nvGrpSpPr>{self.named(name, description)}<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>"
            f"<p:grpSpPr><a:xfrm>{whole}{child}</a:xfrm></p:grpSpPr>{inside}</p:grpSp>"
        )

    def _path(self, name: str, rings: list[Any], fill: str, line: str, *, closed: bool) -> str:
        """One shape of several paths: where they lie in one another the inner ones are holes."""
        at = [each for ring in rings if len(each := _distinct(ring, closed)) > int(closed) + 1]
        if not at:
            return ""
        everything = np.vstack(at)
        left, top = everything.min(axis=0)
        width, height = np.maximum(everything.max(axis=0) - (left, top), 1)
        steps = []
        for points in at:
            first, *rest = (f'<a:pt x="{x - left}" y="{y - top}"/>' for x, y in points)
            steps.append(f"<a:moveTo>{first}</a:moveTo>{''.join(f'<a:lnTo>{each}</a:lnTo>' for each in rest)}")
            steps.append("<a:close/>" if closed else "")
        filled = "" if closed else ' fill="none"'
        path = f'<a:path w="{width}" h="{height}"{filled}>{"".join(steps)}</a:path>'
        geometry = (
            "<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
            f'<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>{path}</a:pathLst></a:custGeom>'
        )
        return self._shape(name, Box(int(left), int(top), int(width), int(height)), geometry, fill, line, "")

    def _shape(self, name: str, at: Box, geometry: str, fill: str, line: str, body: str) -> str:
        body = body or "<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody>"
        return (
            f"<p:sp><p:nvSpPr>{self.named(name)}<p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
            f"<p:spPr>{_place(at)}{geometry}{fill}{line}</p:spPr>{body}</p:sp>"
        )


@dataclass(frozen=True)
class Line:
    """A paragraph of one size in points; `field` makes it a field, such as the number of the slide."""

    words: str
    size: float
    bold: bool = False
    color: str = paint.INK
    field: str = ""


def text_body(lines: Iterable[Line], anchor: str = "t", align: str = "") -> str:
    """Paragraphs in a shape, without margins; from right to left where they are read so."""
    paragraphs = []
    for line in lines:
        words = office.plain(line.words)
        turned = office.rtl(words)
        how = f' algn="{align or ("r" if turned else "l")}"' + (' rtl="1"' if turned else "")
        run = f'<a:rPr lang="{"ar-SA" if turned else "en-GB"}" sz="{round(line.size * 100)}" b="{int(line.bold)}" dirty="0">{paint.solid(line.color)}</a:rPr>'
        said = (
            f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="{line.field}">{run}<a:t>‹#›</a:t></a:fld>'
            if line.field else f"<a:r>{run}<a:t>{escape(words)}</a:t></a:r>"
        )  # fmt: skip
        paragraphs.append(f"<a:p><a:pPr{how}/>{said}</a:p>")
    return (
        f'<p:txBody><a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle/>{''.join(paragraphs)}</p:txBody>"
    )


def put(tree: Any, xml: str) -> None:
    """Add shapes to a slide's tree, on top of what is there."""
    for shape in parse_xml(f"<p:spTree {SPACES}>{xml}</p:spTree>"):
        tree.append(shape)


def _distinct(ring: BaseGeometry, closed: bool) -> Any:
    """The corners of a ring or line in whole EMU, none twice in a row, a ring's first not once more at its end."""
    at = np.rint(shapely.get_coordinates(ring)).astype(int)
    at = at[:-1] if closed else at
    return at[np.r_[True, np.any(at[1:] != at[:-1], axis=1)]] if len(at) else at


def _place(at: Box) -> str:
    return f'<a:xfrm><a:off x="{at.left}" y="{at.top}"/><a:ext cx="{at.width}" cy="{at.height}"/></a:xfrm>'


def _parts(geom: BaseGeometry) -> list[BaseGeometry]:
    return [each for part in geom.geoms for each in _parts(part)] if hasattr(geom, "geoms") else [geom]
