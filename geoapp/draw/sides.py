"""Who meets in an overlap, and in which days? Of each area only the parts that share ground and days with the other's."""

from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.errors import NotFound
from geoapp.model.subjects import CLAIMS
from geoapp.scope import Scope, known

_SIDES = """
    WITH met AS (
        SELECT o.area_a, o.area_b, range_agg(p.valid) AS days_a, range_agg(q.valid) AS days_b
        FROM facts.overlap AS o
        JOIN facts.area_part AS p ON p.operation_id = o.operation_id AND p.area_id = o.area_a
        JOIN facts.area_part AS q ON q.operation_id = o.operation_id AND q.area_id = o.area_b AND q.valid && p.valid
        JOIN facts.ground AS g ON g.operation_id = o.operation_id
            AND g.footprint_a = least(p.footprint_id, q.footprint_id)
            AND g.footprint_b = greatest(p.footprint_id, q.footprint_id) AND g.km2 > 0
        WHERE o.id = :id AND o.ground_id IS NOT NULL
        GROUP BY o.area_a, o.area_b
    )
    SELECT s.side, a.subject, a.sector, c.kind, a.source, a.reliability, a.credibility, a.disputed,
        (
            SELECT jsonb_agg(jsonb_build_object('period_start', lower(d), 'period_end', upper(d) - 1) ORDER BY d)
            FROM unnest(s.days) AS d
        ) AS periods
    FROM met AS m
    CROSS JOIN LATERAL (VALUES ('a', m.area_a, m.days_a), ('b', m.area_b, m.days_b)) AS s (side, area, days)
    JOIN calc.area AS a ON a.id = s.area
    LEFT JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
"""
THERE = "SELECT EXISTS (SELECT FROM facts.overlap AS o WHERE o.id = :id)"
_OF_AREAS = ("kind", "source", "reliability", "credibility", "disputed")
"""What is told of an area of operation and not of presence, as in the layers of both."""


def sides(connection: Connection, scope: Scope, overlap: int, room: Room) -> dict[str, Any]:
    """Both sides of an overlap by `a` and `b`, None for one that the room is not shown or that has no ground any more.

    `periods` are the days of the parts that meet, as first and last day (None for open), those that follow each other
    joined. Fields that are withheld from the room of areas like it are left out. Raises NotFound, the same for a hidden overlap as for none.
    """
    found: dict[str, Any] = {"a": None, "b": None}
    for row in connection.execute(text(known(_SIDES, scope)), {"id": overlap}).mappings():
        prefix, _, domain = row["subject"].partition(".")
        withheld = room.rule(f"{CLAIMS[f'{prefix}.']}.{domain}").withheld
        left_out = {"side", "subject", *withheld, *(_OF_AREAS if row["subject"].startswith("presence.") else ())}
        found[row["side"]] = {name: value for name, value in row.items() if name not in left_out}
    if not any(found.values()) and not connection.execute(text(known(THERE, scope)), {"id": overlap}).scalar_one():
        raise NotFound(f"There is no overlap {overlap}.")
    return found
