"""Give a field copy of an operation out: one encrypted file with what one room is told, and a line in the list of copies."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta
from pathlib import Path

import pyrage
from sqlalchemy import Connection, Engine, text

from geoapp import __version__, audiences, backup, db
from geoapp.backup.dump import fresh
from geoapp.db import Context, again, set_context, streamed, transaction
from geoapp.errors import BadRequest, Conflict, NotFound, SetupError
from geoapp.field_copies.contents import COLLECTIONS, TABLES, rows_of
from geoapp.field_copies.file import COPY, FORM, MIB, Said, write
from geoapp.writing import require

MOST_DAYS = 366
_AT_ONCE = 500
_OPERATION = text("""
    SELECT o.key, o.title, o.exercise, o.organisation, o.today, o.time_zone, o.copy_of IS NOT NULL AS copied,
        statement_timestamp() AS now
    FROM facts.operation AS o WHERE o.operation_id = calc.operation()
""")
_GIVEN = text("""
    INSERT INTO facts.field_copy (operation_id, handling, key, audience, ends_on, taken_at, taken_by, proof)
    VALUES (calc.operation(), CAST(:clearance AS facts.handling), :key, :audience, :ends_on, :now, calc.member(), :proof)
    RETURNING id
""")
_COARSE = """
    INSERT INTO facts.field_record (operation_id, copy_id, collection, row_id, home_id, version, coarse)
    SELECT t.operation_id, :copy, :collection, u.id, t.id, t.version, true
    FROM unnest(CAST(:ids AS bigint[]), CAST(:sources AS text[]), CAST(:events AS text[])) AS u (id, source, event)
    JOIN facts.incident AS t ON t.operation_id = calc.operation() AND t.source = u.source AND t.source_event_id = u.event
        AND t.finest = 0
"""
_PLAIN = """
    INSERT INTO facts.field_record (operation_id, copy_id, collection, row_id, home_id, version)
    SELECT t.operation_id, :copy, :collection, t.id, t.id, t.version FROM facts.{table} AS t
    WHERE t.operation_id = calc.operation() AND t.id = ANY (CAST(:ids AS bigint[]))
"""


@dataclass(frozen=True)
class Taken:
    """A copy that was given out."""

    id: int
    room: str
    ends_on: date
    rows: dict[str, int]


@dataclass
class _Read:
    """What was read so far: rows by table, and by collection the numbers of its records and of which events these are."""

    rows: dict[str, int] = field(default_factory=dict)
    plain: dict[str, list[int]] = field(default_factory=dict)
    coarse: list[tuple[int, str, str]] = field(default_factory=list)


@again
def take(
    engine: Engine, context: Context, room: str, ends_on: date, target: Path, key: backup.Key, tell: Callable[..., None]
) -> Taken:
    """Write a copy for a room, which opens until the end of a day, into a new file. `context` is of a room that records.

    Raises Forbidden for who may not take one, BadRequest for no such room, a day that is none for it, and a key that will not do,
    Conflict when the file exists or this is itself a copy, SetupError when it cannot be written. Then nothing stands under its name.
    """
    lock = backup.lock_of(key)
    if target.exists():
        raise Conflict(f"{target} exists.", hint="Choose another name; nothing is overwritten.")
    if not target.absolute().parent.is_dir():
        raise SetupError(f"There is no folder {target.absolute().parent}.", hint="Make it first.")
    secret, word, read = secrets.token_hex(32), secrets.token_hex(16), _Read()
    with fresh(target) as file, transaction(engine, context, snapshot=True) as connection:
        require(connection, "field_copy")
        about = connection.execute(_OPERATION).mappings().one()
        if about["copied"]:
            raise Conflict("This is itself a field copy.", hint="Take one where the operation is kept.")
        today = about["now"].date()
        if not today <= ends_on <= today + timedelta(days=MOST_DAYS):
            raise BadRequest(
                f"A copy ends within {MOST_DAYS} days, and not before today.", hint="Write the last day as 2026-12-31."
            )
        found = next((each for each in audiences.rooms(connection) if each.key == room), None)
        if found is None:
            raise BadRequest(f"There is no room {room[:40]!r}.", hint="`geoapp audience list` names them.")
        operation = {name: about[name] for name in ("key", "title", "exercise", "organisation", "time_zone")}
        said = Said(
            what=COPY.word, form=FORM, version=__version__, head=db.version(connection), key=word, secret=secret,
            operation=operation | {"today": about["today"].isoformat() if about["today"] else None},
            room={"key": found.key, "title": found.title}, taken_at=about["now"].astimezone(UTC).isoformat(timespec="seconds"),
            ends_on=ends_on.isoformat(), recipients=list(lock.recipients),
        )  # fmt: skip
        set_context(connection, replace(context, audience=room, purpose="export"))
        try:
            write(file, lock, COPY, said, _rows(connection, read, tell), lambda n: tell("MiB written", n // MIB))
        except (OSError, pyrage.EncryptError) as error:
            raise SetupError(f"{target} could not be written: {error}.", hint="Is the disk full?") from error
        set_context(connection, context)
        number = _given(connection, read, {
            "clearance": found.clearance, "key": word, "audience": room, "ends_on": ends_on, "now": about["now"],
            "proof": proof(secret),
        })  # fmt: skip
    return Taken(number, found.title, ends_on, read.rows)


def proof(secret: str) -> bytes:
    """What is kept of a copy's secret."""
    return hashlib.sha256(secret.encode()).digest()


def _rows(connection: Connection, read: _Read, tell: Callable[..., None]) -> Iterator[bytes]:
    for place, table in enumerate(TABLES):
        tell(f"reading {table.replace('_', ' ')}", place, len(TABLES))
        for rows in streamed(connection, rows_of(table), {}, _AT_ONCE):
            read.rows[table] = read.rows.get(table, 0) + len(rows)
            for row in rows:
                body, number, source, event = tuple(row)
                if source is not None:
                    read.coarse.append((number, source, event))
                elif table in COLLECTIONS:
                    read.plain.setdefault(table, []).append(number)
                yield b'["' + table.encode() + b'",' + body.encode() + b"]"


def _given(connection: Connection, read: _Read, said: dict[str, object]) -> int:
    copy = int(connection.execute(_GIVEN, said).scalar_one())
    for table, ids in read.plain.items():
        binds = {"copy": copy, "collection": COLLECTIONS[table], "ids": ids}
        connection.execute(text(_PLAIN.format(table=table)), binds)
    if read.coarse:
        ids, sources, events = (list(each) for each in zip(*read.coarse, strict=True))
        binds = {"copy": copy, "collection": COLLECTIONS["incident"], "ids": ids, "sources": sources, "events": events}
        connection.execute(text(_COARSE), binds)
    return copy


_END = text("""
    UPDATE facts.field_copy AS c SET ended_at = now(), ended_by = calc.member(), ended_why = :why
    WHERE c.operation_id = calc.operation() AND c.id = :id AND c.ended_at IS NULL
""")
_LISTED = text("""
    SELECT c.id, c.audience, a.title AS room, c.ends_on, c.taken_at, c.taken_by, c.ended_at, c.ended_by, c.ended_why, c.returned_at,
        c.returned_by, CASE WHEN c.ended_why IS NOT NULL THEN c.ended_why WHEN c.ends_on < current_date THEN 'past' ELSE 'out' END AS state,
        e.applied, e.open, e.dropped
    FROM facts.field_copy AS c
    LEFT JOIN facts.audience AS a ON a.operation_id = c.operation_id AND a.key = c.audience
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE e.state = 'applied') AS applied,
            count(*) FILTER (WHERE e.state IN ('conflict', 'refused')) AS open, count(*) FILTER (WHERE e.state = 'dropped') AS dropped
        FROM facts.field_edit AS e WHERE e.operation_id = c.operation_id AND e.copy_id = c.id
    ) AS e
    WHERE c.operation_id = calc.operation() ORDER BY c.id DESC
""")


def copies(connection: Connection) -> list[dict[str, object]]:
    """The copies that were given out, newest first, with what came of what they brought. Raises Forbidden in a room that only reads,
    and for a role that may take none."""
    require(connection, "field_copy")
    return [dict(row) for row in connection.execute(_LISTED).mappings()]


def end(connection: Connection, copy: int, why: str) -> None:
    """Let nothing come home any more from a copy: it is `lost`, or `over`. Raises NotFound, Conflict when it has ended, Forbidden."""
    if why not in ("lost", "over"):
        raise BadRequest(f"{why[:40]!r} is no reason.", hint="lost or over")
    require(connection, "field_copy")
    if not connection.execute(_END, {"id": copy, "why": why}).rowcount:
        if any(each["id"] == copy for each in copies(connection)):
            raise Conflict("This copy has ended already.", hint="Look at the list as it is now.")
        raise NotFound(f"There is no field copy {copy}.", hint="`geoapp field list` lists them.")
