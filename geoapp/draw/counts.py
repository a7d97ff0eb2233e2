"""How many records has each class of each layer? One statement for all that is asked, none for what has not changed."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw.query import source
from geoapp.scope import Scope
from layers import Layer

Counts = dict[Any, int]
"""Records by the value that picks the class; None where a layer has one class only, or a record no value."""

_VERSIONS = text("""
    SELECT (SELECT coalesce(jsonb_object_agg(c.subject, c.number), '{}') FROM facts.change AS c),
        md5(a::text), calc.today()
    FROM facts.audience AS a WHERE a.key = :audience
""")


class CountCache:
    """Counts by what was asked, each with the version of the data and of the audience that it was counted from."""

    def __init__(self, limit: int = 20_000) -> None:
        self._limit, self._lock = limit, Lock()
        self._counts: OrderedDict[Any, tuple[Any, Counts]] = OrderedDict()

    def get(self, key: Any, version: Any) -> Counts | None:
        """The counts, when they were made from this version."""
        with self._lock:
            found = self._counts.get(key)
            if found is None or found[0] != version:
                return None
            self._counts.move_to_end(key)
            return found[1]

    def put(self, key: Any, version: Any, counts: Counts) -> None:
        """Keep counts, letting the longest unused ones go."""
        with self._lock:
            self._counts[key] = (version, counts)
            self._counts.move_to_end(key)
            while len(self._counts) > self._limit:
                self._counts.popitem(last=False)


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
    connection: Connection, cache: CountCache, layers: Iterable[Layer], scope: Scope, room: Room
) -> dict[str, Counts]:
    """The same, of the layers that the room is shown, and with what was counted before and still holds."""
    shown = [layer for layer in layers if room.shows(layer.subject)]
    numbers, *rest = connection.execute(_VERSIONS, {"audience": scope.audience}).one()
    versions = {layer.name: (*(numbers.get(subject, 0) for subject in layer.reads), *rest) for layer in shown}
    found = {layer.name: cache.get((scope, layer.name), versions[layer.name]) for layer in shown}
    fresh = by_class(connection, [layer for layer in shown if found[layer.name] is None], scope)
    for name, counts in fresh.items():
        cache.put((scope, name), versions[name], counts)
    return {name: counts for name, counts in (found | fresh).items() if counts is not None}
