"""What is meant by what somebody types into the one search: coordinates, actors, and records of every layer that says by which
of its fields they are found.

Rights. A room's names are read by the layers' own SELECTs in that room, under its policies, views and forms, like everything that it
is shown; nothing else is compared with what was typed. So what a room is told coarser or not at all is neither found nor counted
by its exact name, and no operator has to be marked leakproof, no table of texts kept equal to the rights of each row. An index
of trigrams is not used beneath a policy, for its operators are not leakproof: with one, every row would be compared.

Speed. Names are few where records are many: a million incidents lie at some thousands of places. They are kept by room with the
version of the tables they were read from, and read again when these have changed: from the names that the database keeps beside
the records, under the same policies, else from all records. A number that is unlike in each record is no name: it is asked for as
a whole, by the index of its table. Sentences are read, record by record, when that is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from geoapp import coordinates, gazetteer
from geoapp.audiences import Room
from geoapp.draw.query import source
from geoapp.draw.versions import AnswerCache, look
from geoapp.draw.vocabulary import EXACT, NEAR, SHORTEST, WORDS, Match, Name, Vocabulary
from geoapp.draw.wording import title, words
from geoapp.errors import BadRequest
from geoapp.names import searched
from geoapp.scope import WORDS as MOST_WORDS
from geoapp.scope import Scope, known
from layers import STACK, Field, Layer

MOST = 20
"""Records a group, at most."""
LONGEST = 200
"""Letters that are looked at."""
FOUND = tuple(layer for layer in STACK if layer.found)
"""The layers whose records are found."""
_ACTORS = "actors"
_ACTOR = """
    SELECT a.id, a.name, a.acronym, concat_ws(', ', a.other_names, (
        SELECT string_agg(m.name, ', ' ORDER BY m.name) FROM facts.actor AS m
        WHERE m.operation_id = a.operation_id AND m.merged_into = a.id AND (SELECT calc.may_write()))) AS also
    FROM calc.actor AS a WHERE a.merged_into IS NULL"""
_ACTOR_FIELDS = {"name": "Actor", "acronym": "Acronym", "also": "Former or other name"}
_SPARE = 5
"""So many more are read than are told: a report is not shown beside the one that speaks for its event."""
_NOTE = Field("within", "Note")
_PIECE = 80
"""Letters of a long text that are told after the word that was found, and half as many before it."""
_BEGINS, _ENDS = ("period_start", "valid_from", "occurred_from"), ("period_end", "valid_to", "occurred_to")
_PLACED = ("#adm2", "#loc", "#adm+")
"""What the HXL tag of a field begins with that says where its record lies, the likeliest first."""


@dataclass(frozen=True)
class _Kept:
    """What of a layer is searched in a room: its names, and the values of the first field of `found_exactly`."""

    names: Vocabulary
    few: tuple[str, ...] = ()


def find(
    connection: Connection, scope: Scope, room: Room, cache: AnswerCache, q: str, limit: int = 5, *, within: bool = False
) -> list[dict[str, Any]]:  # fmt: skip
    """Groups of what may be meant by `q`, the likeliest group first; `limit` records a group at most. Five statements at most
    where names are kept, whatever was typed; one more to look `within` the sentences of each record, the newest first."""
    scope = scope.whole
    limit, asked = min(limit, MOST), q[:LONGEST]
    spot = _spot(asked)
    typed = searched(asked)
    if spot or len(typed) < SHORTEST:
        return [spot] if spot else []
    kept = _kept(connection, scope, room, cache)
    # in the order of what is drawn on top of what: records before the ground that they lie on
    matches = {
        name: kept[name].names.find(typed, limit + _SPARE)
        for name in (_ACTORS, *(each.name for each in reversed(FOUND)))
        if name in kept
    }
    matches = _numbered(connection, scope, matches)
    said = _exactly(connection, scope, room, kept, asked.strip())
    if within:
        for name, ids in _within(connection, scope, room, asked, limit).items():
            said[name] = ids | said.get(name, {})
    groups = _groups(connection, scope, room, _chosen(matches, near=False, and_=said), limit)
    if not groups:  # only then is anything that was typed otherwise what was meant
        groups = _groups(connection, scope, room, _chosen(matches, near=True, and_={}), limit)
    return sorted(groups, key=lambda group: group.pop("rank"))


_Chosen = dict[str, dict[int, Match]]
"""By layer, the records that may be meant, each with how it was found."""


def _chosen(matches: dict[str, list[Match]], *, near: bool, and_: _Chosen) -> _Chosen:
    best: _Chosen = {}
    for name, found in matches.items():
        for match in found:
            if (match.how == NEAR) == near:
                for id_ in match.name.ids:
                    best.setdefault(name, {}).setdefault(id_, match)
    for name, ids in and_.items():
        best[name] = ids | {id_: match for id_, match in best.get(name, {}).items() if id_ not in ids}
    return best


def _groups(connection: Connection, scope: Scope, room: Room, best: _Chosen, limit: int) -> list[dict[str, Any]]:
    """The records that there are of those that may be meant, by layer, each group with its `rank`."""
    wanted = {name: sorted(ids, key=lambda id_: ids[id_].rank)[: limit + _SPARE] for name, ids in best.items()}
    found = []
    for name, ids, records in _read(connection, scope, wanted):
        there = [id_ for id_ in ids if id_ in records][:limit]
        if there:
            found.append(_group(name, there, best[name], records, room))
    return found


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
    reads |= {layer.name: layer.found_kept[:1] for layer in shown if layer.found_kept and _is_kept(scope)}
    exactly = {layer.name: layer.found_exactly[0] for layer in shown if layer.found_exactly}
    versions = look(connection, scope)
    with cache.alone(("names", scope)):
        found = {name: cache.get(("names", scope, name), versions.of(tables)) for name, tables in reads.items()}
        missing = [name for name, kept in found.items() if kept is None]
        if missing:
            fresh = _names(
                connection, scope, room, [layer for layer in shown if layer.name in missing], actors=_ACTORS in missing
            )
            for name in missing:
                found[name] = _unless_same(cache, (scope, name), fresh.get(name, ()), exactly.get(name))
                cache.put(("names", scope, name), versions.of(reads[name]), found[name])
    return {name: kept for name, kept in found.items() if kept is not None}


def _is_kept(scope: Scope) -> bool:
    return scope.as_of is None and scope.period is None


def _names(
    connection: Connection, scope: Scope, room: Room, layers: Iterable[Layer], *, actors: bool
) -> dict[str, list[Name]]:  # fmt: skip
    parts = []
    for layer in layers:
        hidden = room.hidden(layer)
        fields = [field.name for field in _fields(layer, room)]
        fields += [name for name in (layer.found_exactly or ())[:1] if name not in hidden]
        if layer.found_kept and _is_kept(scope):
            listed = ", ".join(f"'{name}'" for name in (*fields, *(field.name for field in layer.found_also)))
            parts.append(
                f"(SELECT DISTINCT '{layer.name}' AS layer, k.field, k.name AS text, NULL::bigint[] AS ids"
                f" FROM ({layer.found_kept[1]}) AS k WHERE k.field IN ({listed}))"
            )
        elif fields:
            parts.append(_grouped(layer.name, source(layer, scope), fields))
    if actors:
        parts.append(_grouped(_ACTORS, known(_ACTOR, scope), list(_ACTOR_FIELDS)))
    found: dict[str, list[Name]] = {}
    for layer, field, said, ids in connection.execute(text(" UNION ALL ".join(parts)), scope.binds()).fetchall():
        found.setdefault(layer, []).append(Name(field, said, tuple(ids or ())))
    return found


def _unless_same(cache: AnswerCache, key: tuple[Scope, str], names: Sequence[Name], exactly: str | None) -> _Kept:
    """What is searched of these names: what was made of the same ones before, where most changes of records leave them."""
    read, made = cache.get(("vocabulary", key), None) or (None, None)
    if made is None or read != frozenset(names):
        read = frozenset(names)
        made = _Kept(
            Vocabulary(name for name in names if name.field != exactly),
            tuple(name.text for name in names if name.field == exactly),
        )
        cache.put(("vocabulary", key), None, (read, made))
    kept: _Kept = made
    return kept


def _numbered(connection: Connection, scope: Scope, matches: dict[str, list[Match]]) -> dict[str, list[Match]]:
    """The same, with the numbers of the records of those names that the database keeps: these are not held here, for there are
    twenty of each of some ten thousands."""
    parts, binds = [], {}
    for layer in FOUND:
        if layer.found_kept and _is_kept(scope) and matches.get(layer.name):
            binds[f"names_{layer.name}"] = [match.name.text for match in matches[layer.name]]
            binds[f"fields_{layer.name}"] = list({match.name.field for match in matches[layer.name]})
            parts.append(
                f"SELECT '{layer.name}' AS layer, k.field, k.name, k.ids FROM ({layer.found_kept[1]}) AS k WHERE"
                f" k.field = ANY (CAST(:fields_{layer.name} AS text[])) AND k.name = ANY (CAST(:names_{layer.name} AS text[]))"
            )
    if not parts:
        return matches
    ids: dict[tuple[str, str, str], list[int]] = {}
    # several rows of one name are told to the same rooms by several rights
    for row in connection.execute(text(" UNION ALL ".join(parts)), binds):
        ids.setdefault((row.layer, row.field, row.name), []).extend(row.ids)
    return {
        layer: [
            replace(match, name=replace(match.name, ids=tuple(sorted(there, reverse=True)[:MOST])))
            if (there := ids.get((layer, match.name.field, match.name.text))) else match
            for match in found
        ]
        for layer, found in matches.items()
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
) -> _Chosen:  # fmt: skip
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
    found: _Chosen = {}
    typed = typed.replace("\0", "")
    if not parts or not typed:
        return found
    for row in connection.execute(text(" UNION ALL ".join(parts)), binds | {"typed": [typed, typed.upper()]}):
        found.setdefault(row.layer, {})[row.id] = Match(Name(row.field, row.text, (row.id,)), EXACT, 0)
    return found


def _within(connection: Connection, scope: Scope, room: Room, typed: str, limit: int) -> _Chosen:
    """The newest records in whose sentences each word that was typed stands, as it was typed."""
    words = typed.replace("\0", "").lower().split()[:MOST_WORDS]
    parts, binds = [], scope.binds()
    for number, word in enumerate(words):
        binds[f"word_{number}"] = word
    has = " AND ".join(f"strpos(lower(t.text), :word_{number}) > 0" for number in range(len(words)))
    for layer in FOUND:
        if layer.found_within and room.shows(layer):
            parts.append(
                f"(SELECT '{layer.name}' AS layer, t.text, t.id FROM ({known(layer.found_within, scope)}) AS t"
                f" WHERE {has} ORDER BY t.id DESC LIMIT {limit + _SPARE})"
            )
    found: _Chosen = {}
    if parts and words:
        for row in connection.execute(text(" UNION ALL ".join(parts)), binds):
            said = Name(_NOTE.name, _around(row.text, words[0]), (row.id,))
            found.setdefault(row.layer, {})[row.id] = Match(said, WORDS, 0)
    return found


def _around(said: str, word: str) -> str:
    """The piece of a long text in which a word stands."""
    at = max(said.lower().find(word), 0)
    begin, end = max(at - _PIECE // 2, 0), at + _PIECE
    return ("… " if begin else "") + said[begin:end].strip() + (" …" if end < len(said) else "")


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
    name: str, ids: list[int], matches: dict[int, Match], records: dict[int, dict[str, Any]], room: Room
) -> dict[str, Any]:  # fmt: skip
    layer = next((each for each in FOUND if each.name == name), None)
    hits = [
        _record(layer, room, id_, records[id_], matches[id_]) if layer else _actor(id_, records[id_], matches[id_])
        for id_ in ids
    ]  # fmt: skip
    rank = min(matches[id_].rank[:3] for id_ in ids)
    return {"kind": name, "title": layer.title if layer else "Actors", "found": hits, "rank": rank}


def _record(layer: Layer, room: Room, id_: int, told: dict[str, Any], match: Match) -> dict[str, Any]:
    hidden = room.hidden(layer)
    record = {field.name: None if field.name in hidden else told.get(field.name) for field in layer.fields}
    field = next(each for each in (_NOTE, *layer.found_also, *layer.fields) if each.name == match.name.field)
    return {
        "layer": None if layer.fixed else layer.name, "id": id_, "title": title(layer, record), "where": _where(layer, record, told["bbox"]),
        "period": _period(layer, record), "matched": f"{field.title}: {words(field, match.name.text)}", "bbox": told["bbox"],
    }  # fmt: skip


def _actor(id_: int, record: dict[str, Any], match: Match) -> dict[str, Any]:
    return {
        "layer": None, "id": id_, "title": record["name"], "where": "", "period": "",
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
