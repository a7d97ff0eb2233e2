"""What was asked, by whom, in which room, how far is it, how did it end: a row of `facts.job`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import NotFound, Stopped

PACK = "pack"
"""The kind of job that makes a pack."""

NETWORK = "network"
"""The kind of job that builds a large road network for a room."""

RECORDS_NOTHING = (PACK, NETWORK)
"""Kinds that any room may ask for."""

_LISTED = text("""
    SELECT j.id, j.kind, j.audience, j.member, j.key, j.asked, j.state, j.step, j.done, j.of, j.stop, j.attempt, j.result,
        j.error, j.asked_at, j.started_at, j.ended_at
    FROM facts.job AS j
    WHERE (CAST(:number AS bigint) IS NULL OR j.id = :number) AND (CAST(:key AS text) IS NULL OR :key IN (j.key, j.asked ->> 'run'))
    ORDER BY j.id DESC LIMIT :limit
""")


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


def listed(connection: Connection, limit: int = 100, *, number: int | None = None, key: str | None = None) -> list[Job]:
    """This room's jobs, newest first: all, that of a number, or that asked for under a key."""
    rows = connection.execute(_LISTED, {"limit": limit, "number": number, "key": key})
    return [Job(*row) for row in rows]


def find(connection: Connection, job: int) -> Job:
    """One job of this room. Raises NotFound."""
    for found in listed(connection, number=job):
        return found
    raise NotFound("There is no such job.", hint="`GET …/jobs` lists those of this room.")


def stopped(kind: str) -> Stopped:
    """How work of a kind ends that somebody stopped."""
    if kind == PACK:
        return Stopped("The pack was stopped; nothing of it is kept.", hint="Ask for it again when you are ready.")
    if kind == NETWORK:
        return Stopped("Building the road network was stopped.", hint="The next question for a way begins it again.")
    return Stopped("The import was stopped; nothing landed.", hint="Send the file again when you are ready.")
