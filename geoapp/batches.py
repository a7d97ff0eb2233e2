"""Which files landed, what did each bring, and which of them were taken back?"""

from typing import Any

from sqlalchemy import Connection, text

LISTED = 200

_BATCHES = text("""
    SELECT b.id AS batch, b.kind, b.source, b.file_name, b.landed_at, b.landed_by,
        CASE WHEN b.withdrawn_at <= calc.as_of() THEN b.withdrawn_at END AS withdrawn_at,
        b.handling::text AS handling, (b.report ->> 'rows')::int AS rows,
        (b.report ->> 'created')::int AS created, (b.report ->> 'updated')::int AS updated,
        (b.report ->> 'unchanged')::int AS unchanged, (b.report ->> 'rejected')::int AS rejected,
        (SELECT max(r.rows) FROM facts.rejected AS r WHERE r.operation_id = b.operation_id AND r.batch_id = b.id
            AND r.kept_until >= now()) AS rejected_rows
    FROM facts.batch AS b WHERE b.landed_at <= calc.as_of() ORDER BY b.id DESC LIMIT :listed
""")


def landed_batches(connection: Connection) -> list[dict[str, Any]]:
    """The newest 200 batches that the room is shown, newest first, as known on the day asked for, with the numbers of their reports."""
    return [dict(row) for row in connection.execute(_BATCHES, {"listed": LISTED}).mappings()]
