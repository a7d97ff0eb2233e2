"""How many records has each class of each layer? One statement for all that is asked, none for what has not changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw.query import source
from geoapp.draw.versions import AnswerCache, look
from geoapp.scope import Scope
from layers import Layer

Counts = dict[Any, int]
"""Records by the value that picks the class; None where a layer has one class only, or a record no value."""


def by_class(connection: Connection, layers: Sequence[Layer], scope: Scope) -> dict[str, Counts]:
    """How many records each class of the layers' styles has for the room, by layer; in one statement."""
    if not layers:
        return {}
    parts = []
    for layer in layers:
        value = f'to_jsonb(t."{layer.style.by}")' if layer.style.by else "NULL::jsonb"
        parts.append(f"SELECT '{layer.name}', {value}, count(*) FROM ({source(layer, scope)}) AS t GROUP BY 2")
    found: dict[str, Counts] = {layer.name: {} for layer in layers}
    for name, value, n in connection.execute(text(" UNION ALL ".join(parts)), scope.binds()):
        found[name][value] = int(n)
    return found


def counted(
    connection: Connection, cache: AnswerCache, layers: Iterable[Layer], scope: Scope, room: Room
) -> dict[str, Counts]:
    """The same, of the layers that the room is shown, and with what was counted before and still holds."""
    shown = [layer for layer in layers if room.shows(layer)]
    versions = look(connection, scope)
    with cache.alone(("counts", scope, *(layer.name for layer in shown))):
        found: dict[str, Counts | None] = {
            layer.name: cache.get((scope.about(layer.name), layer.name), versions.of(layer.reads)) for layer in shown
        }
        missing = [layer for layer in shown if found[layer.name] is None]
        fresh = by_class(connection, missing, scope)
        for layer in missing:
            cache.put((scope.about(layer.name), layer.name), versions.of(layer.reads), fresh[layer.name])
    return {name: counts for name, counts in (found | fresh).items() if counts is not None}
