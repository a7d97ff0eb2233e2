"""What is told of an operation: its entries, newest first, for who may read them, and how far its chain is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Connection, text

from geoapp.errors import Forbidden, NotFound

_COLUMNS = "id, at, who, room, did, subject, record, version, fields, told, number, left(mac, 16) AS head"
_WHERE = """
    (CAST(:who AS text) IS NULL OR who = :who) AND (CAST(:did AS text) IS NULL OR did = :did)
    AND (CAST(:subject AS text) IS NULL OR subject = :subject) AND (CAST(:record AS text) IS NULL OR record = :record)
    AND (CAST(:since AS timestamptz) IS NULL OR at >= :since) AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
    AND (CAST(:before AS bigint) IS NULL OR id < :before)
"""


@dataclass(frozen=True)
class Asked:
    """Which entries: of whom, what was done with what, from when until (not with) when, and those written before the entry `before`."""

    who: str | None = None
    did: str | None = None
    subject: str | None = None
    record: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def entries(connection: Connection, asked: Asked, most: int) -> list[dict[str, Any]]:
    """The newest `most` entries of this operation. Raises Forbidden for who may not read them."""
    require(connection)
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM calc.audit WHERE {_WHERE} ORDER BY id DESC LIMIT :most"),
        vars(asked) | {"most": most},
    )
    return [dict(row) for row in rows.mappings()]


def statement(connection: Connection) -> dict[str, Any]:
    """How many entries there are, who is in them and what they tell, the last that is sealed, and how many wait to be.

    Raises Forbidden for who may not read them.
    """
    require(connection)
    row = connection.execute(text(_STATEMENT)).mappings().one()
    return dict(row)


def require(connection: Connection) -> None:
    """Raises Forbidden for who may not read the audit."""
    if not connection.execute(text("SELECT calc.may_audit()")).scalar():
        raise Forbidden(
            "Your role in this operation, or this room, does not read who changed what.",
            hint="In the room internal, a coordination officer does.",
        )


_STATEMENT = """
    WITH l AS (SELECT number, sealed_at, left(mac, 16) AS head FROM calc.audit WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1)
    SELECT count(*) AS entries, min(a.at) AS first_at, count(*) FILTER (WHERE a.number IS NULL) AS unsealed,
        (SELECT number FROM l) AS number, (SELECT sealed_at FROM l) AS sealed_at, (SELECT head FROM l) AS head,
        coalesce(array_agg(DISTINCT a.who) FILTER (WHERE a.who IS NOT NULL), '{}') AS people,
        coalesce(array_agg(DISTINCT a.did), '{}') AS did, coalesce(array_agg(DISTINCT a.subject), '{}') AS subjects
    FROM calc.audit AS a
"""
_EVERYTHING = f"""
    SELECT * FROM (
        SELECT {_COLUMNS.replace("left(mac, 16)", "left(encode(mac, 'hex'), 16)")} FROM keys.audit AS a
        WHERE a.operation_id = %(about)s AND (%(who)s::text IS NULL OR a.who = %(who)s)
            AND (%(what)s::text IS NULL OR %(what)s IN (a.did, a.subject)) AND (%(since)s::timestamptz IS NULL OR a.at >= %(since)s)
        ORDER BY a.id DESC LIMIT %(most)s
    ) AS newest ORDER BY id
"""


def everything(
    owner: psycopg.Connection[Any], operation: str | None, who: str | None, what: str | None, since: datetime | None, most: int
) -> list[dict[str, Any]]:  # fmt: skip
    """The newest entries of an operation, or of the instance, oldest first, for the database's owner. Raises NotFound."""
    about = 0
    if operation is not None:
        row = owner.execute("SELECT operation_id FROM facts.operation WHERE key = %s", (operation,)).fetchone()
        if row is None:
            raise NotFound(f"There is no operation {operation!r}.", hint="`geoapp operation list` lists them.")
        about = row[0]
    with owner.cursor(row_factory=dict_row) as cursor:
        binds = {"about": about, "who": who, "what": what, "since": since, "most": most}
        return cursor.execute(_EVERYTHING, binds).fetchall()
