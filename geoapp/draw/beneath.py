"""With whom does one area share ground, and what lies beneath it? Of the records that a room is told, in the area's days."""

from datetime import date
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geoapp.codes import say
from geoapp.draw.query import records, source
from geoapp.draw.wording import title
from geoapp.scope import BOX, Period, Scope
from layers import STACK, Layer
from layers.overlaps import LAYER as OVERLAPS

MOST = 100
"""Records that are told of a layer, at most."""


Told = list[dict[str, Any]]


def around(
    connection: Connection, scope: Scope, area: int | None, shape: Any, days: Period
) -> tuple[Told | None, Told]:
    """The overlaps of an area that is recorded (None without one), largest first, and what lies beneath a shape (shapely,
    EPSG:4326) in these days (None for open), from today on where the first of them is open or past."""
    today = connection.execute(text("SELECT calc.today()")).scalar_one()
    first = max(days[0] or date.min, min(today, days[1] or date.max))
    here = Scope(scope.operation, scope.audience, shape.bounds, (first, days[1]), member=scope.member)
    lies = beneath(connection, here, shapely.to_wkb(shape))
    if area is None:
        return None, lies
    always = Scope(scope.operation, scope.audience, shape.bounds, member=scope.member)
    rows = connection.execute(text(_OVERLAPS.format(records(OVERLAPS, always))), always.binds() | {"area": area})
    return [dict(row) for row in rows.mappings()], lies


_OVERLAPS = """
    SELECT o.id, o.actor, o.domain, a.name AS area, a.positioning, a.disputed, o.relation, o.km2, o.share, o.share_theirs,
        o.period_start, o.period_end, o.days, o.incidents, o.risk
    FROM (
        SELECT t.id, t.relation, t.km2, t.period_start, t.period_end, t.days, t.incidents, t.risk, s.*
        FROM ({}) AS t
        CROSS JOIN LATERAL (
            SELECT t.area_b AS other, t.actor_b AS actor, t.domain_b AS domain, t.share_a AS share, t.share_b AS share_theirs
            WHERE t.area_a = :area
            UNION ALL SELECT t.area_a, t.actor_a, t.domain_a, t.share_b, t.share_a WHERE t.area_b = :area
        ) AS s
    ) AS o
    JOIN facts.area AS a ON a.operation_id = calc.operation() AND a.id = o.other
    ORDER BY o.km2 DESC, o.id
"""


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
