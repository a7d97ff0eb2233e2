"""What would follow if an area of operation were written like this? It is written, looked at, and undone: by the same code as one that stays."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from sqlalchemy import Connection, Engine, text

from geoapp.codes import say
from geoapp.db import again, transaction
from geoapp.draw.query import records, source
from geoapp.draw.wording import title
from geoapp.overlay import today
from geoapp.record.actors import meant
from geoapp.record.areas import AREAS
from geoapp.record.noun import add, change, current
from geoapp.record.shapes import parsed, prepared
from geoapp.scope import BOX, Scope
from geoapp.writing import lock_operation
from layers import Layer, get

BENEATH = {
    "risk_zones": "level", "access_constraints": "category", "constrained_areas": "category", "constrained_roads": "category",
    "hazards": "hazard_type", "arrangements": "arrangement_type", "sites": "facility_type",
}  # fmt: skip
"""The layers whose records are told that lie in the shape, and the field that says of what kind each is."""
MOST = 100
"""Records that are told of a layer, at most."""


@dataclass(frozen=True)
class Planned:
    """A shape (GeoJSON, CRS84), whose it would be, its first and last day (None for open); the `id` of the area that
    would be changed, None for a new one. Without an actor there are no overlaps to be told."""

    geometry: Mapping[str, Any]
    actor: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    id: int | None = None


class _Undone(Exception):
    """Leaves the transaction: all was done as in writing, and nothing of it stays."""


@again
def what_if(engine: Engine, scope: Scope, planned: Planned) -> dict[str, Any]:
    """Of an area as planned: its `km2`; the `overlaps` that there would be, largest first (None without an actor), each with
    `id` and `code` where there is one already; the codes of those that `end`; and what lies `beneath` in its days, from today
    on where its first day is open or past.

    Raises Refused (the shape), BadRequest (the actor, the days), NotFound, and Forbidden in a room that only reads.
    """
    found: dict[str, Any] = {}
    with suppress(_Undone), transaction(engine, scope.context()) as connection:
        operation = lock_operation(connection)
        shape = parsed(planned.geometry, "polygon")
        made = prepared(shape)
        first = max(planned.period_start or date.min, min(today(connection), planned.period_end or date.max))
        around = Scope(scope.operation, scope.audience, shape.bounds, (first, planned.period_end), member=scope.member)
        found |= {"km2": round(float(made.km2[0]), 2), "overlaps": None, "ends": []}
        found["beneath"] = _beneath(connection, around, shapely.to_wkb(made.geom[0]))
        if planned.actor is not None:
            found |= _overlaps(connection, operation, around, planned)
        raise _Undone
    return found


def _overlaps(connection: Connection, operation: int, around: Scope, planned: Planned) -> dict[str, Any]:
    """The overlaps of the area once it is written, and the codes of those it has now and would have no more."""
    given = {
        "actor": planned.actor,
        "handling": meant(connection, operation, planned.actor or "").handling,
        "period_start": planned.period_start and planned.period_start.isoformat(),
        "period_end": planned.period_end and planned.period_end.isoformat(),
    }
    before: dict[int, str] = {}
    if planned.id is None:
        area, _ = add(connection, AREAS, planned.geometry, given)
    else:
        area = planned.id
        now = current(connection, AREAS, area)
        before = {row.id: row.code for row in connection.execute(_STANDING, {"area": area})}
        change(connection, AREAS, area, planned.geometry, given, now["version"])
    scope = Scope(around.operation, around.audience, around.bbox, None, member=around.member)
    rows = connection.execute(
        text(_OVERLAPS.format(records(get("overlaps"), scope))), scope.binds() | {"area": area}
    ).mappings()
    overlaps = [
        {name: value for name, value in row.items() if name != "id"} | {"id": row["id"] if row["id"] in before else None,
        "code": before.get(row["id"])} for row in rows
    ]  # fmt: skip
    stay = {each["code"] for each in overlaps}
    return {"overlaps": overlaps, "ends": [code for code in before.values() if code not in stay]}


_STANDING = text("""
    SELECT o.id, 'OV-' || lpad(o.number::text, 4, '0') AS code FROM facts.overlap AS o
    WHERE o.operation_id = calc.operation() AND o.ground_id IS NOT NULL AND :area IN (o.area_a, o.area_b)
    ORDER BY o.number
""")
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


def _beneath(connection: Connection, scope: Scope, shape: bytes) -> list[dict[str, Any]]:
    """The records of BENEATH that share ground with the shape (WKB): what each is called, its kind, the km² inside. One
    constraint is told once, however many layers draw it."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for layer, kind in ((get(name), kind) for name, kind in BENEATH.items()):
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
