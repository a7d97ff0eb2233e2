"""One map on paper: read what the room may see of each layer, draw it, write around it what it is, and save it."""

import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from geoapp import audiences
from geoapp.audiences import Room
from geoapp.draw import features, narrowing, panel
from geoapp.draw.paper import furniture, georeference, grid, legend, names, plates
from geoapp.draw.paper.asked import Asked, Made, Piece
from geoapp.draw.paper.beside import beside, lists_have_room, own_ground
from geoapp.draw.paper.labels import Ground
from geoapp.draw.paper.page import Page, page
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.projection import Frame, fit
from geoapp.draw.paper.records import Drawn, read
from geoapp.draw.paper.shapes import shapes_of
from geoapp.draw.paper.themes import Theme
from geoapp.draw.paper.told import ABSENCE, Told, tell
from geoapp.errors import NotAcceptable, Unavailable
from geoapp.scope import WORLD, Scope
from layers import Layer, get

FORMATS = {".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml"}
DPI = 300
NAMED_SCALE = 600_000
"""From this scale on districts are named on every map."""
_NEARLY = 0.05
"""Points by which a box may miss the height that was asked for: its edges are sums of fractions."""
_one = threading.RLock()
"""matplotlib's settings and fonts are the process's: sheets are drawn one after another, which bounds memory as well."""


def sheet(
    connection: Connection, scope: Scope, path: Path, *, theme: str = "overview", layers: Sequence[str] = (),
    size: str = "a3", orientation: str = "landscape", title: str | None = None, contact: str | None = None,
    in_force: bool = False, given: Mapping[str, Sequence[tuple[Any, ...]]] | None = None,
    grid: str = "degrees",
) -> Made:  # fmt: skip
    """Draw one map to `path`; PDF, PNG or SVG by its suffix. With `in_force` what lasts is that of the last day of the period,
    and events are those of all its days.

    Raises NotFound for an unknown theme, layer or operation, BadRequest for another paper or room, NotAcceptable for
    another suffix.
    """
    checked(path)
    asked = Asked(theme, tuple(layers), size, orientation, title, contact, in_force, given, grid)
    pages, made, told = drawn_pages(connection, scope, [Piece(asked)], path.suffix.lower())
    save(path, pages, told)
    return made[0]


@contextmanager
def one_at_a_time(wait_s: float = -1) -> Iterator[None]:
    """While one draws, others wait, so long at most. Raises Unavailable when that was not long enough."""
    if not _one.acquire(timeout=wait_s):
        raise Unavailable("Other maps are being drawn.", hint="Ask again in a minute.")
    try:
        yield
    finally:
        _one.release()


def checked(path: Path) -> None:
    """Raises NotAcceptable where paper has no such form."""
    if path.suffix.lower() not in FORMATS:
        raise NotAcceptable(
            f"Paper is no {path.suffix or 'file without suffix'}.", hint=f"One of {', '.join(FORMATS)}."
        )


def drawn_pages(
    connection: Connection, scope: Scope, pieces: Sequence[Piece], suffix: str
) -> tuple[list[tuple[bytes, Frame]], list[Made], Told]:
    """Each page as bytes with the ground it shows, what was made, and the words of the first."""
    rooms = audiences.rooms(connection)
    room = audiences.pick(rooms, scope)
    narrowing.check(scope, room.untold)
    about = panel.frame(connection, scope, rooms=rooms)
    if scope.period is None:
        first, last = (date.fromisoformat(day) if day else None for day in about["period"])
        scope = replace(scope, period=(first, last))
    pages, made, first_told = [], [], None
    for piece in pieces:
        with one_at_a_time():
            data, frame, one, told = _page(connection, scope, room, about, piece, suffix)
            gc.collect()
        pages.append((data, frame))
        made.append(one)
        first_told = first_told or told
    assert first_told is not None
    return pages, made, first_told


def save(path: Path, pages: list[tuple[bytes, Frame]], told: Told) -> None:
    """Write the pages as one file."""
    data = pages[0][0]
    if path.suffix.lower() == ".pdf":
        data = georeference.merged(
            pages, {"Title": told.title, "Subject": f"{told.handling}. {told.room}. {told.number}"}
        )
    path.write_bytes(data)


def _page(
    connection: Connection, scope: Scope, room: Room, about: dict[str, Any], piece: Piece, suffix: str
) -> tuple[bytes, Frame, Made, Told]:
    of, layers = piece.asked.of(room)
    extent = piece.extent or (scope.bbox if scope.bbox != WORLD else tuple(about["bbox"]))
    own = own_ground(connection, scope)
    subject = own if piece.ground is None else shapely.from_wkb([piece.ground])
    shown = [layer for layer in layers if room.shows(layer)]
    say = partial(
        tell, connection, scope, about, room, of, layers, title=piece.asked.title, number=piece.number or of.number,
        place=piece.place, contact=piece.asked.contact,
    )  # fmt: skip
    for listing in (False, True):  # lists have a column of their own where the legend leaves them no room in its
        on, frame, told = _laid_out(connection, scope, piece, shown, extent, subject, say, listing=listing)
        found = _read(connection, scope, room, frame, layers, of, piece.asked)
        if len(on.columns) > 1 or lists_have_room(on, of, found):
            break
    if not sum(each.total for each in found.values() if not each.layer.background and not each.layer.fixed):
        told = say(on, frame.degrees(), drawn=0)
    out = Sheet(on.width, on.height)
    out.part("ground", on.map)
    out.box(on.map, fill=legend.WATER)
    for each in found.values():
        out.part(each.layer.name, on.map)
        shapes_of(out, each)
    _around(connection, scope, out, on, frame, of, found, told, piece, own, subject)
    buffer = BytesIO()
    metadata: dict[str, dict[str, Any]] = {
        ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        ".png": {"Software": None, "Title": told.title, "Description": f"{told.handling}. {told.room}. {told.number}"},
        ".svg": {
            "Date": None,
            "Creator": None,
            "Title": told.title,
            "Description": f"{told.handling}. {told.room}. {told.number}",
        },
    }
    out.figure.savefig(buffer, format=suffix[1:], dpi=DPI if suffix == ".png" else 72, metadata=metadata[suffix])
    made = Made(told.number, {name: each.total for name, each in found.items()}, frame.scale)
    return buffer.getvalue(), frame, made, told


def _laid_out(
    connection: Connection, scope: Scope, piece: Piece, layers: Sequence[Layer], extent: Any, subject: np.ndarray,
    say: Callable[..., Told], *, listing: bool,
) -> tuple[Page, Frame, Told]:  # fmt: skip
    """The page, the ground on it and its words. The foot is as high as these are many, and they follow from the ground: the
    disclaimers of what is shown."""
    foot = 0.0
    while True:
        on = page(piece.asked.size, piece.asked.orientation, listing=listing, foot=foot)
        frame = fit(extent, on.map)
        notes = _notes(connection, scope, frame, layers, piece)
        frame = plates.clearing(frame, extent, subject, partial(furniture.sizes, on, notes=notes))
        told = say(on, frame.degrees())
        foot = furniture.foot_height(on, told)
        if foot <= on.foot.height + _NEARLY:
            return on, frame, told


def _read(
    connection: Connection, scope: Scope, room: Room, frame: Frame, layers: Sequence[Layer], of: Theme, asked: Asked
) -> dict[str, Drawn]:  # fmt: skip
    found = {}
    last = scope.period[1] if scope.period else None
    lasting = replace(scope, period=(last, last)) if asked.in_force and last else scope
    for layer in layers:
        if not room.shows(layer):
            continue
        wanted = [
            name
            for each in of.listed
            if each.layer == layer.name
            for name in (*each.lines, each.value, *each.by, *each.signs, *each.same)
        ]
        wanted += {"basemap": ["name", "rank"], "boundaries": ["name", "pcode"], "roads": ["road_class"]}.get(
            layer.name, []
        )
        found[layer.name] = read(
            connection,
            layer,
            scope if layer.happens else lasting,
            frame,
            wanted,
            room.hidden(layer),
            (asked.given or {}).get(layer.name),
        )
    return found


def _around(
    connection: Connection, scope: Scope, out: Sheet, on: Page, frame: Frame, of: Theme, found: dict[str, Drawn], told: Told,
    piece: Piece, own: np.ndarray, subject: np.ndarray,
) -> None:  # fmt: skip
    """Grid, words and numbers on the map; everything beside and under it."""
    ground = Ground(on.map.inset(2))
    out.part("furniture", on.map, above=True)
    notes = _notes(connection, scope, frame, [each.layer for each in found.values()], piece)
    records = [each.geoms for each in found.values() if not each.layer.background and not each.layer.fixed]
    at = plates.place(
        on.map, furniture.sizes(on, frame, notes), frame.draw(subject), np.concatenate([frame.draw(own), *records])
    )
    furniture.north(out, ground, at["north"])
    furniture.scale_bar(out, on, frame, ground, at["scale"])
    furniture.note(out, on, frame, ground, at["note"], notes)
    if told.nothing:
        furniture.nothing(out, on, frame, ground, told.nothing)
    if piece.asked.grid == "mgrs" and grid.serves(frame):
        grid.mgrs_squares(out, on, frame, ground)
    else:
        grid.graticule(out, on, frame, ground)
    out.part("beside")
    tables = beside(connection, scope, out, on, frame, of, found, own)
    for each in found.values():
        if each.layer.shape == "point" and not each.layer.mixed:
            out.part(f"{each.layer.name}-markers", on.map)
            names.markers(out, ground, each)
    out.part("names", on.map)
    for drawn, entries in tables:
        if left := names.numbers(out, ground, drawn, entries):
            names.left_out(out, on, ground, drawn.layer.title, left)
    names.of_layers(out, on, ground, found, districts=of.districts or frame.scale < NAMED_SCALE)
    out.part("frame", above=True)
    out.box(on.map, stroke="#17212B", width=1.0)
    furniture.heading(out, on, told)
    furniture.foot(out, on, told)
    furniture.banners(out, on, told)


def _notes(
    connection: Connection, scope: Scope, frame: Frame, layers: Sequence[Layer], piece: Piece
) -> list[str]:  # fmt: skip
    """What must be read with what is drawn: each layer's warning, how many incidents have no place to be drawn at, and that
    another grid than the one asked for is drawn."""
    notes = [piece.note] if piece.note else []
    notes += [layer.warning for layer in layers if layer.warning and layer.warning != ABSENCE]
    names = [layer.name for layer in layers]
    if "areas_of_operation" in names:
        notes.append(furniture.CLAIMS)
    if "incidents" in names and "rough_incidents" not in names:
        rough = features.count(connection, get("rough_incidents"), scope.within(frame.degrees()))
        if rough:
            notes.append(f"{rough:,} more incidents are known only roughly and are not drawn.")
    if piece.asked.grid == "mgrs" and not grid.serves(frame):
        notes.append("The map is too wide for one zone of the MGRS grid: degrees are drawn.")
    return notes
