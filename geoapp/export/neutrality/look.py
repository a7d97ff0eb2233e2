"""Are a colour, a symbol and a type of event neutral? Red and blue take sides, and so do friend and hostile."""

import math
import re

from layers._palette import SIDE_CHROMA
from layers._palette import SIDES as SIDE_HUES

ACTORS = {
    "areas_of_operation": "Areas of operation", "presence": "Presence, row by row", "overlaps": "Overlaps",
}  # fmt: skip
"""Layers whose colours stand for actors, by name and by title."""
SIDES = {"2": "assumed friend", "3": "friend", "5": "suspect", "6": "hostile"}
_LETTERS = {
    "F": "friend",
    "A": "assumed friend",
    "H": "hostile",
    "S": "suspect",
    "J": "joker",
    "K": "faker",
    "D": "exercise friend",
    "M": "exercise assumed friend",
}


def of_actors(name: str) -> bool:
    """Whether a group, folder, style or table is of a layer of actors."""
    said = name.strip()
    return said in ACTORS.values() or any(said == key or re.match(rf"{key}[-.\d]", said) for key in ACTORS)


def side(color: str) -> str | None:
    """`red` or `blue` where a colour `RRGGBB` is one by the palette's rule, else None."""
    if not re.fullmatch("[0-9a-fA-F]{6}", color):
        return None
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (0, 2, 4))
    x = _root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047)
    y = _root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883)
    a, b = 500 * (x - y), 200 * (y - z)
    hue = math.degrees(math.atan2(b, a)) % 360
    if math.hypot(a, b) <= SIDE_CHROMA:
        return None
    return next(
        (name for name, (first, last) in SIDE_HUES.items() if (hue - first) % 360 <= (last - first) % 360), None
    )


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116


def identity(symbol: str) -> str | None:
    """The side that a symbol code says (2525 and APP-6: 20 or 30 digits, or 15 letters); None for neutral and unknown."""
    code = symbol.strip().split(":")[-1].replace(" ", "")
    if re.fullmatch(r"1[0-4]\d{18}(\d{10})?", code):
        return SIDES.get(code[3])
    if re.fullmatch(r"[SGWIOE][A-Z*-]{2}[A-Z0-9*-]{7,12}", code):
        return _LETTERS.get(code[1])
    return None


def event(kind: str) -> str | None:
    """What a type of Cursor on Target says that must not leave: a side or a task; None for what may."""
    parts = kind.strip().split("-")
    if parts[0] == "t" and len(parts) > 1:
        return "a task"
    if parts[0] == "a" and len(parts) > 1:
        return {"f": "friend", "h": "hostile", "s": "suspect", "a": "assumed friend", "j": "joker", "k": "faker"}.get(
            parts[1]
        )
    return None
