"""What work is waiting, under way or done, and what came of it?

A job is a row of `facts.job`: what was asked, by whom, in which room, how far it is, how it ended. Whoever asks puts it
there and into the queue in one transaction; a worker on any machine does it under the policies of that room
(`run`, `worker`). Its end is written by the very transaction that does the work, so no work is done twice or half.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, BinaryIO

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp.db import Context, transaction
from geoapp.draw.changes import Last
from geoapp.errors import Conflict, Forbidden, NotFound, Stopped
from geoapp.jobs import queue

__all__ = [
    "PACK",
    "Job",
    "archive",
    "find",
    "forget",
    "keep_file",
    "keep_pack",
    "land_checked",
    "last_pack",
    "listed",
    "packs",
    "pieces",
    "put",
    "stop",
    "stopped",
    "waited",
]  # fmt: skip

KEPT_DAYS = 30
"""How long a job that has ended is told about, and its Idempotency-Key known."""

CHECK_KEPT_S = 3600.0
"""How long the file of a check is kept, to be landed without sending it again."""

PACK = "pack"
"""The kind of job that makes a pack: any room may ask for one, since it records nothing."""
PACKS_KEPT = 10
"""How many archives of a pack are kept for a room; of older ones only what was in them is told."""

PACKS_KNOWN_DAYS = 400
"""How long what a pack said of itself is known, for the next one to be compared with; its archive is kept `KEPT_DAYS`."""

_LISTED = text("""
    SELECT j.id, j.kind, j.audience, j.member, j.key, j.asked, j.state, j.step, j.done, j.of, j.stop, j.attempt, j.result,
        j.error, j.asked_at, j.started_at, j.ended_at
    FROM facts.job AS j
    WHERE (CAST(:number AS bigint) IS NULL OR j.id = :number) AND (CAST(:key AS text) IS NULL OR :key IN (j.key, j.asked ->> 'run'))
    ORDER BY j.id DESC LIMIT :limit
""")

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
_LAST_PACK = text("""
    SELECT p.until, p.day FROM (
        SELECT coalesce(j.result -> 'manifest' ->> 'known_until', j.result -> 'manifest' ->> 'recorded_until')::timestamptz AS until,
            (j.result -> 'manifest' ->> 'day')::date AS day, j.id
        FROM facts.job AS j
        WHERE j.kind = :kind AND j.state = 'done' AND j.asked ->> 'pack' = :pack
            AND coalesce(j.asked -> 'layers', '[]') = '[]'
    ) AS p
    WHERE CAST(:until AS timestamptz) IS NULL OR p.until <= CAST(:until AS timestamptz)
    ORDER BY p.until DESC, p.day DESC, p.id DESC LIMIT 1
""")
_STOPPED = text("""
    DELETE FROM facts.job_file AS f USING facts.job AS j
    WHERE f.operation_id = j.operation_id AND f.job_id = j.id AND j.id = :job AND j.state = 'stopped'
""")
"""The file of a job that never began is nobody's any more."""
_CLOSE = text("""
    UPDATE facts.job AS j SET asked = j.asked || '{"open": false}'
    WHERE j.id = :job AND j.asked -> 'check' = 'true' AND j.ended_at < now() - make_interval(secs => :seconds)
""")
_FORGET = (
    text("""
        DELETE FROM facts.job_file AS f USING facts.job AS j
        WHERE f.operation_id = j.operation_id AND f.job_id = j.id AND j.id = :job AND j.asked -> 'check' = 'true'
            AND j.ended_at < now() - make_interval(secs => :seconds)
    """),
    text("""
        DELETE FROM facts.rejected AS r USING facts.job AS j
        WHERE r.operation_id = j.operation_id AND r.job_id = j.id AND j.id = :job AND j.asked -> 'check' = 'true'
            AND j.ended_at < now() - make_interval(secs => :seconds)
    """),
)


@dataclass(frozen=True)
class Job:
    """One piece of work as it is now."""

    id: int
    kind: str
    audience: str
    member: str | None
    key: str | None
    asked: Mapping[str, Any]
    state: str
    """`waiting`, `running`, `done`, `failed` or `stopped`."""
    step: str | None
    done: int
    of: int | None
    stop: bool
    attempt: int
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """The job as every door gives it."""
        return {
            "id": self.id, "kind": self.kind, "check": bool(self.asked.get("check")), "about": {k: self.asked[k] for k in ("kind", "file_name", "pack") if k in self.asked},
            "open": self.asked.get("open", False), "state": self.state, "step": self.step, "done": self.done, "of": self.of, "stop": self.stop,
            "asked_by": self.member, "audience": self.audience, "asked_at": self.asked_at,
            "started_at": self.started_at, "ended_at": self.ended_at, "result": self.result, "error": self.error,
        }  # fmt: skip


def stopped(kind: str) -> Stopped:
    """How work of a kind ends that somebody stopped."""
    if kind == PACK:
        return Stopped("The pack was stopped; nothing of it is kept.", hint="Ask for it again when you are ready.")
    return Stopped("The import was stopped; nothing landed.", hint="Send the file again when you are ready.")


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
    operation, may_write = connection.execute(text("SELECT calc.operation(), calc.may_write()")).one()
    if operation is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if not may_write and kind != PACK:
        raise Forbidden(
            "This room reads; nothing is recorded in it.", hint="Choose a room that records, such as internal."
        )
    for statement in _OLD:
        connection.execute(statement, {"days": KEPT_DAYS, "pack": PACK, "packs": PACKS_KNOWN_DAYS})
    made = connection.execute(
        text("""
            INSERT INTO facts.job (operation_id, kind, audience, member, key, digest, asked)
            VALUES (:operation, :kind, :audience, :member, :key, :digest, CAST(:asked AS jsonb))
            ON CONFLICT (operation_id, audience, key) DO NOTHING RETURNING id
        """),
        {
            "operation": operation, "kind": kind, "audience": context.audience, "member": context.member, "key": key,
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
    for number, piece in enumerate(file):
        connection.execute(
            text("INSERT INTO facts.job_file VALUES (:operation, :job, :number, :piece)"),
            {"operation": operation, "job": made, "number": number, "piece": piece},
        )
    waits = queue.put(connection, context.operation, context.audience, made, priority)
    connection.execute(
        text("UPDATE facts.job SET queue_id = :queue WHERE operation_id = :operation AND id = :job"),
        {"queue": waits, "operation": operation, "job": made},
    )
    return int(made)


def land_checked(connection: Connection, context: Context, check: int) -> int:
    """Ask with this transaction for the landing of what a check looked at; the job's number, the same when asked again.

    Raises NotFound for no such check of this room, Conflict when nothing of it would land, or its file is kept no more.
    """
    row = connection.execute(
        text("""
            SELECT j.asked, j.digest, j.result -> 'lands' = 'true' AS lands,
                EXISTS (SELECT FROM facts.job_file AS f WHERE f.operation_id = j.operation_id AND f.job_id = j.id) AS kept
            FROM facts.job AS j WHERE j.id = :job AND j.asked -> 'check' = 'true' AND j.ended_at IS NOT NULL FOR UPDATE
        """),
        {"job": check},
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such check.", hint="`POST …/imports?check=true` makes one.")
    if (before := row.asked.get("landing")) and find(connection, before).state not in ("failed", "stopped"):
        return int(before)
    if not row.lands:
        raise Conflict("Nothing of that file would land.", hint="Its report says why; mend it and check it again.")
    if not row.kept:
        raise Conflict("The file of that check is kept no more.", hint="Send it again; a check is kept for an hour.")
    asked = {name: value for name, value in row.asked.items() if name not in ("check", "run", "landing", "open")}
    job = put(
        connection, context, "import", asked | {"check_job": check}, file=pieces(connection, check), digest=row.digest
    )
    connection.execute(
        text(
            "UPDATE facts.job AS j SET asked = j.asked || jsonb_build_object('landing', CAST(:made AS bigint)) WHERE j.id = :job"
        ),
        {"made": job, "job": check},
    )
    return job


def forget(connection: Connection, job: int, *, after: float = CHECK_KEPT_S) -> None:
    """Drop the file of a check that ended so many seconds ago, and the rows that it rejected."""
    values = {"job": job, "seconds": after}
    for statement in (_CLOSE, *_FORGET):
        connection.execute(statement, values)


def keep_file(connection: Connection, job: int, read: BinaryIO) -> None:
    """Keep what a pack's job made as its file, instead of whatever was kept of it, and drop the room's archives of the same
    pack but the newest ten."""
    connection.execute(text("DELETE FROM facts.job_file AS f WHERE f.job_id = :job"), {"job": job})
    number = 0
    while piece := read.read(1 << 20):
        connection.execute(
            text("INSERT INTO facts.job_file VALUES (calc.operation(), :job, :number, :piece)"),
            {"job": job, "number": number, "piece": piece},
        )
        number += 1
    connection.execute(
        text("""
            DELETE FROM facts.job_file AS f USING (
                SELECT j.operation_id, j.id FROM facts.job AS j
                WHERE j.kind = :kind AND j.id <> :job
                    AND j.asked -> 'pack' = (SELECT n.asked -> 'pack' FROM facts.job AS n WHERE n.id = :job)
                ORDER BY j.id DESC OFFSET :kept
            ) AS old
            WHERE f.operation_id = old.operation_id AND f.job_id = old.id
        """),
        {"kind": PACK, "job": job, "kept": PACKS_KEPT - 1},
    )


def pieces(connection: Connection, job: int) -> Iterator[bytes]:
    """The file of a job, piece by piece."""
    number = 0
    one = text("SELECT f.content FROM facts.job_file AS f WHERE f.job_id = :job AND f.piece = :number")
    while (piece := connection.execute(one, {"job": job, "number": number}).scalar()) is not None:
        yield bytes(piece)
        number += 1


def listed(connection: Connection, limit: int = 100, *, number: int | None = None, key: str | None = None) -> list[Job]:
    """This room's jobs, newest first: all, that of a number, or that asked for under a key."""
    rows = connection.execute(_LISTED, {"limit": limit, "number": number, "key": key})
    return [Job(*row) for row in rows]


def packs(connection: Connection) -> list[Job]:
    """The packs that this room asked for, newest first, at most 20."""
    return [job for job in listed(connection, 400) if job.kind == PACK][:20]


def last_pack(connection: Connection, name: str, until: datetime | None = None) -> Last | None:
    """The newest pack of that name that was made for this room with all its layers, and knew no more than was known `until`;
    None where there is none."""
    row = connection.execute(_LAST_PACK, {"kind": PACK, "pack": name, "until": until}).one_or_none()
    return Last(row.until, row.day) if row else None


def keep_pack(
    connection: Connection, context: Context, asked: Mapping[str, Any], result: Mapping[str, Any], read: BinaryIO
) -> int:
    """Keep a pack that was made without a job as if one had made it, so that the page hands it over and the next is compared
    with it; its number. `result` has `bytes`, `sha256` and `manifest`."""
    job = connection.execute(
        text("""
            INSERT INTO facts.job (operation_id, kind, audience, member, asked, state, result, started_at, ended_at)
            VALUES (calc.operation(), :kind, :audience, :member, CAST(:asked AS jsonb), 'done', CAST(:result AS jsonb),
                clock_timestamp(), clock_timestamp()) RETURNING id
        """),
        {
            "kind": PACK, "audience": context.audience, "member": context.member,
            "asked": orjson.dumps(dict(asked)).decode(), "result": orjson.dumps(dict(result)).decode(),
        },
    ).scalar_one()  # fmt: skip
    keep_file(connection, int(job), read)
    return int(job)


def archive(connection: Connection, job: int) -> tuple[Job, Iterator[bytes]]:
    """A pack that was made for this room, and its archive piece by piece. Raises NotFound for no such pack, Conflict where it
    is not ready or is kept no more."""
    found = find(connection, job)
    if found.kind != PACK:
        raise NotFound("There is no such pack.", hint="`GET …/packs` lists those of this room.")
    if found.state != "done":
        raise Conflict(f"The pack is {found.state}.", hint="`GET …/jobs/{job}` says how far it is.")
    read = pieces(connection, job)
    first = next(read, None)
    if first is None:
        raise Conflict("The archive of that pack is kept no more.", hint="Build it again: the newest ten are kept.")
    return found, chain([first], read)


def find(connection: Connection, job: int) -> Job:
    """One job of this room. Raises NotFound."""
    for found in listed(connection, number=job):
        return found
    raise NotFound("There is no such job.", hint="`GET …/jobs` lists those of this room.")


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
