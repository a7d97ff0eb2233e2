"""The small drawings inside a marker, each in a box from -1 to 1: those of `web/static/lib/glyphs.js`, for paper.

A drawing is strokes (rows of points) and discs (x, y, radius); y goes up. `tests/draw/test_paper_drawing.py` holds both lists
to the same names.
"""

import math
from dataclasses import dataclass

Row = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Glyph:
    """Strokes and filled discs."""

    strokes: tuple[Row, ...] = ()
    discs: tuple[tuple[float, float, float], ...] = ()


def _ring(x: float, y: float, r: float) -> Row:
    return tuple((x + r * math.cos(a * math.pi / 8), y + r * math.sin(a * math.pi / 8)) for a in range(17))


GLYPHS = {
    "cross": Glyph((((-0.7, -0.7), (0.7, 0.7)), ((0.7, -0.7), (-0.7, 0.7)))),
    "star": Glyph((((0, -1), (0, 1)), ((-0.87, -0.5), (0.87, 0.5)), ((0.87, -0.5), (-0.87, 0.5)))),
    "bar": Glyph((((0, 1), (0, -0.25)), ((0, -0.88), (0, -0.9)))),
    "arrow": Glyph((((-0.95, 0), (0.9, 0)), ((0.2, 0.7), (0.9, 0), (0.2, -0.7)))),
    "bars": Glyph((((-0.75, -0.8), (-0.75, 0.8)), ((0, -0.8), (0, 0.8)), ((0.75, -0.8), (0.75, 0.8)))),
    "triangle": Glyph((((0, 0.85), (0.85, -0.65), (-0.85, -0.65), (0, 0.85), (0.85, -0.65)),)),
    "dot": Glyph(discs=((0, 0, 0.45),)),
    "denied": Glyph((_ring(0, 0, 0.85), ((-0.6, 0.6), (0.6, -0.6)))),
    "entry": Glyph((((0.9, -0.9), (0.9, 0.9)), ((-0.95, 0), (0.4, 0)), ((-0.2, 0.6), (0.4, 0), (-0.2, -0.6)))),
    "barrier": Glyph((((-0.95, 0.25), (0.95, 0.25)), ((-0.6, 0.8), (-0.6, -0.9)), ((0.6, 0.8), (0.6, -0.9)))),
    "wave": Glyph((((-0.95, -0.4), (-0.5, 0.5), (0, -0.4), (0.5, 0.5), (0.95, -0.4)),)),
    "shield": Glyph(
        (((0, 0.9), (0.8, 0.6), (0.7, -0.2), (0, -0.95), (-0.7, -0.2), (-0.8, 0.6), (0, 0.9), (0.8, 0.6)),)
    ),
    "person": Glyph((_ring(0, 0.5, 0.4), ((-0.75, -0.95), (-0.55, -0.3), (0.55, -0.3), (0.75, -0.95)))),
    "mine": Glyph(
        (((0, 0.95), (0, 0.4)), ((-0.85, 0.45), (-0.5, 0.2)), ((0.85, 0.45), (0.5, 0.2))), ((0, -0.15, 0.55),)
    ),
    "hills": Glyph((((-1, -0.75), (-0.3, 0.6), (0.15, -0.2), (0.45, 0.25), (1, -0.75), (-1, -0.75), (-0.3, 0.6)),)),
}
SIDES = {
    "triangle": (3, 90, 1.12), "square": (4, 45, 1.18), "diamond": (4, 90, 1.22), "pentagon": (5, 90, 1.08),
    "hexagon": (6, 90, 1.06),
}  # fmt: skip
"""By marker the number of its corners, the angle of the first, and how much larger it is than a disc of the same weight."""


def corners(marker: str) -> Row:
    """The outline of a marker of half-size 1, closed; a disc is many-sided."""
    n, first, grow = SIDES.get(marker, (32, 0, 1.0))
    turn = [math.radians(first + 360 * at / n) for at in range(n + 1)]
    return tuple((grow * math.cos(a), grow * math.sin(a)) for a in turn)
