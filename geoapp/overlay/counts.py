"""What lies inside an overlap: incidents during its period, and the highest risk zone, per handling.

Counted at once for an edit; a bulk load leaves NULL, which is the queue: `count_queued` empties it in small
transactions, whoever runs it and however often it was killed before.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Engine, text

from geoapp.db import Context, again, transaction
from geoapp.writing import lock_operation
from layers._sql import COUNTED

INSIDE = f"""
    SELECT i.counts AS incidents, r.levels AS risk
    FROM facts.ground AS g
    CROSS JOIN LATERAL (
        SELECT ARRAY[
            count(*) FILTER (WHERE i.handling = 'CLEAR'), count(*) FILTER (WHERE i.handling = 'GREEN'),
            count(*) FILTER (WHERE i.handling = 'AMBER'), count(*) FILTER (WHERE i.handling = 'AMBER+STRICT'),
            count(*) FILTER (WHERE i.handling = 'RED')]::int[] AS counts
        FROM facts.incident AS i
        WHERE i.operation_id = :operation AND i.geom && g.geom AND i.valid && w.period
            AND {COUNTED.format("i")} AND ST_Intersects(g.geom, i.geom)
    ) AS i
    CROSS JOIN LATERAL (
        SELECT ARRAY[
            coalesce(max(z.level) FILTER (WHERE z.handling = 'CLEAR'), 0),
            coalesce(max(z.level) FILTER (WHERE z.handling = 'GREEN'), 0),
            coalesce(max(z.level) FILTER (WHERE z.handling = 'AMBER'), 0),
            coalesce(max(z.level) FILTER (WHERE z.handling = 'AMBER+STRICT'), 0),
            coalesce(max(z.level) FILTER (WHERE z.handling = 'RED'), 0)]::smallint[] AS levels
        FROM (
            SELECT z.level, z.handling, f.geom FROM facts.footprint AS f
            JOIN facts.risk_zone AS z ON z.operation_id = f.operation_id AND z.footprint_id = f.id
            WHERE f.operation_id = :operation AND f.geom && g.geom AND z.status = 'published' AND z.valid && w.period
            OFFSET 0
        ) AS z
        WHERE ST_Intersects(z.geom, g.geom)
    ) AS r
    WHERE g.operation_id = :operation AND g.id = w.ground_id
"""
"""What lies on the ground, in the period, of a row `w (ground_id, period)`: one row, each column by handling. OFFSET 0: of the
footprints near it only those of zones are compared with it."""

_COUNT = text(f"""
    UPDATE facts.overlap AS o SET incidents = c.incidents, risk = c.risk
    FROM facts.overlap AS w CROSS JOIN LATERAL ({INSIDE}) AS c
    WHERE o.operation_id = :operation AND w.operation_id = :operation AND w.id = ANY (:ids) AND o.id = w.id
        AND (o.incidents, o.risk) IS DISTINCT FROM (c.incidents, c.risk)
""")


def count_inside(connection: Connection, operation_id: int, overlaps: Sequence[int]) -> None:
    """Count what lies inside these overlaps."""
    if overlaps:
        connection.execute(_COUNT, {"operation": operation_id, "ids": list(overlaps)})


_STEP = text(f"""
    UPDATE facts.overlap AS o SET incidents = ARRAY(
        SELECT u.n + CASE WHEN u.place = array_position(enum_range(NULL::facts.handling), i.handling) THEN :by ELSE 0 END
        FROM unnest(o.incidents) WITH ORDINALITY AS u (n, place) ORDER BY u.place)
    FROM facts.incident AS i
    JOIN facts.ground AS g ON g.operation_id = i.operation_id AND g.geom && i.geom AND ST_Intersects(g.geom, i.geom)
    WHERE i.operation_id = :operation AND i.id = :id AND {COUNTED.format("i")} AND o.operation_id = g.operation_id
        AND o.ground_id = g.id AND o.period && i.valid AND o.incidents IS NOT NULL
""")


def count_one(connection: Connection, operation_id: int, incident: int, by: int) -> None:
    """Add one incident to the overlaps it falls in (`by` 1), or take it out of them again (-1)."""
    connection.execute(_STEP, {"operation": operation_id, "id": incident, "by": by})


def recount_near(connection: Connection, operation_id: int, points: str) -> None:
    """Queue the overlaps near whose ground a point (or shape) of the temporary table `points` (column geom) lies.

    The ground's box decides: counting one overlap too many again costs less than asking every ground for every point.
    """
    connection.execute(
        text(f"""
            UPDATE facts.overlap AS o SET incidents = NULL, risk = NULL
            FROM (
                SELECT DISTINCT g.id FROM {points} AS p JOIN facts.ground AS g
                ON g.operation_id = :operation AND g.geom && p.geom
            ) AS hit
            WHERE o.operation_id = :operation AND o.ground_id = hit.id AND o.incidents IS NOT NULL
        """),
        {"operation": operation_id},
    )


def count_few(connection: Connection, operation_id: int, few: int = 500) -> None:
    """Count at once what is queued when it is little: a count that is missing for a while would tell every room that
    something has changed, also the rooms that may not see what."""
    ids = [
        r[0]
        for r in connection.execute(
            text("""
                SELECT o.id FROM facts.overlap AS o
                WHERE o.operation_id = :operation AND o.incidents IS NULL AND o.ground_id IS NOT NULL LIMIT :few
            """),
            {"operation": operation_id, "few": few + 1},
        )
    ]
    if len(ids) <= few:
        count_inside(connection, operation_id, ids)


def count_queued(engine: Engine, context: Context, progress: Callable[[int], None] | None = None) -> int:
    """Count inside every overlap whose count is queued, 200 to a transaction; how many there were."""
    done = 0
    while True:
        some = _count_some(engine, context)
        done += some
        if progress:
            progress(done)
        if some < 200:
            return done


@again
def _count_some(engine: Engine, context: Context) -> int:
    with transaction(engine, context) as connection:
        operation_id = lock_operation(connection, "overlap_pair")
        ids = [
            r[0]
            for r in connection.execute(
                text("""
                    SELECT o.id FROM facts.overlap AS o
                    WHERE o.operation_id = :operation AND o.incidents IS NULL AND o.ground_id IS NOT NULL
                    ORDER BY o.id LIMIT 200
                """),
                {"operation": operation_id},
            )
        ]
        count_inside(connection, operation_id, ids)
    return len(ids)
