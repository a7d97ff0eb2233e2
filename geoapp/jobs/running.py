"""A job under way in this process: how far it is, how it ends, and that it goes back to the queue."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp.db import Context, transaction
from geoapp.errors import Unavailable
from geoapp.jobs import checks, queue
from geoapp.jobs.job import PACK, Job, stopped
from geoapp.observe import metrics

ATTEMPTS = 2
"""How often a job is begun whose worker vanished."""
TOLD_EVERY_S = 0.3

_TELL = text("""
    UPDATE facts.job AS j SET step = :step, done = :done, of = :of
    WHERE j.id = :job AND j.attempt = :attempt AND j.state = 'running' RETURNING j.stop
""")
_END = text("""
    UPDATE facts.job AS j SET state = :state, result = CAST(:result AS jsonb), error = CAST(:error AS jsonb), ended_at = clock_timestamp(), queue_id = NULL
    WHERE j.id = :job AND j.attempt = :attempt AND j.state = 'running'
""")
_AGAIN = text("""
    UPDATE facts.job AS j SET state = 'waiting', step = NULL, attempt = j.attempt - CAST(:uncounted AS int), queue_id = :queue
    WHERE j.id = :job AND j.attempt = :attempt AND j.state = 'running'
""")
AWAY = text("DELETE FROM facts.job_file AS f WHERE f.job_id = :job")
"""A job's file goes."""


class Leaving(BaseException):
    """This worker is asked to end: the job goes back to the queue as it was."""


class Superseded(BaseException):
    """This attempt was given up for lost, and another one has the job."""


@dataclass
class Running:
    """A job under way in this process."""

    engine: Engine
    context: Context
    job: Job
    leaving: threading.Event
    _told: tuple[str, float] = field(default=("", 0.0))

    def tell(self, step: str, done: int, of: int | None) -> None:
        """Write how far it is, at most every `TOLD_EVERY_S` seconds a step. Raises Stopped when somebody wants that."""
        if self.leaving.is_set():
            raise Leaving
        now = time.monotonic()
        if self._told[0] == step and now - self._told[1] < TOLD_EVERY_S:
            return
        self._told = step, now
        with transaction(self.engine, self.context) as connection:
            stop = connection.execute(_TELL, self._mine | {"step": step, "done": done, "of": of}).scalar()
        if stop is None:
            raise Superseded
        if stop:
            raise stopped(self.job.kind)

    def end(
        self, connection: Connection, state: str, result: Mapping[str, Any] | None = None, error: Any = None
    ) -> None:
        """Write with this transaction how it ended; its file goes with it, but that of a check which can be landed, and what
        a pack made."""
        told = {"state": state, "result": as_json(result), "error": as_json(error)}
        if not connection.execute(_END, self._mine | told).rowcount:
            raise Superseded
        if result is not None and result.get("check") and result["lands"]:
            room = self.context
            queue.put(connection, room.operation, room.audience, self.job.id, later=checks.CHECK_KEPT_S)
        elif not (state == "done" and self.job.kind == PACK):
            connection.execute(AWAY, {"job": self.job.id})
        metrics.JOBS.labels(self.job.kind, state).inc()

    def again(self, connection: Connection, *, counted: bool) -> None:
        """Back to the queue with this transaction."""
        place = queue.put(connection, self.context.operation, self.context.audience, self.job.id)
        if not connection.execute(_AGAIN, self._mine | {"uncounted": not counted, "queue": place}).rowcount:
            raise Superseded

    def lost(self, connection: Connection) -> None:
        """The worker that had it is gone: once more, or told to whoever asked."""
        if self.job.attempt < ATTEMPTS:
            self.again(connection, counted=True)
            return
        words = Unavailable(
            f"The worker ended {self.job.attempt} times before the work did; nothing of it was kept.",
            hint="It may need more memory than there is. Split the file, or do it at the server: `geoapp import`, `geoapp pack`.",
        )
        self.end(connection, "failed", error=words.problem())

    @property
    def _mine(self) -> dict[str, Any]:
        return {"job": self.job.id, "attempt": self.job.attempt}


def as_json(value: Any) -> str | None:
    """A value as JSON for a statement; None for none."""
    return None if value is None else orjson.dumps(value).decode()
