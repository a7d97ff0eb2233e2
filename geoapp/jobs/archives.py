"""Packs that were made for a room: which there are, their archives, and the last one to be compared with."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, BinaryIO

import orjson
from sqlalchemy import Connection, text

from geoapp import audit
from geoapp.db import Context
from geoapp.draw.changes import Last
from geoapp.errors import Conflict, NotFound
from geoapp.jobs.files import keep_file, pieces
from geoapp.jobs.job import PACK, Job, find, listed

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
            VALUES (calc.operation(), :kind, :audience, calc.member(), CAST(:asked AS jsonb), 'done', CAST(:result AS jsonb),
                clock_timestamp(), clock_timestamp()) RETURNING id
        """),
        {
            "kind": PACK, "audience": context.audience,
            "asked": orjson.dumps(dict(asked)).decode(), "result": orjson.dumps(dict(result)).decode(),
        },
    ).scalar_one()  # fmt: skip
    keep_file(connection, int(job), read)
    tell_pack(connection, int(job), result)
    return int(job)


def tell_pack(connection: Connection, job: int, result: Mapping[str, Any]) -> None:
    """Tell in the audit, in the transaction that keeps it, that a pack was made: of what, how much, its hash."""
    manifest = result["manifest"]
    layers: dict[str, int] = {}
    for file in manifest["files"]:
        for name, records in file["records"].items():
            layers[name] = max(records, layers.get(name, 0))
    told = {"layers": layers, "files": len(manifest["files"]), "sha256": result["sha256"], "bytes": result["bytes"]}
    audit.tell(connection, "packed", str(manifest["pack"]), str(job), told)


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
