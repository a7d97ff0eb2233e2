"""Why does a layer show nothing? It is withheld from the room, it was not known yet, or nothing is recorded.

The room's rules are in `geoapp.audiences`; this adds when the first record was entered, and is asked by every page, list,
file and table that has nothing to show.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw.versions import AnswerCache, Versions, look
from geoapp.model import FACTS
from geoapp.scope import Scope, say_date
from layers import Layer

NOTHING_LEFT = "Nothing is left to draw here after this room’s rules and the days asked for."
"""What a map says on its face that has no record to draw."""
_FIRST = """
    SELECT '{0}', least(
        (SELECT min(t.recorded_at) FROM facts.{0} AS t),
        (SELECT min(lower(h.recorded)) FROM facts.history AS h
            WHERE h.operation_id = calc.operation() AND h.subject = '{0}'))
"""


def table_of(layer: Layer) -> str | None:
    """The table whose records a layer is of, the first of those it reads; None for what is no record, such as the base map."""
    return next((table for table in layer.reads if table in FACTS), None)


def unknown(
    connection: Connection,
    layers: Iterable[Layer],
    scope: Scope,
    versions: Versions | None = None,
    cache: AnswerCache | None = None,
) -> dict[str, str]:
    """By layer, that nothing of it was known yet on `scope.as_of` and when its first record was entered, of those that the
    room is shown. Nothing of layers that had records by then, and nothing when now is asked for."""
    if scope.as_of is None:
        return {}
    of = {layer.name: table for layer in layers if (table := table_of(layer))}
    tables = sorted(set(of.values()))
    versions = versions or look(connection, scope)
    key, version = ("first", scope.operation, scope.audience, scope.member, tuple(tables)), versions.of(tables)
    first: dict[str, datetime | None] | None = cache.get(key, version) if cache else None
    if first is None:
        first = {row[0]: row[1] for row in connection.execute(text(" UNION ALL ".join(map(_FIRST.format, tables))))}
        if cache:
            cache.put(key, version, first)
    return {
        name: f"Nothing was known here on {say_date(scope.as_of.date())}; the first record is of {say_date(began.date())}."
        for name, table in of.items()
        if (began := first.get(table)) and scope.as_of < began
    }


def said(
    connection: Connection, layer: Layer, scope: Scope, room: Room, cache: AnswerCache | None = None
) -> dict[str, str]:
    """Why a layer may show this room less than there is: what is `withheld` and by which rule, and that it was `unknown` yet.
    Empty when what is shown is all there is."""
    found = {}
    if kept := room.withheld(layer):
        found["withheld"] = kept
    if room.shows(layer):
        not_yet = unknown(connection, [layer], scope, cache=cache)
        if not_yet:
            found["unknown"] = not_yet[layer.name]
    return found


def kept_back(layers: Sequence[Layer], room: Room) -> str:
    """What is withheld from the room of these layers, each sentence once, with the titles of the layers it is about."""
    about: dict[str, list[str]] = {}
    for layer in layers:
        said = room.withheld(layer)
        if said:
            about.setdefault(said, []).append(layer.title)
    return " ".join(f"{', '.join(titles)}: {said}" for said, titles in about.items())
