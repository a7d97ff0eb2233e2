"""What does a worker do with a job? Each kind of work is one function here; around it: begin once, tell, end once.

The transaction that lands a file also writes that the job is done. A worker that dies before leaves nothing, one that
dies after has finished; an attempt that was given up for lost is not heard any more when it turns out to live.
"""

import logging
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from geoapp import access, ingest, overlay
from geoapp.db import Context, set_context, transaction
from geoapp.errors import GeoappError, Stopped, Unavailable
from geoapp.export import pack
from geoapp.ingest import rejected
from geoapp.ingest.report import Report
from geoapp.jobs import archives, checks, files, queue
from geoapp.jobs.ask import network, put
from geoapp.jobs.job import NETWORK, PACK, find, listed
from geoapp.jobs.running import AWAY, Leaving, Running, Superseded, as_json
from geoapp.scope import Scope, parse_period

_log = logging.getLogger("geoapp.jobs")
_CLAIM = text("""
    UPDATE facts.job AS j SET state = 'running', attempt = j.attempt + 1, started_at = clock_timestamp(), step = NULL, done = 0, of = NULL
    WHERE j.id = :job AND j.state = 'waiting'
""")
_VANISHED = text("""
    SELECT q.id, q.args FROM queue.procrastinate_jobs AS q
    LEFT JOIN queue.procrastinate_workers AS w ON w.id = q.worker_id
    WHERE q.status = 'failed'
        OR q.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :seconds))
    ORDER BY q.id LIMIT 1 FOR UPDATE OF q SKIP LOCKED
""")
_RESTS_ON = text("UPDATE facts.job AS j SET asked = j.asked || CAST(:more AS jsonb) WHERE j.id = :job")


def run(engine: Engine, operation: str, audience: str, number: int, leaving: threading.Event) -> None:
    """Do one job of the queue, and write how it ended. When the database is away: Unavailable, and it is found again."""
    room = Context(operation, audience)
    with transaction(engine, room) as connection:
        claimed = connection.execute(_CLAIM, {"job": number}).rowcount
        job = find(connection, number)
        if not claimed:
            checks.forget(connection, number)
    if not claimed:
        return
    as_of = job.asked.get("as_of")
    context = Context(operation, audience, job.member, datetime.fromisoformat(as_of) if as_of else None)
    running = Running(engine, context, job, leaving)
    try:
        _do(running)
    except Superseded:
        _log.warning("job %s was given up for lost and is done elsewhere", number)


def _do(running: Running) -> None:
    try:
        KINDS[running.job.kind](running)
    except Leaving:
        _write(running, lambda connection: running.again(connection, counted=False))
    except Stopped as error:
        problem = error.problem()
        _write(running, lambda connection: running.end(connection, "stopped", error=problem))
    except Unavailable:  # the database is away, or undid this for another's sake as often as it was tried
        _write(running, running.lost)
    except GeoappError as error:
        problem = error.problem()
        _write(running, lambda connection: running.end(connection, "failed", error=problem))
    except Exception as error:
        reference = secrets.token_hex(4)
        _log.error(
            "unforeseen", exc_info=error,
            extra={"told": {"reference": reference, "kind": running.job.kind, "job": running.job.id}},
        )  # fmt: skip
        problem = GeoappError(
            "Something went wrong here.", hint=f"Quote reference {reference}.", reference=reference
        ).problem()
        _write(running, lambda connection: running.end(connection, "failed", error=problem))


def _write(running: Running, what: Callable[[Connection], None]) -> None:
    """Write an end, also when the database is away for a minute: until then, this is all that knows of it."""
    for pause in (0.5, 1, 2, 4, 8, 16, 30, None):
        try:
            with transaction(running.engine, running.context) as connection:
                what(connection)
        except Unavailable:
            if pause is None:
                raise
            time.sleep(pause)
        else:
            return


def _import(running: Running) -> None:
    asked = running.job.asked

    def landing(connection: Connection, report: Report) -> None:
        running.tell("finishing", report.rows, report.rows)
        left = text(
            "SELECT EXISTS (SELECT FROM facts.overlap AS o WHERE o.incidents IS NULL AND o.ground_id IS NOT NULL)"
        )
        if connection.execute(left).scalar_one():
            put(connection, running.context, "count", {}, priority=-1)
        if report.kind == "roads" and access.is_large(connection):
            network(connection, running.context)
        if "check_job" in asked:
            connection.execute(AWAY, {"job": asked["check_job"]})
        running.end(connection, "done", report.as_dict())

    with tempfile.TemporaryDirectory(prefix="geoapp-upload-") as folder:
        path = Path(folder) / f"upload{asked['suffix']}"
        with transaction(running.engine, running.context) as connection, path.open("wb") as sink:
            for piece in files.pieces(connection, running.job.id):
                sink.write(piece)
        report = ingest.run(
            running.engine, running.context, asked["kind"], path, source=asked["source"], file_name=asked["file_name"],
            handling=asked.get("handling"), options=asked["options"], progress=running.tell, landing=landing, check=asked.get("check", False),
            checked=asked.get("checked"), job=running.job.id,
        )  # fmt: skip
    if not report.landed:
        _write(running, lambda connection: _not_landed(running, connection, report))


def _not_landed(running: Running, connection: Connection, report: Report) -> None:
    """A check, or a file that was refused: the report, the rows that do not land, and what a check rests on."""
    if report.rejected_rows:
        rejected.keep(
            connection, report.rejected_rows, file_name=running.job.asked["file_name"], job=running.job.id
        )  # fmt: skip
    if report.checked:
        more = {"kind": report.kind, "checked": report.checked, "open": True} | (report.settled or {})
        connection.execute(_RESTS_ON, {"job": running.job.id, "more": as_json(more)})
    running.end(connection, "done", report.as_dict())


def _count(running: Running) -> None:
    """Count what lies inside the overlaps whose count is queued: what is counted stays counted, whatever comes then."""
    counted = overlay.count_queued(
        running.engine, running.context, lambda done: running.tell("counting inside overlaps", done, None)
    )
    _write(running, lambda connection: running.end(connection, "done", {"overlaps": counted}))


def _pack(running: Running) -> None:
    """Build a pack for the room that asked; the archive is kept as the file of the job."""
    asked = running.job.asked
    room = running.context
    scope = Scope(
        room.operation, room.audience, as_of=room.as_of, period=parse_period(asked["datetime"]), member=room.member
    )
    with tempfile.TemporaryDirectory(prefix="geoapp-pack-") as folder:
        path = Path(folder) / "pack.zip"
        with transaction(running.engine, room) as connection:
            before = archives.last_pack(connection, asked["pack"], room.as_of)
        declared = pack.chosen(pack.find(asked["pack"]), asked.get("layers"))
        manifest = pack.build(running.engine, scope, declared, path, running.tell, before, asked.get("overrides"))
        running.tell("keeping the file", 0, None)

        def keep(connection: Connection) -> None:
            with path.open("rb") as read:
                files.keep_file(connection, running.job.id, read)
            told = {"bytes": path.stat().st_size, "sha256": pack.sha256(path), "manifest": manifest}
            archives.tell_pack(connection, running.job.id, told)
            running.end(connection, "done", told)

        _write(running, keep)


def _network(running: Running) -> None:
    """Build the road network of the room that asked, and keep it for every process."""
    roads = access.build(running.engine, running.context, lambda step: running.tell(step, 0, None))

    def keep(connection: Connection) -> None:
        access.keep(connection, roads)
        running.end(connection, "done", {"edges": roads.network.built.edges})

    running.tell("keeping the network", 0, None)
    _write(running, keep)


KINDS: Mapping[str, Callable[[Running], None]] = {"import": _import, "count": _count, PACK: _pack, NETWORK: _network}
"""What can be asked for, and what does it."""


def recover(engine: Engine, lost_s: float) -> int:
    """Take up the jobs whose worker has not been heard of for so many seconds; how many there were."""
    taken = 0
    while True:
        with transaction(engine, Context("")) as connection:
            row = connection.execute(_VANISHED, {"seconds": lost_s}).one_or_none()
            if row is None:
                return taken
            asked = row.args
            context = Context(asked["operation"], asked["audience"])
            set_context(connection, context)
            connection.execute(text("DELETE FROM queue.procrastinate_jobs WHERE id = :id"), {"id": row.id})
            for job in listed(connection, number=asked["job"]):
                if job.state == "running":
                    Running(engine, context, job, threading.Event()).lost(connection)
                elif job.state == "waiting":
                    queue.put(connection, context.operation, context.audience, job.id)
        taken += 1
