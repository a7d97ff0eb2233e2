"""The brief as a page that anybody can print: PDF, with the sentences of the DOCX, in the typefaces of the maps."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages

from geoapp.draw import office
from geoapp.draw.brief.told import Told
from geoapp.draw.paper.furniture import wrap
from geoapp.draw.paper.page import MM, Box
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.sheet import one_at_a_time
from geoapp.draw.paper.typeface import ready

WIDTH, HEIGHT = 210 * MM, 297 * MM
EDGE, BAR = 18 * MM, 9 * MM
BODY = Box(EDGE, BAR + 5 * MM, WIDTH - EDGE, HEIGHT - BAR - 7 * MM)
SIZES = (10.0, 9.2, 8.5)
"""Points of a sentence: the first at which all of it is one page, else the last, on as many pages as it takes."""
INK, SECOND, PETROL, WHITE = "#17212B", "#45525D", "#0F5C6E", "#FFFFFF"


@dataclass(frozen=True)
class Line:
    """One line: its words, their size, how far in, and how much is left free above it."""

    words: str
    size: float
    weight: int = 400
    color: str = INK
    inset: float = 0.0
    above: float = 0.0
    dot: bool = False
    rtl: bool = False

    @property
    def high(self) -> float:
        """What it takes of a page, in points."""
        return self.above + self.size * 1.32


def write(told: Told, path: Path) -> None:
    """Write the page. The same words give the same bytes."""
    with one_at_a_time():
        ready()
        pages = [_pages(list(_lines(told, size))) for size in SIZES]
        chosen = next((each for each in pages if len(each) == 1), pages[-1])
        about = {
            "Title": f"{told.name}: brief",
            "Subject": told.handling,
            "CreationDate": None,
            "Producer": None,
            "Creator": None,
        }
        with PdfPages(path, metadata=about) as out:
            for number, lines in enumerate(chosen, 1):
                out.savefig(_drawn(told, lines, number, len(chosen)).figure)


def _lines(told: Told, size: float) -> Iterator[Line]:
    yield from _wrapped(told.name, size * 1.9, weight=600)
    yield from _wrapped(told.said, size * 0.9, color=SECOND, above=size * 0.6)
    for section in told.sections:
        yield from _wrapped(section.title, size * 1.2, weight=600, color=PETROL, above=size * 0.9)
        for sentence in section.sentences:
            yield from _wrapped(sentence, size, inset=size, above=size * 0.2, dot=True)
    yield from _wrapped(told.foot, size * 0.8, color=SECOND, above=size)


def _wrapped(
    words: str,
    size: float,
    *,
    weight: int = 400,
    color: str = INK,
    inset: float = 0.0,
    above: float = 0.0,
    dot: bool = False,
) -> Iterator[Line]:
    """Words as lines of the page's width; the first has the space above and the dot."""
    rtl = office.rtl(words)
    for place, line in enumerate(wrap(words, size, (BODY.width - inset) * 0.985, weight)):
        yield Line(line, size, weight, color, inset, 0.0 if place else above, dot and not place, rtl)


def _pages(lines: list[Line]) -> list[list[Line]]:
    pages: list[list[Line]] = [[]]
    used = 0.0
    for line in lines:
        if used + line.high > BODY.height and pages[-1]:
            pages.append([])
            used = 0.0
        used += line.high
        pages[-1].append(line)
    return pages


def _drawn(told: Told, lines: list[Line], number: int, of: int) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.part("brief")
    for low in (0.0, HEIGHT - BAR):
        sheet.box(Box(0, low, WIDTH, low + BAR), fill="#000000")
        words = (
            told.handling if low else f"{told.handling} · {told.as_of}{f' · page {number} of {of}' if of > 1 else ''}"
        )
        sheet.text(EDGE, low + BAR / 2, words, 9, weight=600, color=WHITE, level="center_baseline")
    y = BODY.top
    for line in lines:
        y -= line.high
        x = BODY.right - line.inset if line.rtl else BODY.left + line.inset
        if line.dot:
            side = BODY.right - line.inset * 0.4 if line.rtl else BODY.left + line.inset * 0.4
            sheet.text(side, y, "•", line.size, color=PETROL, anchor="center")
        sheet.text(
            x, y, line.words, line.size, weight=line.weight, color=line.color, anchor="right" if line.rtl else "left"
        )
    return sheet
