"""Shapes written by hand: counted before they are read, refused with the reason when they cannot stand, stored once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geoapp import geometry
from geoapp.errors import Refused

MAX_VERTICES = 5_000
"""Corners of one shape that somebody draws or pastes; a file may bring more."""
MEND_VERTICES = 1_000
"""Corners of a shape that crosses itself and is mended: with n of them there may be n²/2 crossings."""

_KINDS = {
    "polygon": ("Polygon", "MultiPolygon"), "point": ("Point",), "line": ("LineString", "MultiLineString"),
    "any": ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}  # fmt: skip
_FLAT = {
    "Point": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_DEPTH = 4


def parsed(shape: Mapping[str, Any] | bytes, want: str) -> Any:
    """A shapely geometry of GeoJSON or WKB of the wanted kind (`polygon`, `line`, `point`, `any`), valid and finite.

    What crosses itself is refused with the place, not mended: the one who drew it is there to mend it. Raises Refused.
    """
    found = _read(shape, want)
    finite = np.isfinite(shapely.get_coordinates(found)).all()
    if finite and not shapely.is_valid(found):
        raise Refused(
            f"The shape cannot stand: {shapely.is_valid_reason(found)}.", hint="Move the corner that crosses another edge, or have it mended.",
            code="invalid",
        )  # fmt: skip
    return found


def mended(shape: Mapping[str, Any] | bytes) -> tuple[Any, str]:
    """A polygon as it stands once what crosses itself is taken apart, and where it did; "" of one that was valid. Raises Refused."""
    found = _read(shape, "polygon")
    if not np.isfinite(shapely.get_coordinates(found)).all():
        raise Refused("A coordinate is not a number.", hint="Draw it again.", code="not-finite")
    why = "" if shapely.is_valid(found) else str(shapely.is_valid_reason(found))
    if why and shapely.get_num_coordinates(found) > MEND_VERTICES:
        raise Refused(
            f"The shape crosses itself and has more than {MEND_VERTICES:,} corners: {why}.", hint="Simplify it first.",
            code="invalid",
        )  # fmt: skip
    return prepared(found).geom[0], why


def _read(shape: Mapping[str, Any] | bytes, want: str) -> Any:
    """The geometry as it was sent: nesting and corners are counted before GEOS sees it. Raises Refused."""
    if isinstance(shape, bytes):
        return shapely.from_wkb(shape)
    kind = shape.get("type")
    depth, corners = _measure(shape.get("coordinates"), 0)
    if kind not in _KINDS[want] or depth > _DEPTH or corners > MAX_VERTICES:
        raise Refused(
            f"The shape must be a {' or '.join(_KINDS[want])} of at most {MAX_VERTICES:,} corners.",
            hint="Simplify it.", code="wrong-type",
        )  # fmt: skip
    try:
        return shapely.geometry.shape(dict(shape))
    except (ValueError, TypeError, IndexError, shapely.errors.GEOSException):
        raise Refused(
            "The shape's coordinates cannot be read.",
            hint="Write positions as [longitude, latitude].",
            code="unreadable",
        ) from None


def prepared(found: Any) -> geometry.Prepared:
    """What of it is stored. Raises Refused."""
    kind: Any = _FLAT.get(found.geom_type, "polygon")
    made = geometry.prepare(np.array([found], dtype=object), kind)
    if made.geom[0] is None:
        raise Refused(f"The shape cannot be stored: {made.why[0]}.", hint="Draw it again.", code=made.problem[0])
    return made


def footprint(connection: Connection, operation_id: int, found: Any, subject: str, handling: str) -> int:
    """The id of the interned footprint of one polygon written by hand; that of the administrative unit when it is one."""
    made = prepared(found)
    values = {
        "operation": operation_id, "subject": subject, "handling": handling, "hash": made.hash[0],
        "geom": shapely.to_wkb(made.geom[0]), "km2": float(made.km2[0]),
        "label": shapely.to_wkb(shapely.point_on_surface(made.geom[0])),
        "mid": shapely.to_wkb(made.mid[0]), "low": shapely.to_wkb(made.low[0]),
    }  # fmt: skip
    return int(connection.execute(_INTERN, values).scalar_one())


_INTERN = text("""
    WITH there AS (
        SELECT id, subject <> 'boundaries' AS rank FROM facts.footprint
        WHERE operation_id = :operation AND hash = :hash AND handling <= CAST(:handling AS facts.handling)
            AND (subject = 'boundaries' OR (subject = :subject AND handling = CAST(:handling AS facts.handling)))
        ORDER BY 2, 1 LIMIT 1
    ), made AS (
        INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
        SELECT :operation, CAST(:handling AS facts.handling), :subject, :hash, ST_GeomFromWKB(:geom, 4326), :km2,
            ST_GeomFromWKB(:label, 4326), ST_GeomFromWKB(:mid, 3857), ST_GeomFromWKB(:low, 3857)
        WHERE NOT EXISTS (SELECT FROM there)
        ON CONFLICT (operation_id, hash, subject, handling) DO NOTHING RETURNING id
    )
    SELECT id FROM made UNION ALL SELECT id FROM there LIMIT 1
""")


def _measure(item: Any, depth: int) -> tuple[int, int]:
    """How deep the lists lie in one another, and how many positions there are."""
    if depth > _DEPTH:
        return depth + 1, 0
    if isinstance(item, (list, tuple)) and item and isinstance(item[0], (list, tuple)):
        inner = [_measure(part, depth + 1) for part in item]
        return max(i[0] for i in inner), sum(i[1] for i in inner)
    return depth + 1, 1
