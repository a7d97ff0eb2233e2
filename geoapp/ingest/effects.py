"""What does the import that is landing change, besides its rows? Overlaps that arise, change and end; what matched how."""

from typing import Any

from sqlalchemy import Connection, text

SHOWN = 8
"""Overlaps that are named, the largest first."""

_OVERLAPS = text("""
    SELECT count(*) FILTER (WHERE o.version = 1), count(*) FILTER (WHERE o.version > 1 AND o.ground_id IS NOT NULL),
        count(*) FILTER (WHERE o.ground_id IS NULL) + (
            SELECT count(DISTINCT h.row_id) FROM facts.history AS h
            WHERE h.operation_id = (SELECT calc.operation()) AND h.subject = 'overlap' AND upper(h.recorded) = now()
                AND NOT EXISTS (SELECT FROM facts.overlap AS s WHERE s.operation_id = h.operation_id AND s.id = h.row_id))
    FROM facts.overlap AS o WHERE o.recorded_at = now()
""")
_LARGEST = text("""
    SELECT a.name AS a, b.name AS b, o.relation, o.km2
    FROM facts.overlap AS o
    JOIN facts.area AS x ON x.operation_id = o.operation_id AND x.id = o.area_a
    JOIN facts.area AS y ON y.operation_id = o.operation_id AND y.id = o.area_b
    JOIN facts.actor AS a ON a.operation_id = o.operation_id AND a.id = x.actor_id
    JOIN facts.actor AS b ON b.operation_id = o.operation_id AND b.id = y.actor_id
    WHERE o.recorded_at = now() AND o.version = 1 ORDER BY o.km2 DESC, o.id LIMIT :shown
""")
_STAGED = text("""
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass('pg_temp.staging') AND attnum > 0 AND NOT attisdropped
""")


def overlaps(connection: Connection) -> dict[str, Any]:
    """How many overlaps this transaction made, changed and ended, and the largest of the new ones."""
    arise, change, end = connection.execute(_OVERLAPS).one()
    largest = [dict(row) for row in connection.execute(_LARGEST, {"shown": SHOWN}).mappings()] if arise else []
    return {"arise": arise, "change": change, "end": end, "largest": largest}


def matched(connection: Connection) -> dict[str, int]:
    """How many staged rows have a place by `pcode`, by `coordinates`, by a `shape`; a row counts once."""
    there = set(connection.execute(_STAGED).scalars())
    signs = (("shape", "geom"), ("coordinates", "lon"), ("pcode", "pcode"))
    found = [(how, f"{column} IS NOT NULL") for how, column in signs if column in there]
    if not found:
        return {}
    cases = " ".join(f"WHEN {condition} THEN '{how}'" for how, condition in found)
    rows = connection.execute(text(f"SELECT CASE {cases} END, count(*) FROM pg_temp.staging GROUP BY 1"))
    return {str(how): int(number) for how, number in rows if how is not None}
