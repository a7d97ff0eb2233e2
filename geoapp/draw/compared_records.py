"""The records that differ between two moments, in words: what each was and is, since when, recorded when, by whom, on which source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.db import set_context
from geoapp.draw import moments
from geoapp.draw.wording import words
from geoapp.model import FACTS
from geoapp.model.subjects import read_from
from geoapp.scope import Scope, known
from layers import Field, get
from layers.compared import Compared

_SHAPE = """json_build_object('at', ST_AsGeoJSON(ST_PointOnSurface(t.geom), 5)::json,
    'box', ARRAY[ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom), ST_YMax(t.geom)]{})"""
_OUTLINE = ", 'shape', ST_AsGeoJSON(ST_SimplifyPreserveTopology(t.geom, 0.002), 4)::json"
"""Some 200 m off at most: to be drawn over tiles, which have the shape itself."""


@dataclass(frozen=True)
class Told:
    """A record that is to be told, the layer that it is in (when it is gone: was in), and the one that it was in before."""

    of: Compared
    record: int
    kind: str
    layer: str
    was_in: str | None


def told(
    connection: Connection, page: Sequence[Told], then: tuple[Scope, date], now: tuple[Scope, date], rooms: Sequence[Room],
    *, shapes: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """The records in their order. Who recorded what is told in rooms that record. The policies are left as the later scope has
    them."""
    shape = _SHAPE.format(_OUTLINE if shapes else "")
    set_context(connection, then[0].context())
    was = _sides(connection, then, rooms[0], shape, ((c.of, c.was_in, c.record) for c in page if c.was_in))
    set_context(connection, now[0].context())
    is_ = _sides(
        connection,
        now,
        rooms[1],
        shape,
        ((c.of, c.layer, c.record) for c in page if c.kind in ("new", "moved", "revised")),
    )
    # what has ended is still recorded: how its days are said now
    after = _sides(
        connection, (now[0], None), rooms[1], "NULL", ((c.of, c.layer, c.record) for c in page if c.kind == "ended")
    )
    when = _recorded(connection, page, then[0].as_of, now[0])
    said = []
    for c in page:
        key = c.of.key, c.record
        said.append(_said(c, was.get(key), is_.get(key), after.get(key), when.get(key), rooms))
    return said


_Rows = dict[tuple[str, int], dict[str, Any]]


def _sides(
    connection: Connection,
    at: tuple[Scope, date | None],
    room: Room,
    shape: str,
    wanted: Iterable[tuple[Compared, str, int]],
) -> _Rows:
    by: dict[tuple[str, str], tuple[Compared, list[int]]] = {}
    for of, name, record in wanted:
        by.setdefault((of.key, name), (of, []))[1].append(record)
    found: _Rows = {}
    for (key, name), (of, ids) in by.items():
        layer, (scope, day) = get(name), at
        if day is None and layer.coarse and layer.coarse.sql:
            layer = replace(layer, sql=layer.coarse.sql)
        period = None if day is None else (None if of.happens else day, day)
        for row in moments.rows(connection, replace(scope, period=period), layer, room, ids, shape):
            before = found.get((key, row["id"]))
            found[key, row["id"]] = row if before is None else _together(of, before, row)
    return found


def _together(of: Compared, a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Two rows of one record as one: its days from the first to the last, its ground that of both."""
    made = dict(a)
    if of.begins:
        days = [a[of.begins], b[of.begins]]
        made[of.begins] = None if None in days else min(days)
    if of.ends:
        days = [a[of.ends], b[of.ends]]
        made[of.ends] = None if None in days else max(days)
    if "km2" in a and None not in (a["km2"], b["km2"]):
        made["km2"] = a["km2"] + b["km2"]
    if a["shape"] and b["shape"] and a["shape"]["at"] and b["shape"]["at"]:
        boxes = list(zip(a["shape"]["box"], b["shape"]["box"], strict=True))
        made["shape"] = a["shape"] | {"box": [*map(min, boxes[:2]), *map(max, boxes[2:])]}
        if "shape" in a["shape"]:
            parts = [p for each in (a, b) for p in _parts(each["shape"]["shape"])]
            made["shape"]["shape"] = {"type": "GeometryCollection", "geometries": parts}
    return made


def _parts(shape: Mapping[str, Any]) -> list[Any]:
    return list(shape["geometries"]) if shape["type"] == "GeometryCollection" else [shape]


_Recorded = tuple[datetime, str | None]


def _recorded(
    connection: Connection, page: Sequence[Told], since: datetime | None, scope: Scope
) -> dict[tuple[str, int], _Recorded]:
    """When each record became what it is, between the two states of knowledge, and by whom: of what is new its first version
    since, of the rest the last."""
    if since is None or since == scope.as_of:
        return {}
    found: dict[tuple[str, int], _Recorded] = {}
    of_kind = {(c.of.key, c.record): c.kind for c in page}
    for of in {c.of.key: c.of for c in page}.values():
        ids = [c.record for c in page if c.of is of]
        for table, column in of.tables:
            assert table in FACTS
            within = "e.at > :since AND (CAST(:until AS timestamptz) IS NULL OR e.at <= :until)"
            key = "h.row_id" if column == "id" else f"(h.row ->> '{column}')::bigint"
            sql = f"""
                SELECT e.id, e.at, e.who FROM (
                    SELECT t.{column} AS id, t.recorded_at AS at, t.recorded_by AS who
                    FROM {known(read_from(table), scope)} AS t WHERE t.{column} = ANY (CAST(:ids AS bigint[]))
                    UNION ALL
                    SELECT {key}, v.at, v.who FROM calc.history AS h
                    CROSS JOIN LATERAL (VALUES (lower(h.recorded), h.row ->> 'recorded_by'), (upper(h.recorded), h.replaced_by))
                        AS v (at, who)
                    WHERE h.operation_id = (SELECT calc.operation()) AND h.subject = '{table}'
                        AND {key} = ANY (CAST(:ids AS bigint[]))
                ) AS e WHERE {within}"""
            for record, at, who in connection.execute(text(sql), {"ids": ids, "since": since, "until": scope.as_of}):
                before, first = found.get((of.key, record)), of_kind[of.key, record] == "new"
                if before is None or (at < before[0] if first else at > before[0]):
                    found[of.key, record] = at, who
    return found


def _said(
    c: Told, was: dict[str, Any] | None, is_: dict[str, Any] | None, after: dict[str, Any] | None,
    recorded: _Recorded | None, rooms: Sequence[Room],
) -> dict[str, Any]:  # fmt: skip
    layer, row = get(c.layer), is_ or was or {}
    then_and_now = (was, is_ or after)
    days = after or row
    size = {"then": was and was.get("km2"), "now": is_ and is_.get("km2")}
    return {
        "layer": c.layer, "id": c.record, "name": moments.name(layer, row) if row else "", "title": layer.title,
        "begins": days.get(c.of.begins) if c.of.begins else None, "ends": days.get(c.of.ends) if c.of.ends else None,
        "class": {"then": _class(c.was_in, was), "now": _class(c.layer, is_)},
        "km2": size if "km2" in row else None,
        "fields": list(_fields(c, *then_and_now)),
        "recorded": recorded[0].isoformat() if recorded else None,
        "by": recorded[1] if recorded and all(room.may_write for room in rooms) else None,
        "source": row.get("source") or row.get("status_source"),
        "was_at": was["shape"] if was else None, "is_at": is_["shape"] if is_ else None,
    }  # fmt: skip


def _class(name: str | None, row: Mapping[str, Any] | None) -> Any:
    by = get(name).style.by if name else None
    return row[by] if row and by else None


def _fields(c: Told, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterable[dict[str, Any]]:
    """The fields that differ, from what to what; none of a record that is not told at both moments."""
    if was is None or now is None:
        return
    for name in c.of.fields:
        if was.get(name) != now.get(name):
            field = get(c.layer).field(name)
            a, b = was.get(name), now.get(name)
            yield {"name": name, "title": field.title, "was": _words(c.of, field, a), "now": _words(c.of, field, b)}


def _words(of: Compared, field: Field, value: Any) -> str:
    return words(field, value) if value is not None else "open" if field.name in (of.begins, of.ends) else "not said"
