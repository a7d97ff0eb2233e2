"""One sheet a province that has something in it, as the pages of one PDF."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, text

from geoapp import audiences
from geoapp.draw import features
from geoapp.draw.paper.asked import Asked, Made, Piece
from geoapp.draw.paper.sheet import checked, drawn_pages, save
from geoapp.errors import NotAcceptable, NotFound
from geoapp.scope import Scope, range_text
from layers import Layer
from layers._sql import DAY, UNIT_ON

FIRST_NUMBER = 101
MOST_PAGES = 60
_UNITS = f"""
    SELECT coalesce(b.name, b.pcode), b.pcode, ST_XMin(f.geom), ST_YMin(f.geom), ST_XMax(f.geom), ST_YMax(f.geom),
        ST_AsBinary(ST_Transform(coalesce(f.low, ST_Transform(f.geom, 3857)), 4326))
    FROM calc.boundary AS b
    JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
    WHERE b.level = 1 AND {UNIT_ON.format("b", DAY)}
    ORDER BY 1, b.id
"""


def atlas(
    connection: Connection, scope: Scope, path: Path, *, layers: Sequence[str] = (), size: str = "a4",
    orientation: str = "portrait", title: str | None = None, contact: str | None = None,
    in_force: bool = False, grid: str = "degrees",
) -> Made:  # fmt: skip
    """Draw a sheet of each first administrative unit in whose box something lies to one PDF; `layers` are those of the overview
    unless said. Raises NotFound where there are no units or nothing lies in any, and NotAcceptable for another suffix."""
    checked(path)
    if path.suffix.lower() != ".pdf":
        raise NotAcceptable(
            "An atlas has many pages, which a PDF alone can hold.", hint="Write it to a file that ends in .pdf."
        )
    asked = Asked("overview", tuple(layers), size, orientation, title, contact, in_force, grid=grid)
    room = audiences.room(connection, scope)
    _, drawn = asked.of(room)
    shown = [each for each in drawn if room.shows(each) and not (each.background or each.fixed)]
    units = connection.execute(text(_UNITS), {"period": range_text(scope.period)}).all()
    if not units:
        raise NotFound(
            "This operation has no provinces to make an atlas of.", hint="Import its boundaries of level 1 first."
        )
    pieces = [
        Piece(asked, (west, south, east, north), name, FIRST_NUMBER + at, ground=ground)
        for at, (name, _, west, south, east, north, ground) in enumerate(units)
        if _holds(connection, scope, shown, (west, south, east, north))
    ]
    if not pieces:
        raise NotFound(
            "Nothing lies in any province after this room's rules and the days asked for.", hint="Ask for other days."
        )
    left = [piece.place for piece in pieces[MOST_PAGES:]]
    cut = (
        f"This atlas has {MOST_PAGES} of {len(pieces)} provinces, by name; not in it: {', '.join(left)}."
        if left
        else ""
    )
    pieces = [replace(piece, note=cut) for piece in pieces[:MOST_PAGES]]
    pages, made, told = drawn_pages(connection, scope, pieces, ".pdf")
    save(path, pages, told)
    records: dict[str, int] = {}
    for each in made:
        for name, n in each.records.items():
            records[name] = records.get(name, 0) + n
    return Made(made[0].number, records, made[0].scale, len(made), cut)


def _holds(
    connection: Connection, scope: Scope, layers: Sequence[Layer], box: tuple[float, float, float, float]
) -> bool:
    return any(features.count(connection, layer, scope.within(box)) for layer in layers)
