"""What does the import that is landing change, besides its rows? Overlaps that arise, change and end; what matched how."""

from typing import Any

from sqlalchemy import Connection, text

SHOWN = 8
"""Overlaps that are named, the largest first."""

_PAIRS = """
    WITH was AS (
        SELECT h.row_id AS id, (h.row ->> 'pair_id')::bigint AS pair_id, h.row ->> 'ground_id' IS NOT NULL AS there
        FROM calc.history AS h
        WHERE h.operation_id = (SELECT calc.operation()) AND h.subject = 'overlap' AND upper(h.recorded) = now()
    ), touched AS (
        SELECT o.pair_id FROM facts.overlap AS o WHERE o.recorded_at = now() UNION SELECT w.pair_id FROM was AS w
    ), pairs AS (
        SELECT t.pair_id, EXISTS (
                SELECT FROM facts.overlap AS o WHERE o.pair_id = t.pair_id AND o.ground_id IS NOT NULL) AS there,
            EXISTS (SELECT FROM was AS w WHERE w.pair_id = t.pair_id AND w.there) OR EXISTS (
                SELECT FROM facts.overlap AS o
                WHERE o.pair_id = t.pair_id AND o.ground_id IS NOT NULL AND o.recorded_at < now()) AS was_there
        FROM touched AS t
    )
"""
"""The pairs of actors with a piece that this transaction wrote: whether they share ground now, and whether they did before."""
_OVERLAPS = text(f"""
    {_PAIRS}
    SELECT count(*) FILTER (WHERE p.there AND NOT p.was_there), count(*) FILTER (WHERE p.there AND p.was_there),
        count(*) FILTER (WHERE p.was_there AND NOT p.there)
    FROM pairs AS p
""")
_LARGEST = text(f"""
    {_PAIRS}
    SELECT a.name AS a, b.name AS b, s.relation, s.km2
    FROM pairs AS p
    CROSS JOIN LATERAL (
        SELECT min(least(o.actor_a, o.actor_b)) AS a, max(greatest(o.actor_a, o.actor_b)) AS b, min(o.relation) AS relation,
            max(o.km2) AS km2
        FROM facts.overlap AS o WHERE o.pair_id = p.pair_id AND o.ground_id IS NOT NULL
    ) AS s
    JOIN facts.actor AS a ON a.id = s.a
    JOIN facts.actor AS b ON b.id = s.b
    WHERE p.there AND NOT p.was_there ORDER BY s.km2 DESC, p.pair_id LIMIT :shown
""")
"""The largest by their largest piece."""
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
