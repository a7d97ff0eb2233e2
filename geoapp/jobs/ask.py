"""Asking for work, stopping it and waiting for its end."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp.db import Context, transaction
from geoapp.errors import Conflict, Forbidden, NotFound
from geoapp.jobs import files, queue
from geoapp.jobs.job import NETWORK, PACK, RECORDS_NOTHING, Job, find, stopped

KEPT_DAYS = 30
"""How long a job that has ended is told about, and its Idempotency-Key known."""

PACKS_KNOWN_DAYS = 400
"""How long what a pack said of itself is known, for the next one to be compared with; its archive is kept `KEPT_DAYS`."""

_OLD = (
    text("""
        DELETE FROM facts.job AS j WHERE j.ended_at < now() - make_interval(
            days => CASE WHEN j.kind = :pack AND j.state = 'done' THEN CAST(:packs AS int) ELSE CAST(:days AS int) END)
    """),
    text("""
        DELETE FROM facts.job_file AS f USING facts.job AS j
        WHERE f.operation_id = j.operation_id AND f.job_id = j.id AND j.ended_at < now() - make_interval(days => CAST(:days AS int))
            AND CAST(:pack AS text) IS NOT NULL AND CAST(:packs AS int) IS NOT NULL
    """),
)

_STOPPED = text("""
    DELETE FROM facts.job_file AS f USING facts.job AS j
    WHERE f.operation_id = j.operation_id AND f.job_id = j.id AND j.id = :job AND j.state = 'stopped'
""")
"""The file of a job that never began is nobody's any more."""
_BUILDING = text("SELECT min(j.id) FROM facts.job AS j WHERE j.kind = :kind AND j.ended_at IS NULL")


def put(
    connection: Connection,
    context: Context,
    kind: str,
    asked: Mapping[str, Any],
    *,
    file: Iterable[bytes] = (),
    key: str | None = None,
    digest: str | None = None,
    priority: int = 0,
) -> int:
    """Ask for work with this transaction; the job's number.

    `file` comes in pieces that fit in memory. A `key` that was used before in this room is answered with the job it
    named. Raises Conflict when that job was asked for something else (`digest`), NotFound for no such operation,
    Forbidden in a room that only reads.
    """
    operation, may_write, may = connection.execute(
        text("SELECT calc.operation(), calc.may_write(), calc.may_record() AND calc.may('batch')")
    ).one()
    if operation is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if not may_write and kind not in RECORDS_NOTHING:
        raise Forbidden(
            "This room reads; nothing is recorded in it.", hint="Choose a room that records, such as internal."
        )
    if not may and kind not in RECORDS_NOTHING:
        raise Forbidden(
            "Your role in this operation does not import files.",
            hint="An administrator of the operation gives another role, on the page Members.",
        )
    for statement in _OLD:
        connection.execute(statement, {"days": KEPT_DAYS, "pack": PACK, "packs": PACKS_KNOWN_DAYS})
    made = connection.execute(
        text("""
            INSERT INTO facts.job (operation_id, kind, audience, member, key, digest, asked)
            VALUES (:operation, :kind, :audience, calc.member(), :key, :digest, CAST(:asked AS jsonb))
            ON CONFLICT (operation_id, audience, key) DO NOTHING RETURNING id
        """),
        {
            "operation": operation, "kind": kind, "audience": context.audience, "key": key,
            "digest": digest, "asked": orjson.dumps(dict(asked)).decode(),
        },
    ).scalar()  # fmt: skip
    if made is None:
        found, before = connection.execute(
            text("SELECT j.id, j.digest FROM facts.job AS j WHERE j.key = :key"), {"key": key}
        ).one()
        if before != digest:
            raise Conflict("That key was used for something else.", hint="Choose another random word for each file.")
        return int(found)
    files.write(connection, int(made), file)
    waits = queue.put(connection, context.operation, context.audience, made, priority)
    connection.execute(
        text("UPDATE facts.job SET queue_id = :queue WHERE operation_id = :operation AND id = :job"),
        {"queue": waits, "operation": operation, "job": made},
    )
    return int(made)


def network(connection: Connection, context: Context) -> int:
    """Ask for the road network of this room to be built; the job's number, that of one which waits or runs if there is one."""
    open_ = connection.execute(_BUILDING, {"kind": NETWORK}).scalar()
    return int(open_) if open_ is not None else put(connection, context, NETWORK, {}, priority=1)


def stop(connection: Connection, job: int) -> Job:
    """Want a job stopped: one that waits never begins, one that runs ends at its next step and leaves nothing.

    Raises NotFound for no such job, Conflict for one that has ended.
    """
    problem = stopped(find(connection, job).kind).problem()
    changed = connection.execute(
        text("""
            UPDATE facts.job AS j SET stop = true,
                state = CASE j.state WHEN 'waiting' THEN 'stopped' ELSE j.state END,
                ended_at = CASE j.state WHEN 'waiting' THEN clock_timestamp() END,
                error = CASE j.state WHEN 'waiting' THEN CAST(:error AS jsonb) END
            WHERE j.id = :job AND j.ended_at IS NULL
        """),
        {"job": job, "error": orjson.dumps(problem).decode()},
    ).rowcount
    connection.execute(_STOPPED, {"job": job})
    found = find(connection, job)
    if not changed:
        raise Conflict("The job has ended.", hint="`DELETE …/imports/{batch}` withdraws what it landed.")
    return found


async def waited(engine: Engine, context: Context, job: int) -> Job:
    """The job when it has ended. Holds no thread and no connection meanwhile; the job goes on if nobody waits."""
    pause = 0.01
    while (found := await asyncio.to_thread(_now, engine, context, job)).ended_at is None:
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.3)
    return found


def _now(engine: Engine, context: Context, job: int) -> Job:
    with transaction(engine, context) as connection:
        return find(connection, job)
