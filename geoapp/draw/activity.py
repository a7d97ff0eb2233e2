"""Who changed what, and when: the changes that people made by hand, newest first, as a room is told of them.

They are read from the versions that every record keeps, under the policies: what a room is not shown now, or was not shown then,
does not occur, and neither does a change of which it is told no field. So two changes of which a room is told one are one to it,
and versions are numbered in rooms that record alone; so are names told. What a file brought is one line, that of its import, in
rooms that record.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from geoapp import audiences
from geoapp.audiences import Room
from geoapp.draw import moments
from geoapp.errors import BadRequest
from geoapp.model import Base
from geoapp.model.audited import AUDITED, told_fields
from geoapp.model.subjects import read_from
from geoapp.scope import Scope, say_date
from layers import Field, Layer, get
from layers.recorded import DAYS, DID, RECORDED, SHAPES, Recorded

MOST = 200
"""Lines of a page."""
SINGLY = 10
"""Up to so many changes that one person made at one moment to records of one kind are told one by one."""
AT_ONCE = 300
WINDOWS = 20
"""How often so many versions are looked through for one page."""
BEGAN, ENDS = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
NO_FIELDS = {
    "source_key", "name_key", "subject", "finest", "coarsest", "source_event_id", "source_ts", "taxonomy", "redistributable",
    "same_as_source", "same_as_event", "matrix_version", "suggestion", "number", "replaces", "length_km",
}  # fmt: skip
"""Columns that nobody writes: they follow from others."""
_FILES = "batch"


@dataclass(frozen=True)
class Asked:
    """Which changes: of what kinds of records (`of`) or of one `record` of theirs, by whom, what was done (`did`), from when until
    (not with) when, and before the moment of the last line of a page."""

    of: tuple[str, ...] = ()
    record: int | None = None
    who: str | None = None
    did: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: datetime | None = None

    def kinds(self) -> list[Recorded]:
        """The kinds that are asked for. Raises BadRequest for one that there is not, and for a record without its kind."""
        for asked, there in ((self.of, [each.key for each in RECORDED]), (self.did, list(DID))):
            if unknown := set(asked) - set(there):
                raise BadRequest(f"There is no {sorted(unknown)[0][:60]!r} here.", hint=f"One of {', '.join(there)}.")
        if self.record is not None and not self.of:
            raise BadRequest("A record's number says nothing without its kind.", hint="Say `of`, such as overlaps.")
        return [each for each in RECORDED if not self.of or each.key in self.of]


@dataclass(frozen=True)
class Act:
    """One version: what was done by it, when and by whom, the row that it made or (removed) took away, and the one before it, as the
    room is told both; `changed` are the columns that differ."""

    of: Recorded | None
    id: int
    at: datetime
    who: str | None
    did: str
    now: Mapping[str, Any]
    was: Mapping[str, Any] | None
    changed: tuple[str, ...] = ()


def activity(connection: Connection, scope: Scope, asked: Asked, limit: int = 50) -> dict[str, Any]:
    """A page of `lines`, newest first, whole moments of it, and `next`, with which the older ones are asked for as `before`; `people` and
    `audit`: whether it is told who, and whether who asks may read the audit.

    Raises BadRequest for what there is not, and NotFound as a room is looked up.
    """
    room = audiences.room(connection, scope)
    lines: list[dict[str, Any]] = []
    following: datetime | None = None
    for moment in _moments(connection, asked, room, limit):
        if len(lines) >= limit:
            following = moment[0].at + timedelta(microseconds=1)
            break
        lines += _lines(moment, alone=asked.record is not None)
    _name(connection, scope, room, lines)
    return {
        "lines": [_sent(line, room) for line in lines], "next": following.isoformat() if following else None,
        "people": room.may_write, "audit": bool(connection.execute(text("SELECT calc.may_audit()")).scalar()),
    }  # fmt: skip


def one(connection: Connection, scope: Scope, of: str, record: int, at: datetime) -> tuple[Act, Room] | None:
    """The change of a record at this moment as the room is told of it; None for none."""
    room = audiences.room(connection, scope)
    asked = Asked((of,), record, since=at, until=at + timedelta(microseconds=1))
    found = next(_moments(connection, asked, room, 1), None)
    return (found[0], room) if found else None


def _moments(connection: Connection, asked: Asked, room: Room, most: int) -> Iterator[list[Act]]:
    """The acts by the moment of each, newest first: several moments at least, where there are any, or as far as it was looked."""
    kinds = asked.kinds()
    if asked.who and not room.may_write:
        return
    before = min(asked.before or ENDS, asked.until or ENDS)
    sql = text(_versions(kinds, room, files=not asked.of, record=asked.record is not None))
    for _ in range(WINDOWS):
        binds = {
            "before": before, "since": asked.since or BEGAN, "who": asked.who, "most": AT_ONCE, "id": asked.record,
            "kinds": [each.table for each in kinds],
        }  # fmt: skip
        rows = [dict(row) for row in connection.execute(sql, binds).mappings()]
        whole = rows
        if len(rows) >= AT_ONCE:
            # the last moment may go on: it is looked at again from its begin, unless it is all that there is
            whole = [row for row in rows if row["at"] != rows[-1]["at"]] or rows
            before = rows[-1]["at"] + timedelta(microseconds=1) if whole is not rows else rows[-1]["at"]
        found = [act for act in _told(connection, whole, room) if not asked.did or act.did in asked.did]
        for _, together in groupby(found, key=lambda act: act.at):
            yield list(together)
        if len(rows) < AT_ONCE:
            return


def _versions(kinds: list[Recorded], room: Room, *, files: bool, record: bool) -> str:
    """The newest versions that are told, as SQL: those that records have now, those that they had, what was taken away, and imports."""
    when = "AND {0} < :before AND {0} >= :since AND (CAST(:who AS text) IS NULL OR {1} = :who)"
    here = "t.operation_id = (SELECT calc.operation())"
    arms = []
    for each in kinds:
        by_hand = "t.id = :id" if record else "t.batch_id IS NULL"
        if each.of != "id" and record:
            by_hand = f"t.{each.of} = :id"
        first = "AND t.version > 1" if each.follows else ""
        arms.append(f"""
            SELECT '{each.table}' AS kind, t.id, t.recorded_at AS at, t.recorded_by AS who, 'wrote' AS did, to_jsonb(t) AS now
            FROM {read_from(each.table)} AS t
            WHERE {here} AND {by_hand} AND {each.rows} {first} {when.format("t.recorded_at", "t.recorded_by")}
            ORDER BY t.recorded_at DESC, t.id LIMIT :most""")
    there = {e.table: f"SELECT FROM {read_from(e.table)} AS t WHERE {here} AND t.id = h.row_id AND " for e in kinds}
    shown = " ".join(f"WHEN '{e.table}' THEN EXISTS ({there[e.table]}{e.rows})" for e in kinds)
    gone = " ".join(
        f"WHEN '{e.table}' THEN {'false' if e.follows else f'NOT EXISTS ({there[e.table]}true)'}" for e in kinds
    )
    earlier = "h.operation_id = (SELECT calc.operation()) AND h.subject = ANY (CAST(:kinds AS text[]))"
    of_one = "h.row_id = :id" if record else "h.row ->> 'batch_id' IS NULL"
    if record and kinds[0].of != "id":
        of_one = f"(h.row ->> '{kinds[0].of}')::bigint = :id"
    arms.append(f"""
        SELECT h.subject, h.row_id, lower(h.recorded), h.row ->> 'recorded_by', 'wrote', h.row FROM calc.history AS h
        WHERE {earlier} AND {of_one} AND (CASE h.subject {shown} END OR (SELECT calc.may_write()))
            {when.format("lower(h.recorded)", "h.row ->> 'recorded_by'")}
        ORDER BY lower(h.recorded) DESC, h.row_id LIMIT :most""")
    if room.may_write:
        by_file = "SELECT FROM facts.batch AS b WHERE upper(h.recorded) IN (b.landed_at, b.withdrawn_at)"
        arms.append(f"""
            SELECT h.subject, h.row_id, upper(h.recorded), h.replaced_by, 'removed', h.row FROM calc.history AS h
            WHERE {earlier} {"AND " + of_one if record else ""} {when.format("upper(h.recorded)", "h.replaced_by")}
                AND CASE h.subject {gone} END AND NOT EXISTS ({by_file})
                AND NOT EXISTS (SELECT FROM calc.history AS g WHERE g.operation_id = h.operation_id AND g.subject = h.subject
                    AND g.row_id = h.row_id AND upper(g.recorded) > upper(h.recorded))
            ORDER BY upper(h.recorded) DESC, h.row_id LIMIT :most""")
    if room.may_write and files:
        said = "jsonb_build_object('kind', t.kind, 'file', t.file_name, 'source', t.source)"
        for did, at, who in (
            ("imported", "landed_at", "landed_by"),
            ("withdrawn", "withdrawn_at", "withdrawn_by"),
        ):
            arms.append(f"""
                SELECT '{_FILES}', t.id, t.{at}, t.{who}, '{did}', {said} FROM facts.batch AS t
                WHERE {here} AND t.{at} IS NOT NULL {when.format(f"t.{at}", f"t.{who}")} ORDER BY t.{at} DESC LIMIT :most""")
    every = " UNION ALL ".join(f"({arm})" for arm in arms)
    return f"""
        SELECT v.*, p.row AS was FROM (SELECT v.* FROM ({every}) AS v ORDER BY v.at DESC, v.kind, v.id LIMIT :most) AS v
        LEFT JOIN LATERAL (
            SELECT h.row FROM calc.history AS h
            WHERE h.operation_id = (SELECT calc.operation()) AND h.subject = v.kind AND h.row_id = v.id
                AND upper(h.recorded) <= v.at AND v.did = 'wrote'
            ORDER BY upper(h.recorded) DESC LIMIT 1) AS p ON true
        ORDER BY v.at DESC, v.kind, v.id
    """


_BY_TABLE = {each.table: each for each in RECORDED}


def _told(connection: Connection, rows: Iterable[Mapping[str, Any]], room: Room) -> Iterator[Act]:
    """The versions of which the room is told something, with what differs."""
    rows = list(rows)
    told = {each.table: tuple(fields(each, room)) for each in RECORDED}
    alike = _alike(connection, rows)
    moved = _moved(connection, [row for row in rows if (of := _BY_TABLE.get(row["kind"])) and of.parts])
    for row in rows:
        of = _BY_TABLE.get(row["kind"])
        act = Act(of, row["id"], row["at"], row["who"] if room.may_write else None, row["did"], row["now"], row["was"])
        if of is None or act.did == "removed":
            if of is None or _is_one(of, act.now):
                yield act
            continue
        was, now = row["was"], row["now"]
        changed = tuple(name for name in told[of.table] if was and was.get(name) != now.get(name))
        if was and (was.get("footprint_id"), now.get("footprint_id")) in alike:
            changed = tuple(name for name in changed if name != "footprint_id")
        if (row["kind"], row["id"], row["at"]) in moved:
            changed = (*changed, SHAPES[1])
        if row["was"] is None and not of.follows and _is_one(of, act.now):
            yield Act(of, act.id, act.at, act.who, "added", act.now, None)
        elif changed and _is_one(of, act.now):
            yield Act(of, act.id, act.at, act.who, "changed", act.now, row["was"], changed)


def _is_one(of: Recorded, row: Mapping[str, Any]) -> bool:
    """Whether a row that is no more is of this kind, as `Recorded.rows` says it of those that are there."""
    return of.without is None or row.get(of.without[0]) != of.without[1]


_MOVED = """
    SELECT v.kind, v.id, v.at FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS bigint[]), CAST(:at AS timestamptz[])) AS v (kind, id, at)
    WHERE EXISTS (
        SELECT FROM calc.history AS g
        JOIN facts.footprint AS f ON f.operation_id = g.operation_id AND f.id = (g.row ->> 'footprint_id')::bigint
        WHERE g.operation_id = (SELECT calc.operation()) AND g.subject = '{parts}' AND upper(g.recorded) = v.at
            AND (g.row ->> 'area_id')::bigint = v.id AND NOT EXISTS (
                SELECT FROM facts.{parts} AS p JOIN facts.footprint AS e ON e.operation_id = p.operation_id AND e.id = p.footprint_id
                WHERE p.operation_id = g.operation_id AND p.id = g.row_id AND p.recorded_at >= v.at AND e.hash = f.hash
                UNION ALL
                SELECT FROM calc.history AS n
                JOIN facts.footprint AS e ON e.operation_id = n.operation_id AND e.id = (n.row ->> 'footprint_id')::bigint
                WHERE n.operation_id = g.operation_id AND n.subject = g.subject AND n.row_id = g.row_id
                    AND lower(n.recorded) = v.at AND e.hash = f.hash))
"""
"""Of these versions those with which the ground changed that is kept in parts. A shape is kept once for each handling: another
footprint is another shape when its hash differs."""
_HASHES = text("SELECT f.id, f.hash FROM facts.footprint AS f WHERE f.id = ANY (CAST(:ids AS bigint[]))")


def _alike(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> set[tuple[int, int]]:
    """The pairs of footprints, before and after, that are one shape."""
    pairs = {
        (row["was"]["footprint_id"], row["now"]["footprint_id"]) for row in rows
        if row["was"] and row["was"].get("footprint_id") != row["now"].get("footprint_id")
    }  # fmt: skip
    if not pairs:
        return set()
    ids = [id_ for pair in pairs for id_ in pair if id_ is not None]
    hashes = {row.id: row.hash for row in connection.execute(_HASHES, {"ids": ids})}
    return {(was, now) for was, now in pairs if was in hashes and hashes[was] == hashes.get(now)}


def _moved(connection: Connection, rows: list[Mapping[str, Any]]) -> set[tuple[str, int, datetime]]:
    """Those of these versions with which the ground changed that is kept in parts."""
    if not rows:
        return set()
    binds = {"kinds": [r["kind"] for r in rows], "ids": [r["id"] for r in rows], "at": [r["at"] for r in rows]}
    parts = _BY_TABLE[rows[0]["kind"]].parts
    return {(row.kind, row.id, row.at) for row in connection.execute(text(_MOVED.format(parts=parts)), binds)}


def fields(of: Recorded, room: Room) -> dict[str, Field]:
    """The columns of which the room is told that they changed, each with what it is called. Of a record's days and of its shape it
    is told as of the layers' fields for them; what no layer tells, only a room that records is."""
    columns = of.columns or told_fields(next(each for each in AUDITED if each.table == of.table))
    said = {field.name: field for field in of.fields}
    days: Field | None = None if of.layers else Field("valid", "Days")
    for name in of.layers:
        layer = get(name)
        if not room.shows(layer):
            continue
        for field in layer.fields:
            if field.name in room.hidden(layer):
                continue
            said.setdefault(field.name, field)
            if field.name in DAYS:
                days = Field("valid", "Days")
    found = {}
    for column in columns:
        if column in NO_FIELDS:
            continue
        if column in SHAPES:
            found[column] = Field(column, "Shape")
        elif column == "valid":
            found |= {column: days} if days else {}
        elif column in said:
            found[column] = said[column]
        elif room.may_write:
            found[column] = Field(column, column.replace("_", " ").capitalize(), _kind(of, column))
    return found


def _kind(of: Recorded, column: str) -> Any:
    """How a value is told that no layer has: a yes or no as such."""
    kind = str(Base.metadata.tables[f"facts.{of.table}"].columns[column].type)
    return {"BOOLEAN": "boolean", "DATE": "date"}.get(kind, "text")


def _lines(moment: list[Act], *, alone: bool) -> Iterator[dict[str, Any]]:
    """One line an act, or one for many alike."""
    moment = sorted(moment, key=lambda act: (act.of.table if act.of else "", act.did, act.who or ""))
    for (of, did, who), alike in groupby(moment, key=lambda act: (act.of, act.did, act.who)):
        acts = list(alike)
        if of is not None and len(acts) > SINGLY and not alone:
            yield {"acts": acts, "of": of, "did": did, "at": acts[0].at, "by": who, "many": len(acts)}
        else:
            yield from ({"acts": [act], "of": of, "did": did, "at": act.at, "by": who, "many": None} for act in acts)


def _name(connection: Connection, scope: Scope, room: Room, lines: list[dict[str, Any]]) -> None:
    """Say of each record what it is called, where it is opened, and what its fields are called."""
    single = [line for line in lines if line["of"] is not None and line["many"] is None]
    wanted: dict[Recorded, set[int]] = {}
    for line in single:
        act = line["acts"][0]
        line["record"] = int(act.now.get(line["of"].of) or act.id)
        wanted.setdefault(line["of"], set()).add(line["record"])
    called: dict[tuple[str, int], tuple[str | None, str]] = {}
    for of, ids in wanted.items():
        for name in of.layers:
            missing = [id_ for id_ in ids if (of.key, id_) not in called]
            layer = get(name)
            if missing and room.shows(layer):
                for row in moments.rows(connection, scope, layer, room, missing, "NULL"):
                    called.setdefault((of.key, row["id"]), (layer.name, _called(layer, row)))
    for line in single:
        of, act = line["of"], line["acts"][0]
        fallback = act.now.get("name") or act.now.get("location") or str(line["record"])
        layer_name, name = called.get((of.key, line["record"]), (None, f"{fallback}"))
        line |= {"layer": layer_name, "name": name}
        titles = fields(of, room)
        line["fields"] = list(dict.fromkeys(titles[c].title if c in titles else "Shape" for c in act.changed))


def _called(layer: Layer, row: dict[str, Any]) -> str:
    """What a record is called, with its own name or place, and of what happened the day, where its title has none of these."""
    name = moments.name(layer, row)
    more = [row.get("name"), row.get("location"), say_date(row.get("occurred_from"))]
    return ", ".join([name, *(each for each in more if each and each not in name)])


def _sent(line: Mapping[str, Any], room: Room) -> dict[str, Any]:
    """A line as doors say it."""
    act: Act = line["acts"][0]
    of: Recorded | None = line["of"]
    found = {
        "at": line["at"].isoformat(), "by": line["by"], "did": line["did"], "of": of.key if of else None,
        "one": of.one if of else "file", "record": line.get("record"), "id": act.id if of and line["many"] is None else None,
        "layer": line.get("layer"), "name": line.get("name") or act.now.get("file"), "fields": line.get("fields", []),
        "many": line["many"], "version": act.now.get("version") if room.may_write and line["many"] is None else None,
    }  # fmt: skip
    return found | {"text": sentence(of, found, act)}


def sentence(of: Recorded | None, line: Mapping[str, Any], act: Act) -> str:
    """What was done, without who did it: `changed the overlap OV-0012 · …: Status, Due`."""
    if of is None:
        file = f"the file {act.now['file']} ({str(act.now['kind']).replace('_', ' ')})"
        return f"imported {file}" if act.did == "imported" else f"took back the import of {file}"
    if line["many"]:
        return f"{_DONE[act.did]} {line['many']:,} {of.many}"
    if of.of != "id":
        noted = {"added": "wrote a note on", "changed": "withdrew a note on"}.get(act.did, "took away a note on")
        return f"{noted} {line['name']}"
    return f"{_DONE[act.did]} the {of.one} {line['name']}" + (
        f": {', '.join(line['fields'])}" if line["fields"] else ""
    )


_DONE = {"added": "added", "changed": "changed", "removed": "took away"}
