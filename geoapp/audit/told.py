"""What leaves no trace in a record, told in the audit: what was exported, printed, packed, and who was refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp.db import Context, key_of, transaction

_TOLD = text("SELECT calc.audit_told(:key, :did, :subject, :record, CAST(:told AS jsonb))")


def tell(
    connection: Connection, did: str, subject: str, record: str | None = None, told: dict[str, Any] | None = None
) -> None:
    """Write an entry about who asks, in this transaction: what was done with what."""
    connection.execute(
        _TOLD,
        {
            "key": key_of(connection.engine.url),
            "did": did,
            "subject": subject[:200],
            "record": record[:200] if record else None,
            "told": orjson.dumps(told).decode() if told is not None else None,
        },
    )


@contextmanager
def leaving(
    engine: Engine, context: Context, did: str, subject: str, path: Path, **told: Any
) -> Iterator[dict[str, Any]]:
    """Around what writes a file that leaves: told in a transaction of its own when it is written, before anybody is given it. What is
    put into the dictionary is told with the file's size and hash. Raises what `transaction` raises: then nobody is given it."""
    with_it: dict[str, Any] = dict(told)
    yield with_it
    with path.open("rb") as file:
        with_it |= {"sha256": file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
    left(engine, context, did, subject, path.suffix.removeprefix("."), **with_it)


def left(engine: Engine, context: Context, did: str, subject: str, record: str | None, **told: Any) -> None:
    """Tell, in a transaction of its own and before anybody is given it, that something leaves that is no file here."""
    with transaction(engine, replace(context, purpose="view")) as connection:
        tell(connection, did, subject, record, told)


def refused(engine: Engine, context: Context, what: str) -> None:
    """Tell that somebody was refused to change something: `what` is the door, with no name that somebody wrote."""
    with transaction(engine, context) as connection:
        tell(connection, "refused", what)
