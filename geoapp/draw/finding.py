"""What is meant by what somebody types into the one search: coordinates, actors, and records of every layer that says by which
of its fields they are found.

Rights. A room's names are read by the layers' own SELECTs in that room, under its policies, views and forms, like everything that it
is shown; nothing else is compared with what was typed. So what a room is told coarser or not at all is neither found nor counted
by its exact name, and no operator has to be marked leakproof, no table of texts kept equal to the rights of each row. An index
of trigrams is not used beneath a policy, for its operators are not leakproof: with one, every row would be compared.

Speed. Names are few where records are many: a million incidents lie at some thousands of places. They are kept by room with the
version of the tables they were read from, and read again when these have changed. A number that is unlike in each record
is no name: it is asked for as a whole, by the index of its table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from sqlalchemy import Connection, text

from geoapp import coordinates, gazetteer
from geoapp.audiences import Room
from geoapp.draw.query import source
from geoapp.draw.versions import AnswerCache, look
from geoapp.draw.vocabulary import EXACT, NEAR, SHORTEST, Match, Name, Vocabulary
from geoapp.draw.wording import title, words
from geoapp.errors import BadRequest
from geoapp.names import searched
from geoapp.scope import Scope, known
from layers import STACK, Field, Layer

MOST = 20
"""Records a group, at most."""
LONGEST = 200
"""Letters that are looked at."""
FOUND = tuple(layer for layer in STACK if layer.found)
"""The layers whose records are found."""
_ACTORS = "actors"
_ACTOR = "SELECT a.id, a.name, a.acronym, a.domain FROM facts.actor AS a"
_ACTOR_FIELDS = {"name": "Actor", "acronym": "Acronym"}
_BEGINS, _ENDS = ("period_start", "valid_from", "occurred_from"), ("period_end", "valid_to", "occurred_to")
_PLACED = ("#adm2", "#loc", "#adm+")
"""What the HXL tag of a field begins with that says where its record lies, the likeliest first."""


@dataclass(frozen=True)
class _Kept:
    """What of a layer is searched in a room: its names, and the values of the first field of `found_exactly`."""

    names: Vocabulary
    few: tuple[str, ...] = ()


def find(
    connection: Connection, scope: Scope, room: Room, cache: AnswerCache, q: str, limit: int = 5
) -> list[dict[str, Any]]:  # fmt: skip
    """Groups of what may be meant by `q`, the likeliest group first; `limit` records a group at most. Three statements at most
    where names are kept, whatever was typed."""
    scope = scope.whole
    limit, asked = min(limit, MOST), q[:LONGEST]
    spot = _spot(asked)
    typed = searched(asked)
    if spot or len(typed) < SHORTEST:
        return [spot] if spot else []
    kept = _kept(connection, scope, room, cache)
    # in the order of what is drawn on top of what: records before the ground that they lie on
    matches = {
        name: list(kept[name].names.find(typed))
        for name in (_ACTORS, *(each.name for each in reversed(FOUND)))
        if name in kept
    }
    sure = any(match.how < NEAR for found in matches.values() for match in found)
    best: dict[str, dict[int, Match]] = {}
    for name, found in matches.items():
        chosen = (match for match in found if match.how < NEAR or not sure)
        for match in nsmallest(limit, chosen, key=lambda match: match.rank):
            for id_ in match.name.ids:
                best.setdefault(name, {}).setdefault(id_, match)
    for name, ids in _exactly(connection, scope, room, kept, asked.strip()).items():
        best[name] = ids | best.get(name, {})
    wanted = {name: sorted(ids, key=lambda id_: ids[id_].rank)[:limit] for name, ids in best.items()}
    groups = [
        _group(name, ids, best[name], records, kept, room)
        for name, ids, records in _read(connection, scope, wanted)
    ]  # fmt: skip
    return sorted((group for group in groups if group["found"]), key=lambda group: group.pop("rank"))


def _spot(q: str) -> dict[str, Any] | None:
    try:
        place = gazetteer.spot(q)
    except BadRequest:
        return None
    if place is None:
        return None
    hit = {"layer": None, "id": None, "title": place.name, "where": place.mgrs, "period": "", "matched": "Coordinates",
           "bbox": [place.lon, place.lat, place.lon, place.lat]}  # fmt: skip
    return {"kind": "coordinates", "title": "Coordinates", "found": [hit]}


def _fields(layer: Layer, room: Room) -> list[Field]:
    hidden = room.hidden(layer)
    return [layer.field(name) for name in layer.found if name not in hidden]


def _kept(connection: Connection, scope: Scope, room: Room, cache: AnswerCache) -> dict[str, _Kept]:
    """What is searched of each layer that the room is shown: as it was read, while that is still true."""
    shown = [layer for layer in FOUND if room.shows(layer)]
    reads = {layer.name: layer.reads for layer in shown} | {_ACTORS: ("actor", "area", "area_part")}
    versions = look(connection, scope)
    with cache.alone(("names", scope)):
        found = {name: cache.get(("names", scope, name), versions.of(tables)) for name, tables in reads.items()}
        missing = [name for name, kept in found.items() if kept is None]
        if missing:
            fresh = _names(
                connection, scope, room, [layer for layer in shown if layer.name in missing], actors=_ACTORS in missing
            )
            for name in missing:
                found[name] = fresh.get(name, _Kept(Vocabulary(())))
                cache.put(("names", scope, name), versions.of(reads[name]), found[name])
    return {name: kept for name, kept in found.items() if kept is not None}


def _names(
    connection: Connection, scope: Scope, room: Room, layers: Iterable[Layer], *, actors: bool
) -> dict[str, _Kept]:  # fmt: skip
    parts = []
    for layer in layers:
        fields = [field.name for field in _fields(layer, room)]
        few = (
            [layer.found_exactly[0]] if layer.found_exactly and layer.found_exactly[0] not in room.hidden(layer) else []
        )
        if fields or few:
            parts.append(_grouped(layer.name, source(layer, scope), [*fields, *few]))
    if actors:
        parts.append(_grouped(_ACTORS, known(_ACTOR, scope), list(_ACTOR_FIELDS)))
    names: dict[str, list[Name]] = {}
    few_of: dict[str, list[str]] = {}
    exactly = {layer.name: layer.found_exactly[0] for layer in FOUND if layer.found_exactly}
    for row in connection.execute(text(" UNION ALL ".join(parts)), scope.binds()):
        if exactly.get(row.layer) == row.field:
            few_of.setdefault(row.layer, []).append(row.text)
        else:
            names.setdefault(row.layer, []).append(Name(row.field, row.text, tuple(row.ids)))
    return {
        name: _Kept(Vocabulary(names.get(name, ())), tuple(few_of.get(name, ()))) for name in {*names, *few_of}
    }  # fmt: skip


def _grouped(name: str, sql: str, fields: Sequence[str]) -> str:
    """Each text that stands in one of the fields, once, with the records that were written last; sorted by bytes, which is quicker."""
    each = " UNION ALL ".join(
        f'SELECT \'{field}\' AS field, t."{field}"::text COLLATE "C" AS text, t.id FROM told AS t' for field in fields
    )
    told = ", ".join(f't."{field}"' for field in fields)
    return f"""
        (WITH told AS MATERIALIZED (SELECT t.id, {told} FROM ({sql}) AS t)
        SELECT '{name}' AS layer, s.field, s.text, (array_agg(s.id ORDER BY s.id DESC))[1:{MOST}] AS ids
        FROM ({each}) AS s WHERE s.text <> '' GROUP BY s.field, s.text)
    """


def _exactly(
    connection: Connection, scope: Scope, room: Room, kept: dict[str, _Kept], typed: str
) -> dict[str, dict[int, Match]]:  # fmt: skip
    """The records whose own number is what was typed, as it is or in capitals."""
    parts, binds = [], scope.binds()
    for layer in FOUND:
        if layer.found_exactly is None or layer.name not in kept or not kept[layer.name].few:
            continue
        few, one = layer.found_exactly
        if one in room.hidden(layer):
            continue
        binds[f"few_{layer.name}"] = list(kept[layer.name].few)
        parts.append(
            f"(SELECT '{layer.name}' AS layer, '{one}' AS field, t.\"{one}\" AS text, t.id FROM ({source(layer, scope)}) AS t"
            f' WHERE t."{few}" = ANY (CAST(:few_{layer.name} AS text[])) AND t."{one}" = ANY (CAST(:typed AS text[])) LIMIT {MOST})'
        )
    found: dict[str, dict[int, Match]] = {}
    typed = typed.replace("\0", "")
    if not parts or not typed:
        return found
    for row in connection.execute(text(" UNION ALL ".join(parts)), binds | {"typed": [typed, typed.upper()]}):
        found.setdefault(row.layer, {})[row.id] = Match(Name(row.field, row.text, (row.id,)), EXACT, 0)
    return found


def _read(
    connection: Connection, scope: Scope, wanted: dict[str, list[int]]
) -> list[tuple[str, list[int], dict[int, dict[str, Any]]]]:  # fmt: skip
    """Each group's records in this room, with their box."""
    box = "ARRAY[ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom), ST_YMax(t.geom)]"
    parts, binds = [], scope.binds()
    for name in wanted:
        layer = next((each for each in FOUND if each.name == name), None)
        sql, shape = (source(layer, scope), box) if layer else (known(_ACTOR, scope), "NULL::float8[]")
        less = " - 'geom'" if layer else ""
        binds[f"ids_{name}"] = wanted[name]
        parts.append(
            f"SELECT '{name}' AS layer, t.id, to_jsonb(t){less} AS record, {shape} AS bbox FROM ({sql}) AS t"
            f" WHERE t.id = ANY (CAST(:ids_{name} AS bigint[]))"
        )
    read: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in wanted}
    if parts:
        for row in connection.execute(text(" UNION ALL ".join(parts)), binds):
            read[row.layer][row.id] = row.record | {"bbox": row.bbox}
    return [(name, ids, read[name]) for name, ids in wanted.items()]


def _group(
    name: str, ids: list[int], matches: dict[int, Match], records: dict[int, dict[str, Any]], kept: dict[str, _Kept], room: Room
) -> dict[str, Any]:  # fmt: skip
    layer = next((each for each in FOUND if each.name == name), None)
    hits = [
        _record(layer, room, id_, records[id_], matches[id_]) if layer else _actor(id_, records[id_], matches[id_], kept)
        for id_ in ids if id_ in records
    ]  # fmt: skip
    rank = min((matches[id_].rank[:3] for id_ in ids if id_ in records), default=(NEAR, 0, 0))
    return {"kind": name, "title": layer.title if layer else "Actors", "found": hits, "rank": rank}


def _record(layer: Layer, room: Room, id_: int, told: dict[str, Any], match: Match) -> dict[str, Any]:
    hidden = room.hidden(layer)
    record = {field.name: None if field.name in hidden else told.get(field.name) for field in layer.fields}
    field = layer.field(match.name.field)
    return {
        "layer": None if layer.fixed else layer.name, "id": id_, "title": title(layer, record), "where": _where(layer, record, told["bbox"]),
        "period": _period(layer, record), "matched": f"{field.title}: {words(field, match.name.text)}", "bbox": told["bbox"],
    }  # fmt: skip


def _actor(id_: int, record: dict[str, Any], match: Match, kept: dict[str, _Kept]) -> dict[str, Any]:
    """An actor, with the newest record on the map that names it."""
    named = next(
        ((name, each.ids[0]) for name, words_ in kept.items() if name != _ACTORS
         for each in words_.names.names if each.field == "actor" and each.text == record["name"]),
        (None, None),
    )  # fmt: skip
    return {
        "layer": named[0], "id": named[1], "title": record["name"], "where": "", "period": "",
        "matched": f"{_ACTOR_FIELDS[match.name.field]}: {match.name.text}", "bbox": None,
    }  # fmt: skip


def _where(layer: Layer, record: dict[str, Any], bbox: list[float] | None) -> str:
    for tag in _PLACED:
        for field in layer.fields:
            if (field.hxl or "").startswith(tag) and record[field.name] and "{" + field.name + "}" not in layer.titled:
                return words(field, record[field.name])
    if bbox is None or bbox[0] is None:
        return ""
    return coordinates.say_mgrs((bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2)


def _period(layer: Layer, record: dict[str, Any]) -> str:
    """The first and last day as recorded, as ISO 8601 writes an interval; "" for a layer that has none or where both are withheld."""
    first, last = (next((record[name] for name in names if record.get(name)), None) for names in (_BEGINS, _ENDS))
    return f"{first or '..'}/{last or '..'}" if first or last else ""
