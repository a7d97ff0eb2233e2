"""At which places do the two actors of an overlap meet, who of them, on which days, and how much ground is it?"""

from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.errors import NotFound
from geoapp.model.subjects import CLAIMS
from geoapp.scope import Scope, known
from layers._pairs import INCIDENTS, RISK
from layers.overlaps import LAYER as OVERLAPS

KEPT = "SELECT coalesce(p.joined_into, p.id) AS id FROM facts.overlap_pair AS p WHERE p.id = :id"
_ROW = """
    SELECT p.id, 'OV-' || lpad(p.number::text, 4, '0') AS code, ARRAY(
            SELECT 'OV-' || lpad(j.number::text, 4, '0') FROM facts.overlap_pair AS j
            WHERE j.operation_id = p.operation_id AND j.joined_into = p.id ORDER BY j.number) AS joined
    FROM facts.overlap_pair AS p WHERE p.id = :id
"""
_PLACES = f"""
    SELECT o.id, o.ended, o.ended_on, lower(o.period) AS period_start, upper(o.period) - 1 AS period_end, o.days,
        round(g.km2::numeric, 2)::float8 AS km2, round(o.share_a::numeric, 4)::float8 AS share_a,
        round(o.share_b::numeric, 4)::float8 AS share_b, o.actor_a > o.actor_b AS turned,
        {INCIDENTS} AS incidents, {RISK} AS risk,
        o.handling::text AS handling, ARRAY[ST_XMin(g.geom), ST_YMin(g.geom), ST_XMax(g.geom), ST_YMax(g.geom)] AS bbox,
        o.area_a, o.area_b
    FROM facts.overlap AS o
    LEFT JOIN facts.ground AS g ON g.operation_id = o.operation_id AND g.id = coalesce(o.ground_id, o.last_ground)
    WHERE o.pair_id = :id
    ORDER BY o.ended IS NOT NULL, g.km2 DESC NULLS LAST, o.id
"""
_MEET = """
    SELECT m.id, s.side, a.subject, a.name, a.positioning, a.sector, c.kind, a.source, a.reliability, a.credibility, a.disputed,
        (
            SELECT jsonb_agg(jsonb_build_object('period_start', lower(d), 'period_end', upper(d) - 1) ORDER BY d)
            FROM unnest(s.days) AS d
        ) AS periods
    FROM (
        SELECT o.id, o.area_a, o.area_b, range_agg(p.valid) AS days_a, range_agg(q.valid) AS days_b
        FROM facts.overlap AS o
        JOIN facts.area_part AS p ON p.operation_id = o.operation_id AND p.area_id = o.area_a
        JOIN facts.area_part AS q ON q.operation_id = o.operation_id AND q.area_id = o.area_b AND q.valid && p.valid
        JOIN facts.ground AS g ON g.operation_id = o.operation_id
            AND g.footprint_a = least(p.footprint_id, q.footprint_id)
            AND g.footprint_b = greatest(p.footprint_id, q.footprint_id) AND g.km2 > 0
        WHERE o.pair_id = :id AND o.ground_id IS NOT NULL
        GROUP BY o.id, o.area_a, o.area_b
    ) AS m
    CROSS JOIN LATERAL (VALUES ('a', m.area_a, m.days_a), ('b', m.area_b, m.days_b)) AS s (side, area, days)
    JOIN calc.area AS a ON a.id = s.area
    LEFT JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
"""
_OF_AREAS = ("kind", "name", "positioning", "source", "reliability", "credibility", "disputed")
"""What is told of an area of operation and not of presence, as in the layers of both."""
_TURNED = {"a": "b", "b": "a"}


def kept(connection: Connection, scope: Scope, overlap: int) -> int:
    """The row of the register that speaks for an overlap: its own, or the one that it was joined into. Raises NotFound, the same
    for one that the room is not shown as for none."""
    found = connection.execute(text(known(KEPT, scope)), {"id": overlap}).one_or_none()
    if found is None:
        raise NotFound(f"There is no overlap {overlap}.")
    return int(found.id)


def places(connection: Connection, scope: Scope, overlap: int, room: Room) -> dict[str, Any]:
    """The places of an overlap that the room is shown, the largest first and those that ended last, under the `id` and `code` of its
    row, with the codes that were `joined` into it.

    Of each place both sides by `a` and `b`, in the order of the row's actors, None where there is no ground any more: whose area it is, and in
    `periods` the days of the parts that meet, as first and last day (None for open), those that follow each other joined. Fields
    that are withheld from the room of areas like it are left out. Raises NotFound as `kept` does.
    """
    id_ = kept(connection, scope, overlap)
    row = connection.execute(text(known(_ROW, scope)), {"id": id_}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no overlap {overlap}.")
    found: dict[int, dict[str, Any]] = {}
    for each in connection.execute(text(known(_PLACES, scope)), {"id": id_}).mappings():
        place = {
            name: value
            for name, value in each.items()
            if name not in ("turned", "share_a", "share_b", "area_a", "area_b")
        }
        shares = (each["share_b"], each["share_a"]) if each["turned"] else (each["share_a"], each["share_b"])
        found[each["id"]] = place | {
            "share_a": shares[0],
            "share_b": shares[1],
            "a": None,
            "b": None,
            "turned": each["turned"],
        }
    for side in connection.execute(text(known(_MEET, scope)), {"id": id_}).mappings():
        prefix, _, domain = side["subject"].partition(".")
        withheld = room.rule(f"{CLAIMS[f'{prefix}.']}.{domain}").withheld
        left_out = {"id", "side", "subject", *withheld, *(_OF_AREAS if side["subject"].startswith("presence.") else ())}
        place = found[side["id"]]
        place[_TURNED[side["side"]] if place["turned"] else side["side"]] = {
            name: value for name, value in side.items() if name not in left_out
        }
    hidden = room.hidden(OVERLAPS)
    for place in found.values():
        del place["turned"]
        for name in hidden & place.keys():
            place[name] = None
    return dict(row) | {"places": list(found.values())}
