"""What is a map on paper asked to be, piece by piece, and what was made of it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geoapp.audiences import Room
from geoapp.draw.paper.themes import THEMES, VIEW, WHAT_CHANGED, Theme, theme
from geoapp.errors import BadRequest, NotFound
from layers import STACK, Layer, get
from layers.changes import LAYER as CHANGES

GRIDS = ("degrees", "mgrs")


@dataclass(frozen=True)
class Made:
    """A sheet that was made: its map number, which names its file, the records of each layer on it, and its scale."""

    number: str
    records: dict[str, int]
    scale: float
    pages: int = 1
    cut: str = ""
    """What of an atlas is not in it for its length, in a sentence."""


@dataclass(frozen=True)
class Asked:
    """What a sheet is asked to be. `layers` are names, for a theme of one's own; `title` replaces the theme's."""

    theme: str = "overview"
    layers: tuple[str, ...] = ()
    size: str = "a3"
    orientation: str = "landscape"
    title: str | None = None
    contact: str | None = None
    in_force: bool = False
    """Of what lasts only what holds on the last day of the period."""
    given: Mapping[str, Sequence[tuple[Any, ...]]] | None = None
    """By layer its rows, as export formats take them, in place of asking for them."""
    grid: str = "degrees"
    """`degrees`, or `mgrs` where one zone of UTM serves the map."""

    def of(self, room: Room) -> tuple[Theme, tuple[Layer, ...]]:
        """The theme and its layers in drawing order, base map and boundaries among them; instead of those that the room is not
        shown the ones it is. Raises NotFound, and BadRequest for another grid."""
        if self.grid not in GRIDS:
            raise BadRequest(f"There is no grid {self.grid[:20]!r}.", hint=f"One of {', '.join(GRIDS)}.")
        if not self.layers:
            found = theme(self.theme) if self.given is None else WHAT_CHANGED
            wanted = set(found.layers)
        else:
            found = THEMES.get(self.theme, VIEW)
            wanted = {_known(name).name for name in self.layers} | {"basemap", "boundaries"}
        wanted |= {other for name, other in found.instead if name in wanted and not room.shows(get(name))}
        more = (CHANGES,) if CHANGES.name in wanted else ()
        return found, (*(layer for layer in STACK if layer.name in wanted), *more)


@dataclass(frozen=True)
class Piece:
    """One page: what is asked for, and the part of the operation that it is of."""

    asked: Asked
    extent: tuple[float, float, float, float] | None = None
    place: str = ""
    number: int = 0
    note: str = ""
    """What must be read with it besides."""
    ground: bytes | None = None
    """The shape that the page is of, WKB in degrees, where that is not the whole operation."""


def _known(name: str) -> Layer:
    try:
        return get(name)
    except KeyError:
        raise NotFound(
            f"There is no layer {name[:60]!r}.", hint=f"One of {', '.join(each.name for each in STACK)}."
        ) from None
