"""Give an area of operation a new shape; its overlaps follow in the same transaction and keep their register."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from geoapp import overlay
from geoapp.db import by_index
from geoapp.errors import NotFound, PreconditionFailed
from geoapp.record.shapes import footprint, parsed
from geoapp.writing import lock_operation

_STANDS = text("""
    SELECT a.version, a.subject, a.handling::text AS handling, p.id AS part_id
    FROM facts.area AS a
    JOIN facts.area_part AS p ON p.operation_id = a.operation_id AND p.area_id = a.id
    WHERE a.operation_id = :operation AND a.id = :id AND a.positioning <> 'presence'
""")
_RESHAPE = text("""
    WITH part AS (
        UPDATE facts.area_part SET footprint_id = :footprint WHERE operation_id = :operation AND id = :part
    )
    UPDATE facts.area SET recorded_by = calc.member(), batch_id = NULL, version = version + 1
    WHERE operation_id = :operation AND id = :id RETURNING version
""")


def reshape_area(connection: Connection, area_id: int, shape: Mapping[str, Any] | bytes, version: int) -> int:
    """Give an area of operation a new shape (GeoJSON geometry or WKB, EPSG:4326); its new version.

    Its overlaps are brought up to date in the same transaction and keep their register. Raises NotFound, Refused
    (with what is wrong with the shape) and PreconditionFailed (with the row as it is now).
    """
    operation_id = lock_operation(connection)
    by_index(connection, few=True)
    row = connection.execute(_STANDS, {"operation": operation_id, "id": area_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no area of operation {area_id}.")
    if row.version != version:
        raise PreconditionFailed(
            f"Area {area_id} is at version {row.version}; you changed version {version}.",
            hint="Read it again and make your change on what is there now.", version=row.version,
        )  # fmt: skip
    ground = footprint(connection, operation_id, parsed(shape, "polygon"), row.subject, row.handling)
    new = connection.execute(
        _RESHAPE, {"operation": operation_id, "footprint": ground, "part": row.part_id, "id": area_id}
    ).scalar_one()
    overlay.refresh(connection, operation_id, [area_id])
    return int(new)
