"""With whom does one area share ground, and what lies beneath it? Of the records that a room is told, in the area's days."""

from datetime import date
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geoapp.codes import say
from geoapp.draw.query import source
from geoapp.draw.wording import title
from geoapp.scope import BOX, Period, Scope
from layers import STACK, Layer
from layers._pairs import INCIDENTS, RISK

MOST = 100
"""Records that are told of a layer, at most."""


Told = list[dict[str, Any]]


def around(
    connection: Connection, scope: Scope, area: int | None, shape: Any, days: Period
) -> tuple[Told | None, Told]:
    """With whom an area that is recorded shares ground (None without one), most ground first, and what lies beneath a shape (shapely,
    EPSG:4326) in these days (None for open), from today on where the first of them is open or past."""
    today = connection.execute(text("SELECT calc.today()")).scalar_one()
    first = max(days[0] or date.min, min(today, days[1] or date.max))
    here = Scope(scope.operation, scope.audience, shape.bounds, (first, days[1]), member=scope.member)
    lies = beneath(connection, here, shapely.to_wkb(shape))
    if area is None:
        return None, lies
    return [dict(row) for row in connection.execute(text(_OVERLAPS), {"area": area}).mappings()], lies


_OVERLAPS = f"""
    SELECT s.pair_id AS id, c.name AS actor, s.domain, s.area, s.positioning, s.disputed, s.relation,
        round(g.km2::numeric, 2)::float8 AS km2, round(least(1, g.km2 / m.km2)::numeric, 4)::float8 AS share,
        round(s.share_theirs::numeric, 4)::float8 AS share_theirs, s.period_start, s.period_end, s.days, s.places,
        s.incidents, s.risk
    FROM (
        SELECT o.pair_id, min(a.actor_id) AS actor_id, min(a.domain) AS domain, string_agg(DISTINCT a.name, ', ') AS area,
            min(a.positioning) AS positioning, bool_or(a.disputed) AS disputed, min(o.relation) AS relation,
            max(CASE WHEN o.area_a = :area THEN o.share_b ELSE o.share_a END) AS share_theirs, count(*) AS places,
            CASE WHEN NOT bool_or(lower_inf(o.period)) THEN min(lower(o.period)) END AS period_start,
            CASE WHEN NOT bool_or(upper_inf(o.period)) THEN max(upper(o.period)) - 1 END AS period_end,
            CASE WHEN NOT bool_or(lower_inf(o.period) OR upper_inf(o.period)) THEN (
                SELECT sum(upper(d.span) - lower(d.span))::int FROM unnest(range_agg(o.together)) AS d (span)) END AS days,
            max({INCIDENTS}) AS incidents,
            max({RISK}) AS risk, array_agg(DISTINCT o.ground_id) AS grounds
        FROM facts.overlap AS o
        JOIN facts.area AS a ON a.operation_id = o.operation_id
            AND a.id = CASE WHEN o.area_a = :area THEN o.area_b ELSE o.area_a END
        WHERE o.operation_id = (SELECT calc.operation()) AND o.ground_id IS NOT NULL AND (o.area_a = :area OR o.area_b = :area)
        GROUP BY o.pair_id
    ) AS s
    JOIN facts.area AS m ON m.operation_id = (SELECT calc.operation()) AND m.id = :area
    JOIN facts.actor AS c ON c.operation_id = m.operation_id AND c.id = s.actor_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) = 1 THEN max(g.km2) ELSE ST_Area(ST_Union(g.geom)::geography) / 1e6 END AS km2
        FROM facts.ground AS g WHERE g.operation_id = m.operation_id AND g.id = ANY (s.grounds)
    ) AS g
    ORDER BY km2 DESC, s.pair_id
"""
"""With whom an area shares ground: one row an actor, of all its areas that meet this one."""


def beneath(connection: Connection, scope: Scope, shape: bytes) -> Told:
    """The records of layers that are told `beneath` which share ground with the shape (WKB): what each is called, its kind, the km² inside. One
    constraint is told once, however many layers draw it."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for layer, kind in ((layer, layer.beneath) for layer in STACK if layer.beneath):
        listed = next(field.code for field in layer.fields if field.name == kind)
        for row in connection.execute(text(_inside(layer, scope)), scope.binds() | {"shape": shape, "most": MOST}):
            record = dict(row.row)
            known = found.get((layer.subject, row.id))
            if known is None or row.km2 > known["km2"]:
                found[layer.subject, row.id] = {
                    "layer": layer.subject, "id": row.id, "title": title(layer, record), "km2": row.km2,
                    "kind": record[kind], "kind_words": say(listed, record[kind]), "severity": record.get("severity"),
                    "period_end": record.get("valid_to") or record.get("period_end"),
                }  # fmt: skip
    return list(found.values())


def _inside(layer: Layer, scope: Scope) -> str:
    return f"""
        SELECT t.id, to_jsonb(t) - 'geom' AS row, round((ST_Area(ST_Intersection(t.geom, m.geom)::geography) / 1e6)::numeric, 2)::float8 AS km2
        FROM ({source(layer, scope)}) AS t CROSS JOIN (SELECT ST_GeomFromWKB(:shape, 4326) AS geom) AS m
        WHERE t.geom && {BOX} AND ST_Intersects(t.geom, m.geom)
        ORDER BY km2 DESC, t.id LIMIT :most
    """
