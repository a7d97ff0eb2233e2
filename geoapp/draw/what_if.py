"""What would share ground with a shape that is not recorded? Asked of what a room is told, and nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely.geometry import shape as shape_of
from sqlalchemy import Connection, text

from geoapp.draw.features import bounded
from geoapp.draw.query import source
from geoapp.errors import BadRequest, TooLarge
from geoapp.model.subjects import CLAIMS
from geoapp.scope import BOX, Scope, range_text
from layers import get

AGAINST = tuple(get(subject) for subject in CLAIMS.values())
"""The layers of claims to ground that a shape is laid on."""
MOST, VERTICES, FOUND = 100, 20_000, 5_000


@dataclass(frozen=True)
class Shape:
    """A surface in CRS84 and its days, None for open."""

    geometry: Any
    first: date | None = None
    last: date | None = None


def shapes(features: Sequence[dict[str, Any]]) -> list[Shape]:
    """The surfaces of GeoJSON features, with `period_start` and `period_end` of their properties as days.

    Raises BadRequest for what is no simple surface on the earth, TooLarge for too many of them or too many corners.
    """
    if len(features) > MOST:
        raise TooLarge(f"These are {len(features):,} shapes.", hint=f"{MOST} at most.")
    made, corners = [], 0
    for number, each in enumerate(features):
        try:
            found = shapely.force_2d(shape_of(each.get("geometry")))
        except Exception as error:
            raise BadRequest(f"Shape {number} cannot be read.", hint="GeoJSON polygons, longitude first.") from error
        corners += int(shapely.get_num_coordinates(found))
        if corners > VERTICES:
            raise TooLarge("The shapes have too many corners.", hint=f"{VERTICES:,} at most in all.")
        if found.geom_type not in ("Polygon", "MultiPolygon") or found.is_empty or not found.is_valid:
            raise BadRequest(f"Shape {number} is no simple surface.", hint="A polygon that does not cross itself.")
        west, south, east, north = found.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise BadRequest(f"Shape {number} lies outside the world.", hint="Degrees, longitude first.")
        said = each.get("properties") or {}
        first, last = (_day(said.get(name), number) for name in ("period_start", "period_end"))
        if first and last and first > last:
            raise BadRequest(f"Shape {number} ends before it begins.", hint="Its first day comes first.")
        made.append(Shape(found, first, last))
    return made


def _day(value: Any, number: int) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise BadRequest(f"Shape {number} has a day that is none.", hint="Write it as 2026-10-18.") from None


def overlaps_of(connection: Connection, scope: Scope, asked: Sequence[Shape]) -> list[bytes]:
    """GeoJSON Features of the ground that shapes share with what the room is told: `shape` is the number of yours, `share`
    that of your shape, `share_theirs` of theirs (0–1), `period_start` and `period_end` the days in common (None for open).

    Raises TooLarge for more than FOUND of them, BadRequest where the database takes too long.
    """
    found: list[bytes] = []
    with bounded(connection):
        for number, shape in enumerate(asked):
            period = range_text((shape.first, shape.last))
            scoped = Scope(
                scope.operation, scope.audience, shape.geometry.bounds, (shape.first, shape.last), scope.as_of, scope.member,
                scope.purpose,
            )  # fmt: skip
            for layer in AGAINST:
                binds = scoped.binds() | {
                    "shape": shape.geometry.wkt,
                    "number": number,
                    "mine": period,
                    "most": FOUND + 1,
                }
                rows = connection.execute(text(_SHARED.format(layer.name, source(layer, scoped))), binds)
                found += [row[0].encode() for row in rows]
                if len(found) > FOUND:
                    raise TooLarge(
                        "These shapes share ground with too much.",
                        hint=f"{FOUND:,} pieces at most: fewer or smaller shapes.",
                    )
    return found


_SHARED = f"""
    WITH mine AS MATERIALIZED (SELECT ST_GeomFromText(:shape, 4326) AS geom), shared AS (
        SELECT t.*, mine.geom AS given, ST_CollectionExtract(ST_Intersection(t.geom, mine.geom), 3) AS ground,
            daterange(t.period_start, t.period_end, '[]') * CAST(:mine AS daterange) AS days
        FROM ({{1}}) AS t CROSS JOIN mine
        WHERE t.geom && {BOX} AND ST_Intersects(t.geom, mine.geom)
    )
    SELECT '{{{{"type":"Feature","geometry":' || ST_AsGeoJSON(s.ground, 7) || ',"properties":' || json_build_object(
        'shape', CAST(:number AS int), 'layer', '{{0}}', 'id', s.id, 'actor', s.actor, 'domain', s.domain,
        'period_start', lower(s.days), 'period_end', upper(s.days) - 1,
        'km2', round((ST_Area(s.ground::geography) / 1e6)::numeric, 3)::float8,
        'share', round((ST_Area(s.ground::geography) / nullif(ST_Area(s.given::geography), 0))::numeric, 4)::float8,
        'share_theirs', round((ST_Area(s.ground::geography) / nullif(ST_Area(s.geom::geography), 0))::numeric, 4)::float8
    )::text || '}}}}'
    FROM shared AS s
    WHERE NOT isempty(s.days) AND ST_Area(s.ground::geography) >= 1
    ORDER BY ST_Area(s.ground::geography) DESC, s.id LIMIT :most
"""
