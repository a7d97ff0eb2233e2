"""Write an incident by hand, correct one, and say that two sources report one event.

An event known exactly is kept at its settlement as well, for rooms that are shown no more; counts per cell and district
and inside overlaps follow each change by the one event, so that its cost is a constant.
"""

from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geoapp import overlay
from geoapp.db import by_index, coarser_forms
from geoapp.errors import BadRequest, Conflict, NotFound
from geoapp.record import fields as f
from geoapp.record.fields import Field
from geoapp.record.noun import HANDLING, Noun, Row, Values
from geoapp.writing import lock_operation
from layers._sql import UNIT_ON

BY_HAND = "hand"
"""The source of incidents that were written here."""

_TWIN = (
    "handling", "valid", "source", "source_event_id", "source_ts", "time_precision", "geo_precision", "pcode",
    "location", "event_type", "sub_event_type", "taxonomy", "actors", "fatalities", "civilian_targeting", "notes_raw",
    "notes_neutral", "source_names", "verification", "redistributable", "same_as_source", "same_as_event",
)  # fmt: skip
_PCODE = text(f"""
    SELECT b.pcode FROM facts.footprint AS p
    JOIN facts.boundary AS b ON b.operation_id = p.operation_id AND b.footprint_id = p.id AND b.level = 2
    WHERE p.operation_id = :operation AND p.geom && ST_GeomFromWKB(:point, 4326)
        AND ST_Intersects(p.geom, ST_GeomFromWKB(:point, 4326))
    ORDER BY {UNIT_ON.format("b", "CAST(:day AS date)")} DESC, b.cod_version DESC, b.pcode LIMIT 1
""")


def _derive(connection: Connection, operation: int, values: Values, was: Row | None) -> Values:
    by_index(connection, few=True)
    values["occurred_to"] = values["occurred_to"] or values["occurred_from"]
    exact = values["geo_precision"] == "exact"
    values["finest"], values["coarsest"] = 0, 0 if exact else 1
    if values["geo_precision"] in ("adm1", "country"):
        values["pcode"] = None
    else:
        values["pcode"] = connection.execute(
            _PCODE,
            {"operation": operation, "point": shapely.to_wkb(values["_geom"]), "day": values["occurred_from"]},
        ).scalar()
    if was is None:
        values |= {"source": BY_HAND, "taxonomy": "local"}
    elif was["finest"] != 0:
        raise NotFound(f"There is no incident {was['id']}.")
    return values


_ROWS = text("""
    SELECT t.id, t.finest, t.geo_precision, t.source, t.source_event_id, i.same_as_event IS NOT NULL OR EXISTS (
        SELECT FROM facts.incident AS l WHERE l.operation_id = i.operation_id AND l.same_as_source = i.source
            AND l.same_as_event = i.source_event_id) AS linked
    FROM facts.incident AS i
    JOIN facts.incident AS t ON t.operation_id = i.operation_id AND t.source = i.source
        AND t.source_event_id = i.source_event_id
    WHERE i.operation_id = :operation AND i.id = :id ORDER BY t.finest
""")
"""The rows of one event, as it is known and at its settlement, and whether other reports of it are linked."""

_COUNTED = """(
    SELECT t.* FROM calc.incident AS t
    WHERE t.operation_id = :operation AND t.same_as_event IS NULL AND t.id = ANY (CAST(:ids AS bigint[])))"""


def _rows(connection: Connection, operation: int, incident: int) -> list[Any]:
    return list(connection.execute(_ROWS, {"operation": operation, "id": incident}))


def _count(connection: Connection, operation: int, incident: int, by: int) -> None:
    """Take an event into all counts (1), or out of them (-1)."""
    with coarser_forms(connection):
        ids = [row.id for row in _rows(connection, operation, incident)]
        (overlay.add_incidents if by > 0 else overlay.subtract_incidents)(connection, operation, _COUNTED, ids=ids)
    overlay.count_one(connection, operation, incident, by)


def _before(connection: Connection, operation: int, incident: int) -> None:
    """A record that is changed or goes leaves the counts first."""
    by_index(connection, few=True)
    _count(connection, operation, incident, -1)


def _after(connection: Connection, operation: int, incident: int) -> None:
    """The form at the settlement follows, then the counts, then who speaks for linked reports."""
    with coarser_forms(connection):
        first, ids = _settle(connection, operation, incident)
        overlay.add_incidents(connection, operation, _COUNTED, ids=ids)
    overlay.count_one(connection, operation, incident, 1)
    if first.linked:
        _elect(connection, operation, first.source, first.source_event_id)


_SNAPPED = """
    ST_SetSRID(ST_MakePoint(floor(ST_X(i.geom) * 100) / 100 + 0.005, floor(ST_Y(i.geom) * 100) / 100 + 0.005), 4326)
"""
"""The middle of a hundredth of a degree, about a kilometre: the place as rooms are shown it that read to the settlement."""


_LISTED = ", ".join(_TWIN)
_ADD_TWIN = text(f"""
    INSERT INTO facts.incident (operation_id, recorded_by, finest, coarsest, geom, {_LISTED})
    SELECT i.operation_id, calc.member(), 1, 1, {_SNAPPED}, {_LISTED} FROM calc.incident AS i
    WHERE i.operation_id = :operation AND i.id = :id RETURNING id
""")
_UPDATE_TWIN = text(f"""
    UPDATE facts.incident AS t SET (geom, batch_id, {_LISTED}) = (
        SELECT {_SNAPPED}, NULL::bigint, {_LISTED} FROM calc.incident AS i
        WHERE i.operation_id = :operation AND i.id = :id)
    WHERE t.operation_id = :operation AND t.id = :twin
""")
_DELETE = text("DELETE FROM facts.incident WHERE operation_id = :operation AND id = :twin")


def _settle(connection: Connection, operation: int, incident: int) -> tuple[Any, list[int]]:
    """Bring an event's form at the settlement up to date: the row of the event as it is known, and the ids of both."""
    first, *others = _rows(connection, operation, incident)
    twin = others[0].id if others else None
    binds = {"operation": operation, "id": incident}
    if first.geo_precision != "exact":
        if twin is not None:
            connection.execute(_DELETE, {"operation": operation, "twin": twin})
        return first, [first.id]
    if twin is None:
        twin = connection.execute(_ADD_TWIN, binds).scalar_one()
    else:
        connection.execute(_UPDATE_TWIN, binds | {"twin": twin})
    return first, [first.id, twin]


def _gone(connection: Connection, operation: int, was: Row) -> None:
    """The form at the settlement goes as well, and the next of the reports that stood behind this one speaks for them."""
    binds = {"operation": operation, "source": was["source"], "event": was["source_event_id"]}
    connection.execute(
        text(
            "DELETE FROM facts.incident WHERE operation_id = :operation AND source = :source AND source_event_id = :event"
        ),
        binds,
    )
    behind = connection.execute(_GROUP, binds).all()
    for row in behind:
        _point(connection, operation, row, behind[0])
    if behind:
        _count(connection, operation, behind[0].id, 1)


INCIDENTS = Noun(
    one="incident",
    table="incident",
    shape="point",
    period=("occurred_from", "occurred_to"),
    reads=("finest", "source", "source_event_id", "same_as_source", "same_as_event"),
    keyed=("source_event_id", "H-"),
    derive=_derive,
    before=_before,
    after=_after,
    gone=_gone,
    fields={
        "event_type": Field(f.text(120), required=True, title="What was reported"),
        "sub_event_type": Field(f.text(120)),
        "occurred_from": Field(f.day, required=True, title="On, or from", past=True),
        "occurred_to": Field(f.day, past=True, hint="When it lasted, or the day is not sure"),
        "geo_precision": Field(f.code("geo_precision"), default="settlement"),
        "time_precision": Field(f.code("time_precision"), default="day"),
        "location": Field(f.text(300), title="Name of the place"),
        "fatalities": Field(f.whole(0, 1_000_000), hint="Empty when not known"),
        "civilian_targeting": Field(f.truth),
        "notes": Field(
            f.text(4000),
            column="notes_neutral",
            title="Neutral note",
            hint="What other rooms read: what was reported, no judgement of anybody",
        ),
        "notes_raw": Field(f.text(20_000), title="As it was told", hint="Stays in this room"),
        "source_names": Field(f.text(1000), title="Sources", hint="Stay in this room"),
        "verification": Field(f.code("verification"), default="unverified"),
        "handling": HANDLING,
    },
)

_GROUP = text("""
    SELECT i.id, i.source, i.source_event_id AS event, i.same_as_event IS NULL AS leads
    FROM facts.incident AS i
    WHERE i.operation_id = :operation AND i.finest = 0
        AND ((i.source = :source AND i.source_event_id = :event)
            OR (i.same_as_source = :source AND i.same_as_event = :event))
    ORDER BY i.handling, i.redistributable DESC,
        array_position(ARRAY['exact', 'settlement', 'near', 'adm2', 'adm1', 'country'], i.geo_precision), i.id
""")


def _head(connection: Connection, operation: int, incident: int) -> tuple[str, str]:
    """Source and number of the report that speaks for an incident's event. Raises NotFound."""
    row = connection.execute(
        text("""
            SELECT coalesce(same_as_source, source), coalesce(same_as_event, source_event_id) FROM facts.incident
            WHERE operation_id = :operation AND id = :id AND finest = 0
        """),
        {"operation": operation, "id": incident},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no incident {incident}.")
    return str(row[0]), str(row[1])


def _point(connection: Connection, operation: int, row: Any, head: Any) -> None:
    """Let one report stand behind `head`, or for itself when it is None."""
    same = head is None or (head.source, head.event) == (row.source, row.event)
    with coarser_forms(connection):
        connection.execute(
            text("""
                UPDATE facts.incident SET same_as_source = :head_source, same_as_event = :head_event
                WHERE operation_id = :operation AND source = :source AND source_event_id = :event
                    AND (same_as_source, same_as_event)
                        IS DISTINCT FROM (CAST(:head_source AS text), CAST(:head_event AS text))
            """),
            {
                "operation": operation, "source": row.source, "event": row.event,
                "head_source": None if same else head.source, "head_event": None if same else head.event,
            },
        )  # fmt: skip


def _elect(connection: Connection, operation: int, source: str, event: str, more: Sequence[Any] = ()) -> None:
    """The report that most rooms may see speaks for its event and is counted; the others stand behind it, uncounted.

    The lowest handling first, then one that may be passed on, then the more precise: no room misses an event that
    another report would have shown it.
    """
    group = {
        row.id: row for row in connection.execute(_GROUP, {"operation": operation, "source": source, "event": event})
    }
    group |= {row.id: row for row in more}
    if len(group) < 2:
        return
    ordered = connection.execute(
        text("""
            SELECT i.id, i.source, i.source_event_id AS event, i.same_as_event IS NULL AS leads FROM facts.incident AS i
            WHERE i.operation_id = :operation AND i.id = ANY (:ids)
            ORDER BY i.handling, i.redistributable DESC,
                array_position(ARRAY['exact', 'settlement', 'near', 'adm2', 'adm1', 'country'], i.geo_precision), i.id
        """),
        {"operation": operation, "ids": list(group)},
    ).all()
    head = ordered[0]
    for row in ordered:
        if row.leads and row.id != head.id:
            _count(connection, operation, row.id, -1)
        was_behind = not row.leads
        _point(connection, operation, row, head)
        if was_behind and row.id == head.id:
            _count(connection, operation, row.id, 1)


def link(connection: Connection, one: int, other: int) -> int:
    """Say that two incidents are reports of one event: both are kept, one is counted and drawn; the id of that one.

    Raises NotFound, Conflict when both are one source's, which numbers its own events.
    """
    operation = lock_operation(connection, "incident")
    if one == other:
        raise BadRequest("An incident is itself.", hint="Name two.")
    heads = [_head(connection, operation, incident) for incident in (one, other)]
    groups = [
        connection.execute(_GROUP, {"operation": operation, "source": source, "event": event}).all()
        for source, event in heads
    ]
    sources = [row.source for group in groups for row in group]
    if heads[0] != heads[1]:
        if any(source != BY_HAND and sources.count(source) > 1 for source in sources):
            raise Conflict("One source reports these as different events.", hint="Link reports of different sources.")
        _elect(connection, operation, *heads[0], more=groups[1])
    return int(connection.execute(
        text("SELECT id FROM facts.incident WHERE operation_id = :operation AND source = :source AND source_event_id = :event"
             " AND finest = 0"),
        dict(zip(("source", "event"), _head(connection, operation, one), strict=True)) | {"operation": operation},
    ).scalar_one())  # fmt: skip


def unlink(connection: Connection, incident: int) -> None:
    """Let a report stand for itself again; one that spoke for others leaves them to the next. Raises NotFound."""
    operation = lock_operation(connection, "incident")
    source, event = _head(connection, operation, incident)
    group = connection.execute(_GROUP, {"operation": operation, "source": source, "event": event}).all()
    mine = next(row for row in group if row.id == incident)
    others = [row for row in group if row.id != incident]
    if not others:
        return
    if not mine.leads:
        _point(connection, operation, mine, None)
        _count(connection, operation, incident, 1)
        return
    for row in others:
        _point(connection, operation, row, others[0])
    _count(connection, operation, others[0].id, 1)
