"""How large is the sheet, and where on it do banner, title, map, legend and foot stand?

Everything on paper is in points (1/72 inch) from the lower left corner.
"""

from dataclasses import dataclass
from typing import Literal

from geoapp.errors import BadRequest

MM = 72 / 25.4
SIZES = {"a3": (297.0, 420.0), "a4": (210.0, 297.0)}
"""Millimetres, short side first."""
ORIENTATIONS = ("landscape", "portrait")
Size = Literal["a3", "a4"]
Orientation = Literal["landscape", "portrait"]


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Points across."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Points up."""
        return self.top - self.bottom

    def inset(self, by: float) -> "Box":
        """The same, smaller by so much on each side."""
        return Box(self.left + by, self.bottom + by, self.right - by, self.top - by)

    def meets(self, other: "Box") -> bool:
        """Whether the two have a place in common."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


@dataclass(frozen=True)
class Page:
    """A sheet's size, the boxes of its parts, and the sizes of its type."""

    size: str
    orientation: str
    width: float
    height: float
    banner: float
    """How high the black band at top and foot is."""
    title: Box
    map: Box
    columns: tuple[Box, ...]
    """Where legend, lists and locator flow, in order."""
    foot: Box
    type: dict[str, float]
    """Points by role: title, subtitle, body, small, label."""


_TYPE = {
    "a3": {"title": 21.0, "subtitle": 10.5, "body": 8.2, "small": 7.2, "label": 7.6, "least_title": 9.0},
    "a4": {"title": 15.0, "subtitle": 8.4, "body": 7.2, "small": 7.0, "label": 7.0, "least_title": 7.0},
}


def page(size: str = "a3", orientation: str = "landscape", *, listing: bool = False, foot: float = 0.0) -> Page:
    """The sheet of that size and side, its foot so high in points where the usual is less; with `listing` lists have a column of
    their own beside the legend's in landscape, as they always have in portrait. Raises BadRequest for one that there is not."""
    if size not in SIZES:
        raise BadRequest(f"There is no paper {size[:20]!r}.", hint=f"One of {', '.join(SIZES)}.")
    if orientation not in ORIENTATIONS:
        raise BadRequest(f"Paper does not lie {orientation[:20]!r}.", hint=f"One of {', '.join(ORIENTATIONS)}.")
    short, long = (side * MM for side in SIZES[size])
    width, height = (long, short) if orientation == "landscape" else (short, long)
    a3 = size == "a3"
    margin, gap = (6 * MM, 4 * MM) if a3 else (5 * MM, 3 * MM)
    banner = (7 if a3 else 5.5) * MM
    head, low = ((20, 15) if a3 else (16, 16)) if orientation == "landscape" else ((30, 17) if a3 else (25, 25))
    title = Box(margin, height - banner - head * MM, width - margin, height - banner - 2 * MM)
    lower = Box(margin, banner + 1.5 * MM, width - margin, banner + 1.5 * MM + max(low * MM, foot))
    if orientation == "landscape":
        sides = [(80 if a3 else 66) * MM] + [(64 if a3 else 58) * MM] * listing
        drawn = Box(
            margin, lower.top + 2 * MM, width - margin - sum(gap + side for side in sides), title.bottom - 1 * MM
        )
        lefts = [drawn.right + gap + sum(gap + side for side in sides[:at]) for at in range(len(sides))]
        columns = tuple(
            Box(left, drawn.bottom, left + side, drawn.top) for left, side in zip(lefts, sides, strict=True)
        )
    else:
        deep, many = (112, 3) if a3 else (86, 3)
        drawn = Box(margin, lower.top + (deep + 4) * MM, width - margin, title.bottom - 1 * MM)
        each = (drawn.width - (many - 1) * gap) / many
        columns = tuple(
            Box(
                margin + at * (each + gap),
                lower.top + 2 * MM,
                margin + at * (each + gap) + each,
                lower.top + (deep + 1) * MM,
            )
            for at in range(many)
        )
    return Page(size, orientation, width, height, banner, title, drawn, columns, lower, _TYPE[size])
