"""A check of a file, and its landing without sending the file again."""

from sqlalchemy import Connection, text

from geoapp.db import Context
from geoapp.errors import Conflict, NotFound
from geoapp.jobs.ask import put
from geoapp.jobs.files import pieces
from geoapp.jobs.job import find

CHECK_KEPT_S = 3600.0
"""How long the file of a check is kept, to be landed without sending it again."""

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
