"""What did one change make of a record: field by field what each was and became, and its shapes beside each other?"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw.activity import Act, fields
from geoapp.draw.wording import words
from geoapp.scope import say_date
from layers import Field
from layers.recorded import ACTORS, SHAPES, Recorded

_RANGE = re.compile(r"[\[(]([^,]*),([^\])]*)[\])]")
_OUTLINE = "ST_AsGeoJSON(ST_SimplifyPreserveTopology({}, 0.002), 4)::json"
"""Some 200 m off at most: to be seen, not to be measured."""
_FOOTPRINT = text(
    f"SELECT f.id, {_OUTLINE.format('f.geom')} AS shape FROM facts.footprint AS f WHERE f.id = ANY (:ids)"
)
_PARTS = """
    SELECT {outline} AS shape FROM (
        SELECT p.footprint_id FROM facts.{parts} AS p WHERE p.area_id = :id AND p.recorded_at <= :at
        UNION
        SELECT (h.row ->> 'footprint_id')::bigint FROM calc.history AS h
        WHERE h.operation_id = (SELECT calc.operation()) AND h.subject = '{parts}' AND (h.row ->> 'area_id')::bigint = :id
            AND h.recorded @> CAST(:at AS timestamptz)
    ) AS p JOIN facts.footprint AS f ON f.id = p.footprint_id
"""
_NAMES = text("SELECT a.id, a.name FROM facts.actor AS a WHERE a.id = ANY (:ids)")


def told(connection: Connection, act: Act, room: Room) -> dict[str, Any]:
    """`changes`, each with its `title` and what it `was` and is `now` in words (None on the side where there was no record), and
    `was_at` and `is_at`, GeoJSON geometries, where the shape differs or the record is new or gone."""
    assert act.of is not None
    titles = fields(act.of, room)
    whole = act.was is None or act.did == "removed"
    columns = [c for c in titles if c not in SHAPES and (c in act.changed or (whole and act.now.get(c) is not None))]
    sides = (None if act.did == "added" else act.was or act.now, None if act.did == "removed" else act.now)
    actors = _actors(connection, [side[c] for side in sides if side for c in columns if c in ACTORS and side.get(c)])
    changes = []
    for column in columns:
        was, now = (side and _said(titles[column], column, side.get(column), actors) for side in sides)
        if was != now:
            changes.append({"name": column, "title": titles[column].title, "was": was, "now": now})
    was_at = is_at = None
    if whole or set(SHAPES) & set(act.changed):
        was_at, is_at = _shapes(connection, act.of, act, sides)
    return {"changes": changes, "was_at": was_at, "is_at": is_at}


def _actors(connection: Connection, ids: list[Any]) -> Mapping[int, str]:
    return {row.id: row.name for row in connection.execute(_NAMES, {"ids": ids})} if ids else {}


def _said(field: Field, column: str, value: Any, actors: Mapping[int, str]) -> str:
    """A value as it is kept in a version, in words."""
    if value is None or value in ("", [], {}):
        return "not said"
    if column in ACTORS:
        return actors.get(int(value), "withheld")
    if isinstance(value, (dict, list)):
        return f"{len(value):,} entries" if isinstance(value, list) and len(value) > 5 else orjson.dumps(value).decode()
    if column == "valid":
        return _days(str(value))
    if field.kind == "date" and isinstance(value, str):
        value = date.fromisoformat(value[:10])
    if field.code and "," in str(value):
        field, value = replace(field, kind="list"), ", ".join(each.strip() for each in str(value).split(","))
    return words(field, value)


def _days(valid: str) -> str:
    """A range of days from first to last; PostgreSQL's upper bound is the day after."""
    met = _RANGE.fullmatch(valid)
    first, after = (each.strip('"') for each in met.groups()) if met else ("", "")
    last = date.fromisoformat(after) - timedelta(days=1) if after else None
    return f"{say_date(date.fromisoformat(first)) if first else 'beginning'} – {say_date(last) or 'open'}"


def _shapes(connection: Connection, of: Recorded, act: Act, sides: tuple[Any, Any]) -> tuple[Any, Any]:
    """The shape before and after, each None where there is none or the room is not shown it."""
    if of.parts:
        asked = text(
            _PARTS.format(parts=of.parts, outline=_OUTLINE.format("ST_CollectionExtract(ST_Collect(f.geom), 3)"))
        )
        before = act.at - timedelta(microseconds=1)
        at = (before, act.at)
        found = [
            connection.execute(asked, {"id": act.id, "at": moment}).scalar() if side else None
            for side, moment in zip(sides, at, strict=True)
        ]
        return found[0], found[1]
    ids = [side.get("footprint_id") for side in sides if side and side.get("footprint_id")]
    shapes = {row.id: row.shape for row in connection.execute(_FOOTPRINT, {"ids": ids})} if ids else {}
    found = [(shapes.get(side.get("footprint_id")) or _kept(side.get("geom"))) if side else None for side in sides]
    return found[0], found[1]


def _kept(shape: Any) -> Any:
    """A shape that is kept in the record itself; as GeoJSON in an earlier version."""
    return shape if isinstance(shape, dict) else None
