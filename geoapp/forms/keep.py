"""Brings what rooms are told in place of records up to date with what a transaction recorded, before it is committed."""

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, text

from geoapp.audiences import Room, rooms
from geoapp.db import Context, set_context
from geoapp.forms import due as _due
from geoapp.forms.due import Due
from geoapp.forms.made import forget, make, remember
from geoapp.forms.rules import KEPT, made_from, narrowed
from layers import get

_STATE = text("""
    SELECT calc.today(), (SELECT coalesce(jsonb_object_agg(m.audience || ' ' || m.layer, m.made_from), '{}') FROM facts.form_made AS m
        WHERE m.operation_id = calc.operation())
""")


def keep(connection: Connection, context: Context) -> None:
    """Bring every room's forms up to date: of a layer whose rules or day changed all of them, else of the records that stand on
    the rows that changed. The context is that of a room that records, and is so again afterwards."""
    due = _due.take(connection)
    told = [room for room in rooms(connection) if not room.may_write]
    today, made = connection.execute(_STATE).one()
    taken = [_keep(connection, context, room, due, today, made) for room in told]
    if any(taken):
        set_context(connection, context)
    _due.done(connection, due)


def _keep(connection: Connection, context: Context, room: Room, due: Due, today: date, made: dict[str, str]) -> bool:
    """Bring one room's forms up to date; whether its context was taken for that."""
    states = {layer.name: made_from(room, layer, today) for layer in KEPT if narrowed(room, layer)}
    gone = [layer for layer in KEPT if layer.name not in states and f"{room.key} {layer.name}" in made]
    whole = {n for n, state in states.items() if made.get(f"{room.key} {n}") != state or due.whole(get(n))}
    some = [get(name) for name in states if name not in whole and due.of(get(name))]
    if not (gone or whole or some):
        return False
    set_context(connection, replace(context, audience=room.key, as_of=None, purpose="form"))
    for layer in gone:
        forget(connection, room, layer)
    for name in states:
        if name in whole:
            make(connection, room, get(name), today, None)
            remember(connection, room, get(name), states[name])
    for name, ids in _due.records(connection, due, some).items():
        make(connection, room, get(name), today, ids)
    return True
