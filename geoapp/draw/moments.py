"""A layer at one of two moments, as a room of today is told it: what a pack and a comparison of two days both read.

Both moments are read under the rules that the room has now, so that a change of rules is no change of the ground. What is told
to the room in coarser forms has no other day, and is named as not told.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw.query import columns, records
from geoapp.draw.wording import title
from geoapp.scope import Scope
from layers import Layer


def why_not(layer: Layer, needs: Collection[str], rooms: Iterable[Room]) -> str | None:
    """Why a room is not told of changes of a layer, by its rules at either moment; None where it is."""
    for room in rooms:
        if not room.shows(layer):
            return room.withheld(layer) or "it is withheld from this room."
        if hidden := room.hidden(layer) & set(needs):
            return f"{', '.join(sorted(hidden))} is withheld from this room."
    return None


def states(connection: Connection, scope: Scope, layer: Layer, state: str, where: str = "true") -> dict[int, str]:
    """The state of each record by its id: SQL over its row `t`, or, where a record has several rows, over all of them."""
    sql = f"SELECT t.id, {state} FROM ({records(layer, scope)}) AS t WHERE {where} GROUP BY t.id"
    return {int(row[0]): str(row[1]) for row in connection.execute(text(sql), scope.binds()) if row[1] is not None}


def rows(
    connection: Connection,
    scope: Scope,
    layer: Layer,
    room: Room,
    ids: Collection[int],
    shape: str = "ST_AsBinary(t.geom)",
) -> list[dict[str, Any]]:
    """The rows of some records as the room is told them, each with its `id` and, as SQL over `t`, its `shape`."""
    if not ids:
        return []
    hidden = room.hidden(layer)
    sql = (
        f"SELECT t.id, {shape} AS shape, {columns(layer)} FROM ({records(layer, scope)}) AS t"
        " WHERE t.id = ANY (CAST(:ids AS bigint[]))"
    )
    found = connection.execute(text(sql), scope.binds() | {"ids": list(ids)}).mappings()
    kept = {f.name for f in layer.fields} - hidden
    told = {f.name: None for f in layer.fields}
    return [told | {k: v for k, v in row.items() if k in kept or k in ("id", "shape")} for row in found]


def name(layer: Layer, row: dict[str, Any]) -> str:
    """What a record is called, after its number where it has one."""
    code = f"{row['code']} · " if row.get("code") else ""
    return code + title(layer, row)
