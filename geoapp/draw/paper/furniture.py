"""What stands on every sheet whatever it is about: banners, title, moment and number, scale, north, grid, notes, foot?"""

from collections.abc import Sequence

from geoapp.draw.paper import typeface
from geoapp.draw.paper.labels import Ground
from geoapp.draw.paper.page import MM, Box, Page
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.projection import Frame, nice_length
from geoapp.draw.paper.told import ABSENCE, EXERCISE, Told
from layers._palette import HANDLING, INK, WHITE

INK_2, INK_3, LINE = "#45525D", "#5E6B76", "#C3CBD1"
CLAIMS = "Areas of armed actors are claims, each with its date and grade; they may have moved since."
PERMIT = "What is drawn gives no permission and no protection."


def banners(sheet: Sheet, page: Page, told: Told) -> None:
    """Handling at top and foot: white words on black, the label in its own colour."""
    label = told.handling.removeprefix("TLP:")
    for bottom in (0.0, page.height - page.banner):
        sheet.box(Box(0, bottom, page.width, bottom + page.banner), fill="#000000")
        y, size = bottom + page.banner * 0.32, page.type["body"] + 1.2
        sheet.text(page.title.left, y, told.handling, size, weight=600, color=HANDLING[label])
        beside = page.title.left + typeface.width(told.handling, size, 600) + 10
        sheet.text(beside, y, told.room, page.type["body"], color=WHITE)
        sheet.text(page.title.right, y, told.handling, size, weight=600, color=HANDLING[label], anchor="right")
        if told.exercise:
            before = page.title.right - typeface.width(told.handling, size, 600) - 10
            sheet.text(before, y, EXERCISE, page.type["body"], color=WHITE, anchor="right")


def heading(sheet: Sheet, page: Page, told: Told) -> None:
    """Title and question at the start, moment and number at the end; a long title is set smaller, on up to three lines."""
    small = page.type["small"]
    facts = (("As of", told.as_of), ("Newest record", told.newest), ("Map number", told.number))
    right = page.title.right
    for name, words in reversed(facts):
        wide = max(typeface.width(words, small + 1.6, 600), typeface.width(name, small)) + 12
        right -= wide
        sheet.text(right + 9, page.title.top - small - 3, name, small, color=INK_3)
        sheet.text(right + 9, page.title.top - 2 * small - 7.5, words, small + 1.6, weight=600)
        sheet.line([[(right + 2, page.title.top - 2), (right + 2, page.title.top - 2 * small - 10)]], LINE, 0.6)
    room = (right if page.orientation == "landscape" else page.title.right) - page.title.left - 14
    top = page.title.top - (0 if page.orientation == "landscape" else 2 * small + 12)
    size, lines = _title(told.title, room, page)
    for at, line in enumerate(lines):
        sheet.text(page.title.left, top - size * (0.95 + 1.16 * at), line, size, weight=600)
    rest = wrap(told.subtitle, page.type["subtitle"], room)[:1]
    for line in rest:
        below = top - size * (0.95 + 1.16 * (len(lines) - 1)) - page.type["subtitle"] * 1.45
        sheet.text(page.title.left, below, line, page.type["subtitle"], color=INK_2)


def _title(title: str, room: float, page: Page) -> tuple[float, list[str]]:
    """The size and the lines of a title: as large as fits on one line, then two, then three; the rest is cut with a sign."""
    most, least = page.type["title"], page.type["least_title"]
    for lines, largest in ((1, most), (2, most * 0.62), (3, most * 0.45)):
        size = largest
        while size >= max(least, largest * 0.72):
            found = wrap(title, size, room, 600)
            if len(found) <= lines:
                return size, found
            size -= 0.5
    found = wrap(title, least, room, 600)
    return least, found if len(found) <= 3 else [*found[:2], _cut(found[2], least, room, 600)]


def _cut(words: str, size: float, room: float, weight: int) -> str:
    while words and typeface.width(words + "…", size, weight) > room:
        words = words[:-1]
    return words + "…"


def fitted(words: object, size: float, room: float, weight: int = 400) -> str:
    """A text on one line no wider than the room, cut with a sign where it is longer."""
    said = typeface.drawable(words)
    return said if typeface.width(said, size, weight) <= room else _cut(said, size, room, weight)


def wrap(words: object, size: float, room: float, weight: int = 400) -> list[str]:
    """A text on lines no wider than the room; a word that is wider is parted."""
    lines: list[list[str]] = [[]]
    used, blank = 0.0, typeface.width("a b", size, weight) - typeface.width("ab", size, weight)
    for word in typeface.drawable(words).split(" "):
        for part in _parted(word, size, room, weight):
            wide = typeface.width(part, size, weight)
            if lines[-1] and used + blank + wide > room:
                lines.append([])
                used = 0.0
            used += wide + (blank if lines[-1] else 0.0)
            lines[-1].append(part)
    return [" ".join(line) for line in lines if any(line)]


def _parted(word: str, size: float, room: float, weight: int) -> list[str]:
    """A word in pieces that are no wider than the room."""
    if typeface.width(word, size, weight) <= room:
        return [word]
    pieces, piece, used = [], "", 0.0
    for sign in word:
        wide = typeface.width(sign, size, weight)
        if piece and used + wide > room:
            pieces.append(piece)
            piece, used = "", 0.0
        piece, used = piece + sign, used + wide
    return [*pieces, piece]


def sizes(page: Page, frame: Frame, notes: Sequence[str]) -> dict[str, tuple[float, float]]:
    """How wide and how high the plates of scale, north and warning are."""
    small = page.type["small"]
    wide = max(_bar(frame) / frame.metres, typeface.width(_ratio(page, frame), small)) + 30
    room = _note_room(frame.box)
    high = (len(_warning(page, frame, notes)) + 1) * small * 1.28 + 10
    return {"scale": (wide, 34.0), "north": (28.0, 38.0), "note": (room, high)}


def _bar(frame: Frame) -> float:
    """Metres of the scale bar."""
    return nice_length(min(frame.box.width * 0.3, 70 * MM) * frame.metres)


def _ratio(page: Page, frame: Frame) -> str:
    return f"1:{frame.scale:,.0f} on {page.size.upper()} · {frame.name} · areas geodesic"


def _note_room(box: Box) -> float:
    return min(box.width * 0.34, 92 * MM)


def _warning(page: Page, frame: Frame, notes: Sequence[str]) -> list[str]:
    return wrap(" ".join(dict.fromkeys([*notes, PERMIT])), page.type["small"], _note_room(frame.box) - 16)


def scale_bar(sheet: Sheet, page: Page, frame: Frame, ground: Ground, plate: Box) -> None:
    """Scale as bar and ratio, and in which projection."""
    small, length = page.type["small"], _bar(frame)
    long = length / frame.metres
    _plate(sheet, ground, plate)
    x, y = plate.left + 12, plate.bottom + 19
    for at in range(4):
        sheet.box(
            Box(x + at * long / 4, y, x + (at + 1) * long / 4, y + 2.6),
            fill=INK if at % 2 == 0 else WHITE,
            stroke=INK,
            width=0.5,
        )
    unit, factor = ("km", 1000.0) if length >= 1000 else ("m", 1.0)
    for at in (0, 2, 4):
        said = f"{length * at / 4 / factor:g}" + (f" {unit}" if at == 4 else "")
        sheet.text(x + at * long / 4, y + 5, said, small, anchor="center")
    sheet.text(x - 4, plate.bottom + 6, _ratio(page, frame), small, color=INK_2)


def north(sheet: Sheet, ground: Ground, plate: Box) -> None:
    """Where north is: grid north, which the projection turns a little from true north."""
    _plate(sheet, ground, plate)
    x, y = (plate.left + plate.right) / 2, plate.bottom + 13
    sheet.polygon([(x, y + 22), (x + 6.5, y), (x, y + 4.5)], INK, INK)
    sheet.polygon([(x, y + 22), (x - 6.5, y), (x, y + 4.5)], WHITE, INK)
    sheet.text(x, plate.bottom + 4, "N", 8, weight=600, anchor="center")


def note(sheet: Sheet, page: Page, frame: Frame, ground: Ground, plate: Box, notes: Sequence[str]) -> None:
    """What must be read on the map itself."""
    small = page.type["small"]
    _plate(sheet, ground, plate)
    for at, line in enumerate([ABSENCE, *_warning(page, frame, notes)]):
        sheet.text(
            plate.left + 8, plate.top - 6 - small * (0.9 + 1.28 * at), line, small, weight=600 if at == 0 else 400
        )


def nothing(sheet: Sheet, page: Page, frame: Frame, ground: Ground, words: str) -> None:
    """Why the map is empty, in its middle."""
    size, box = page.type["subtitle"] + 1, frame.box
    lines = wrap(words, size, box.width * 0.5, 600)
    wide, high = max(typeface.width(line, size, 600) for line in lines) + 28, len(lines) * size * 1.35 + 20
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    _plate(sheet, ground, Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))
    for at, line in enumerate(lines):
        sheet.text(x, y + high / 2 - 10 - size * (0.95 + 1.35 * at), line, size, weight=600, anchor="center")


def _plate(sheet: Sheet, ground: Ground, box: Box) -> None:
    sheet.box(box, fill=WHITE, stroke=LINE, width=0.5, alpha=0.94)
    ground.take(box.inset(-3))


_GAP = 4 * MM
_SHARES = tuple(percent / 100 for percent in range(16, 70, 3))
"""Of the foot's width, what a part of it may have."""
_LINE = 1.22
"""From one line of the foot to the next, in sizes of its type."""


def _parts(told: Told) -> tuple[tuple[str, str], ...]:
    return (
        ("Sources.", told.sources), ("Disclaimer.", told.disclaimer),
        ("Not on this map.", f"{told.withheld} {told.contact}"),
    )  # fmt: skip


def _lines(page: Page, part: tuple[str, str], share: float) -> list[str]:
    return wrap(" ".join(part), page.type["small"], (page.foot.width - 2 * _GAP) * share * 0.985)


def _set(page: Page, told: Told) -> list[tuple[float, list[str]]]:
    """The parts of the foot side by side, each with its share of the width and its lines: as few lines as they can be."""
    sources, disclaimer, withheld = _parts(told)
    first, second = ({of: _lines(page, part, of) for of in _SHARES} for part in (sources, disclaimer))
    third = {
        of: _lines(page, withheld, of)
        for of in {round(1 - a - b, 2) for a in _SHARES for b in _SHARES}
        if of >= _SHARES[0]
    }
    splits = [(a, b, round(1 - a - b, 2)) for a in _SHARES for b in _SHARES if round(1 - a - b, 2) in third]
    a, b, c = min(splits, key=lambda each: (
        max(len(lines[of]) for lines, of in zip((first, second, third), each, strict=True)), max(each)
    ))  # fmt: skip
    return [(a, first[a]), (b, second[b]), (c, third[c])]


def foot_height(page: Page, told: Told) -> float:
    """How high the foot must be for all of it to be read, in points."""
    return max(len(lines) for _, lines in _set(page, told)) * page.type["small"] * _LINE + 0.1


def foot(sheet: Sheet, page: Page, told: Told) -> None:
    """Sources, disclaimer, and what this room does not see, side by side."""
    left, size = page.foot.left, page.type["small"]
    for (lead, _), (share, lines) in zip(_parts(told), _set(page, told), strict=True):
        for row, line in enumerate(lines):
            y, x = page.foot.top - size * (0.9 + _LINE * row), left
            if row == 0 and line.startswith(lead):
                sheet.text(x, y, lead, size, weight=600)
                x += typeface.width(lead + " ", size, 600)
                line = line.removeprefix(lead).strip()
            sheet.text(x, y, line, size, color=INK_2)
        left += (page.foot.width - 2 * _GAP) * share + _GAP
