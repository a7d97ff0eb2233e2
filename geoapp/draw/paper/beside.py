"""What stands beside the map: legend, numbered lists, and where this is; down one column, or across several."""

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geoapp.draw.paper import legend, lists
from geoapp.draw.paper.page import MM, Box, Page
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.projection import Frame
from geoapp.draw.paper.records import Drawn
from geoapp.draw.paper.themes import Listed, Theme
from geoapp.draw.query import source
from geoapp.scope import Scope, range_text
from layers import get
from layers._sql import DAY, UNIT_ON

LEAST_ROWS = 4
"""Rows of a list below which it has no room."""


def beside(
    connection: Connection, scope: Scope, out: Sheet, on: Page, frame: Frame, of: Theme, found: dict[str, Drawn],
    own: np.ndarray,
) -> list[tuple[Drawn, list[lists.Entry]]]:  # fmt: skip
    """Legend, numbered lists and locator with the operation's `own` ground, down one column or across several; the lists with what they hold."""
    place, columns = _columns(on)
    lows = legend.draw(out, on, columns, legend.blocks(list(found.values())))
    free = [Box(each.left, each.bottom, each.right, low) for each, low in zip(columns, lows, strict=True)]
    if len(free) > 1:  # where there are several columns a list stands in one of its own
        free = [each for each, column in zip(free, columns, strict=True) if each.top == column.top] or free[-1:]
    tables = []
    for listed in of.listed:
        drawn = found.get(listed.layer)
        if drawn is None or not drawn.rows or not free:
            continue
        tables.append(_table(out, on, free, drawn, listed))
    legend.locator(out, on, place, frame, _land(connection, scope, frame), own)
    return tables


def _columns(on: Page) -> tuple[Box, list[Box]]:
    """Where the map of where this is stands, and the columns above it."""
    last = on.columns[-1]
    place = Box(last.left, last.bottom, last.right, last.bottom + locator_height(on))
    return place, [*on.columns[:-1], Box(last.left, place.top + 6, last.right, last.top)]


def lists_have_room(on: Page, of: Theme, found: dict[str, Drawn]) -> bool:
    """Whether the legend leaves room for some rows of each list that has any."""
    asked = [listed for listed in of.listed if listed.layer in found and found[listed.layer].rows]
    free = legend.room(on, _columns(on)[1], legend.blocks(list(found.values())))[-1]
    return all(lists.capacity(on, listed, free) >= min(LEAST_ROWS, len(found[listed.layer].rows)) for listed in asked)


def locator_height(on: Page) -> float:
    """How much of the last column the map of where this is takes."""
    return (38 if on.size == "a3" else 20) * MM if len(on.columns) == 1 else min(on.columns[-1].height * 0.4, 50 * MM)


def _table(out: Sheet, on: Page, free: list[Box], drawn: Drawn, listed: Listed) -> tuple[Drawn, list[lists.Entry]]:
    """One list over as many of the free columns as it needs, which are used up."""
    room = [lists.capacity(on, listed, box) for box in free]
    entries, total = lists.chosen(drawn, listed, sum(room))
    rest = list(entries)
    while rest and free:
        part, rest = rest[: room[0]], rest[room[0] :]
        if part:
            low = lists.draw(out, on, free[0], drawn, listed, part, len(entries), total)
            free[0] = Box(free[0].left, free[0].bottom, free[0].right, low)
        if rest:
            free.pop(0)
            room.pop(0)
    return drawn, entries


_OWN = f"""
    SELECT ST_AsBinary(f.low4326) FROM (
        SELECT ST_Transform(coalesce(f.low, ST_Transform(f.geom, 3857)), 4326) AS low4326
        FROM facts.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE b.level = (SELECT min(u.level) FROM facts.boundary AS u) AND {UNIT_ON.format("b", DAY)}
        ORDER BY b.id LIMIT 200
    ) AS f
"""


def own_ground(connection: Connection, scope: Scope) -> np.ndarray:
    """The operation's own ground in degrees: its widest units, none where it has no boundaries."""
    own = connection.execute(text(_OWN), {"period": range_text(scope.period)}).scalars().all()
    return np.array(shapely.from_wkb(own), dtype=object)


def _land(connection: Connection, scope: Scope, frame: Frame) -> np.ndarray:
    """The land around the map, in degrees."""
    wide = scope.within(legend.widened(frame))
    sql = f"SELECT ST_AsBinary(t.geom) FROM ({source(get('basemap'), wide)}) AS t WHERE t.class = 'land' ORDER BY t.id"
    land = connection.execute(text(sql), wide.binds(3)).scalars().all()
    return np.array(shapely.from_wkb(land), dtype=object)
