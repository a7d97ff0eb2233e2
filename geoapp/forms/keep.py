"""Brings what rooms are told in place of records up to date with what a transaction recorded, before it is committed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from geoapp.audiences import Room, rooms
from geoapp.db import Context, by_index, set_context
from geoapp.forms import due as _due
from geoapp.forms.due import MANY, Due
from geoapp.forms.made import forget, make, remember
from geoapp.forms.rules import KEPT, made_from
from layers import Layer, get


def keep(connection: Connection, context: Context) -> None:
    """Bring every room's forms up to date: of a layer whose rules changed all of them, else of the records that stand on the
    rows that changed, or are told otherwise since another day has come. The context is that of a room that records, and is so
    again afterwards."""
    due = _due.take(connection)
    told = [room for room in rooms(connection) if not room.may_write]
    taken = [_keep(connection, context, room, due) for room in told]
    if any(taken):
        set_context(connection, context)


@dataclass(frozen=True)
class _Todo:
    """What is to be done in a room: the states of the layers that are told in forms, and which of them are gone, are made as
    a whole, stand on rows that changed, or were made on another day, which is said with them."""

    states: Mapping[str, str]
    gone: Collection[Layer]
    whole: Collection[str]
    changed: Collection[Layer]
    days: Mapping[str, date]


def _todo(room: Room, due: Due) -> _Todo:
    states = made_from(room)
    stood = {name: due.made.get(f"{room.key} {name}", "").partition(" ") for name in states}
    whole = {name for name, state in states.items() if stood[name][2] != state or due.whole(room, get(name))}
    return _Todo(
        states, [layer for layer in KEPT if layer.name not in states and f"{room.key} {layer.name}" in due.made], whole,
        [get(name) for name in states if name not in whole and due.of(room, get(name))],
        {name: day for name in states if name not in whole and (day := date.fromisoformat(stood[name][0])) != due.today},
    )  # fmt: skip


def _keep(connection: Connection, context: Context, room: Room, due: Due) -> bool:
    """Bring one room's forms up to date; whether its context was taken for that."""
    todo = _todo(room, due)
    if not (todo.gone or todo.whole or todo.changed or todo.days):
        return False
    set_context(connection, replace(context, audience=room.key, as_of=None, purpose="form"), few=not todo.whole)
    for layer in todo.gone:
        forget(connection, room, layer)
    whole = set(todo.whole)
    whole.update(name for name, was in todo.days.items() if _due.another_release(connection, was, due.today))
    for name, state in todo.states.items():
        if name in whole:
            make(connection, room, get(name), due.today, None)
            remember(connection, room, get(name), due.today, state)
    if todo.whole:
        by_index(connection, few=True)
    some = _some(connection, room, due, todo, whole)
    if any(len(ids) > MANY for ids in some.values()):
        by_index(connection)
    for name, ids in some.items():
        make(connection, room, get(name), due.today, sorted(ids))
    for name in todo.days.keys() - whole:
        remember(connection, room, get(name), due.today, todo.states[name])
    return True


def _some(connection: Connection, room: Room, due: Due, todo: _Todo, whole: Collection[str]) -> dict[str, set[int]]:
    """The records of each layer that are to be made again."""
    some: dict[str, set[int]] = {}
    for name, ids in _due.records(
        connection, room, due, [each for each in todo.changed if each.name not in whole]
    ).items():
        some.setdefault(name, set()).update(ids)
    for was in {*todo.days.values()}:
        layers = [get(name) for name, day in todo.days.items() if day == was and name not in whole]
        for name, ids in _due.turned(connection, was, due.today, layers).items():
            some.setdefault(name, set()).update(ids)
    return some
