"""The file that a job reads or has made, in pieces that fit in memory."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from sqlalchemy import Connection, text

from geoapp.jobs.job import PACK

PACKS_KEPT = 10
"""How many archives of a pack are kept for a room; of older ones only what was in them is told."""


def write(connection: Connection, job: int, file: Iterable[bytes]) -> None:
    """Keep the pieces of a file as that of a job that has none."""
    one = text("INSERT INTO facts.job_file VALUES (calc.operation(), :job, :number, :piece)")
    for number, piece in enumerate(file):
        connection.execute(one, {"job": job, "number": number, "piece": piece})


def keep_file(connection: Connection, job: int, read: BinaryIO) -> None:
    """Keep what a pack's job made as its file, instead of whatever was kept of it, and drop the room's archives of the same
    pack but the newest ten."""
    connection.execute(text("DELETE FROM facts.job_file AS f WHERE f.job_id = :job"), {"job": job})
    write(connection, job, iter(lambda: read.read(1 << 20), b""))
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
