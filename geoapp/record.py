"""Write one fact by hand: an operation, an area's shape, what was agreed about an overlap. Nobody's edit is lost:
a change names the version it was made from."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.postgresql import insert

from geoapp import geometry, overlay
from geoapp.codes import codes
from geoapp.db import lock_operation
from geoapp.errors import BadRequest, Conflict, NotFound, PreconditionFailed, Refused
from geoapp.model import Audience, Operation

AUDIENCES: tuple[dict[str, Any], ...] = (
    {"key": "internal", "title": "Internal", "clearance": "RED", "may_write": True},
    {
        "key": "hct", "title": "Humanitarian Country Team", "clearance": "AMBER",
        "rules": {"incidents": "settlement"}, "withheld_fields": ["owner"],
    },
    {
        "key": "cmwg_mixed", "title": "Civil-military working group (mixed)", "clearance": "GREEN",
        "rules": {"incidents": "admin2", "sites": "withheld", "access_constraints": "withheld"},
        "withheld_fields": ["owner", "note", "reliability", "credibility"],
    },
    {
        "key": "military_counterpart", "title": "Military counterpart", "clearance": "GREEN",
        "rules": {
            "incidents": "count", "sites": "withheld", "presence": "withheld", "overlaps": "withheld",
            "risk_zones": "withheld", "access_constraints": "withheld", "security_levels": "withheld",
        },
        "withheld_domains": ["civil"],
    },
    {
        "key": "public", "title": "Public", "clearance": "CLEAR",
        "rules": {
            "incidents": "count", "sites": "withheld", "presence": "withheld", "overlaps": "withheld",
            "risk_zones": "withheld", "areas_of_operation": "withheld", "roads": "exact",
            "access_constraints": "withheld", "security_levels": "withheld", "arrangements": "withheld",
        },
    },
)  # fmt: skip
"""The rooms every operation starts with. DOMAIN: what humanitarians may see of forces is not what forces may see of them."""


def add_operation(
    owner: Engine, key: str, title: str, *, exercise: bool = False, organisation: str | None = None,
    today: date | None = None,
) -> int:  # fmt: skip
    """Make an operation with its audiences, as the database's owner; its id. Raises Conflict when the key is taken."""
    with owner.begin() as connection:
        # Policies hold for the owner as well: it names the operation it is about to make.
        connection.execute(text("SELECT set_config('geoapp.operation', :key, true)"), {"key": key})
        if connection.execute(text("SELECT 1 FROM facts.operation WHERE key = :key"), {"key": key}).scalar():
            raise Conflict(f"There is an operation {key!r} already.", hint="Choose another key.")
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,62}", key):
            raise BadRequest(
                f"{key!r} cannot be a key.", hint="Lower-case letters, digits and hyphens, 2 to 63 of them."
            )
        made = insert(Operation).values(key=key, title=title, exercise=exercise, organisation=organisation, today=today)
        operation_id = int(connection.execute(made.returning(Operation.operation_id)).scalar_one())
        for position, audience in enumerate(AUDIENCES):
            connection.execute(insert(Audience).values(operation_id=operation_id, position=position, **audience))
    return operation_id


def reshape_area(connection: Connection, area_id: int, shape: Mapping[str, Any] | bytes, version: int) -> int:
    """Give an area of operation a new shape (GeoJSON geometry or WKB, EPSG:4326); its new version.

    Its overlaps are brought up to date in the same transaction and keep their register. Raises NotFound, Refused
    (with what is wrong with the shape) and PreconditionFailed (with the row as it is now).
    """
    operation_id = lock_operation(connection)
    overlay.by_index(connection, few=True)
    values = {"operation": operation_id, "id": area_id}
    row = connection.execute(
        text("""
            SELECT a.version, a.subject, a.handling::text AS handling, p.id AS part_id
            FROM facts.area AS a
            JOIN facts.area_part AS p ON p.operation_id = a.operation_id AND p.area_id = a.id
            WHERE a.operation_id = :operation AND a.id = :id AND a.positioning <> 'presence'
        """),
        values,
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no area of operation {area_id}.")
    if row.version != version:
        raise PreconditionFailed(
            f"Area {area_id} is at version {row.version}; you changed version {version}.",
            hint="Read it again and make your change on what is there now.", version=row.version,
        )  # fmt: skip
    footprint = _footprint(connection, operation_id, shape, row.subject, row.handling)
    connection.execute(
        text("UPDATE facts.area_part SET footprint_id = :footprint WHERE operation_id = :operation AND id = :part"),
        {"operation": operation_id, "footprint": footprint, "part": row.part_id},
    )
    new = connection.execute(
        text("""
            UPDATE facts.area SET recorded_by = calc.member(), batch_id = NULL, version = version + 1
            WHERE operation_id = :operation AND id = :id RETURNING version
        """),
        values,
    ).scalar_one()
    overlay.refresh(connection, operation_id, [area_id])
    return int(new)


def _footprint(
    connection: Connection, operation_id: int, shape: Mapping[str, Any] | bytes, subject: str, handling: str
) -> int:
    """The id of the interned footprint of one shape written by hand. Raises Refused."""
    prepared = geometry.prepare(np.array([_parsed(shape)], dtype=object), "polygon")
    if prepared.geom[0] is None:
        raise Refused(
            f"The shape cannot be stored: {prepared.why[0]}.", hint="Draw it again.", code=prepared.problem[0]
        )
    values = {
        "operation": operation_id, "subject": subject, "handling": handling, "hash": prepared.hash[0],
        "geom": shapely.to_wkb(prepared.geom[0]), "km2": float(prepared.km2[0]),
        "label": shapely.to_wkb(shapely.point_on_surface(prepared.geom[0])),
        "mid": shapely.to_wkb(prepared.mid[0]), "low": shapely.to_wkb(prepared.low[0]),
    }  # fmt: skip
    return int(
        connection.execute(
            text("""
                WITH made AS (
                    INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
                    VALUES (:operation, CAST(:handling AS facts.handling), :subject, :hash,
                        ST_GeomFromWKB(:geom, 4326), :km2, ST_GeomFromWKB(:label, 4326), ST_GeomFromWKB(:mid, 3857),
                        ST_GeomFromWKB(:low, 3857))
                    ON CONFLICT (operation_id, hash, subject, handling) DO NOTHING RETURNING id
                )
                SELECT id FROM made UNION ALL
                SELECT id FROM facts.footprint WHERE operation_id = :operation AND hash = :hash AND subject = :subject
                    AND handling = CAST(:handling AS facts.handling)
                LIMIT 1
            """),
            values,
        ).scalar_one()
    )


MAX_DEPTH = 16


def _parsed(shape: Mapping[str, Any] | bytes) -> Any:
    """A shapely geometry of GeoJSON or WKB, its nesting and vertices counted before GEOS sees it."""
    if isinstance(shape, bytes):
        return shapely.from_wkb(shape)
    depth, vertices = _measure(shape.get("coordinates"), 0)
    if shape.get("type") not in ("Polygon", "MultiPolygon") or depth > 4 or vertices > geometry.MAX_VERTICES:
        raise Refused(
            "The shape must be a Polygon or MultiPolygon of at most "
            f"{geometry.MAX_VERTICES:,} vertices.", hint="Simplify it.", code="wrong-type",
        )  # fmt: skip
    try:
        return shapely.geometry.shape(dict(shape))
    except (ValueError, TypeError, IndexError, shapely.errors.GEOSException):
        raise Refused(
            "The shape's coordinates cannot be read.", hint="Write rings of [lon, lat].", code="unreadable"
        ) from None


def _measure(item: Any, depth: int) -> tuple[int, int]:
    if depth > MAX_DEPTH:
        return depth, 0
    if isinstance(item, (list, tuple)) and item and isinstance(item[0], (list, tuple)):
        inner = [_measure(part, depth + 1) for part in item]
        return max(i[0] for i in inner), sum(i[1] for i in inner)
    return depth + 1, 1


REGISTER = ("status", "strategy", "liaison", "owner", "due", "note")
"""What may be written on an overlap."""


def change_overlap(connection: Connection, overlap_id: int, change: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Write on an overlap's register; the register as it is now, with its version.

    Raises NotFound, BadRequest for a field or code that does not exist, PreconditionFailed with the row as it is.
    """
    operation_id = lock_operation(connection)
    unknown = sorted(set(change) - set(REGISTER))
    if unknown or not change:
        raise BadRequest(
            f"An overlap's register has no {', '.join(unknown)}." if unknown else "Nothing was asked to change.",
            hint=f"It has {', '.join(REGISTER)}.",
        )
    values = {name: _checked(name, value) for name, value in change.items()}
    listed = ", ".join(("id", "version", *REGISTER))
    key = {"operation": operation_id, "id": overlap_id}
    now = connection.execute(
        text(f"SELECT {listed} FROM facts.overlap WHERE operation_id = :operation AND id = :id"),
        key,
    ).mappings().one_or_none()  # fmt: skip
    if now is None:
        raise NotFound(f"There is no overlap {overlap_id}.")
    if now["version"] != version:
        raise PreconditionFailed(
            f"Overlap {overlap_id} is at version {now['version']}; you changed version {version}.",
            hint="Look at what is there now, then make your change again.",
            current={k: str(v) if isinstance(v, date) else v for k, v in now.items()}, yours=dict(change),
        )  # fmt: skip
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    after = connection.execute(
        text(f"UPDATE facts.overlap SET {assignments} WHERE operation_id = :operation AND id = :id RETURNING {listed}"),
        key | values,
    ).mappings().one()  # fmt: skip
    return dict(after)


_LISTS = {"status": "overlap_status", "strategy": "strategies", "liaison": "liaison"}


def _checked(name: str, value: Any) -> Any:
    if name in _LISTS:
        known = codes(_LISTS[name])
        if value not in known:
            raise BadRequest(f"{value!r} is no {name}.", hint=f"One of: {', '.join(known)}.")
        return value
    if value in (None, ""):
        return None
    if not isinstance(value, str) or len(value) > 4000:
        raise BadRequest(f"{name} must be text of at most 4,000 characters.")
    if name == "due":
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise BadRequest(f"{value[:40]!r} is no date.", hint="Write it as 2026-10-26.") from None
    return value
