"""What would follow if an area of operation were written like this? It is written, looked at, and undone: by the same code as one that stays."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, text

from geoapp.db import Context, again, transaction
from geoapp.record.actors import meant
from geoapp.record.areas import AREAS
from geoapp.record.noun import add, change, current
from geoapp.record.shapes import parsed, prepared
from geoapp.writing import lock_operation


@dataclass(frozen=True)
class Planned:
    """A shape (GeoJSON, CRS84), whose it would be, its first and last day (None for open); the `id` of the area that
    would be changed, None for a new one. Without an actor there are no overlaps to be told."""

    geometry: Mapping[str, Any]
    actor: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    id: int | None = None


Look = Callable[[Connection, int | None, Any], dict[str, Any]]
"""What is told of the area that was written (its id, None without an actor) and of its shape (shapely, EPSG:4326): its
`overlaps` by `id`, and whatever else."""


class _Undone(Exception):
    """Leaves the transaction: all was done as in writing, and nothing of it stays."""


@again
def what_if(engine: Engine, context: Context, planned: Planned, look: Look) -> dict[str, Any]:
    """Of an area as planned: its `km2`, the codes of the overlaps that there would be no more (`ends`), and what `look` tells of it while it
    is written. An overlap that is there already has its `code`, one that is not has neither `id` nor code.

    Raises Refused (the shape), BadRequest (the actor, the days), NotFound, and Forbidden in a room that only reads.
    """
    found: dict[str, Any] = {}
    with suppress(_Undone), transaction(engine, context) as connection:
        operation = lock_operation(connection, "area")
        made = prepared(parsed(planned.geometry, "polygon"))
        before: dict[int, str] = {}
        area = None
        if planned.actor is not None:
            if planned.id is not None:
                before = {row.id: row.code for row in connection.execute(_STANDING, {"area": planned.id})}
            area = _written(connection, operation, planned)
        found |= look(connection, area, made.geom[0]) | {"km2": round(float(made.km2[0]), 2)}
        there = [each["id"] for each in found["overlaps"] or ()]
        known = {row.id: row.code for row in connection.execute(_KNOWN, {"ids": there})}
        for each in found["overlaps"] or ():
            each["code"] = known.get(each["id"])
            each["id"] = each["id"] if each["code"] else None
        left = set(connection.execute(_LEFT, {"ids": list(before)}).scalars())
        found["ends"] = [code for id_, code in before.items() if id_ not in left]
        raise _Undone
    return found


def _written(connection: Connection, operation: int, planned: Planned) -> int:
    """The id of the area, new or changed, in this transaction."""
    given = {
        "actor": planned.actor,
        "handling": meant(connection, operation, planned.actor or "").handling,
        "period_start": planned.period_start and planned.period_start.isoformat(),
        "period_end": planned.period_end and planned.period_end.isoformat(),
    }
    if planned.id is None:
        return add(connection, AREAS, planned.geometry, given)[0]
    now = current(connection, AREAS, planned.id)
    change(connection, AREAS, planned.id, planned.geometry, given, now["version"])
    return planned.id


_STANDING = text("""
    SELECT DISTINCT p.id, p.number, 'OV-' || lpad(p.number::text, 4, '0') AS code FROM facts.overlap AS o
    JOIN facts.overlap_pair AS p ON p.operation_id = o.operation_id AND p.id = o.pair_id
    WHERE o.operation_id = calc.operation() AND o.ground_id IS NOT NULL AND :area IN (o.area_a, o.area_b)
    ORDER BY p.number
""")
"""The overlaps that an area has a piece of."""
_KNOWN = text("""
    SELECT p.id, 'OV-' || lpad(p.number::text, 4, '0') AS code FROM facts.overlap_pair AS p
    WHERE p.operation_id = calc.operation() AND p.id = ANY (CAST(:ids AS bigint[])) AND p.recorded_at < now()
""")
"""Of these rows of the register those that this transaction did not make."""
_LEFT = text("""
    SELECT DISTINCT o.pair_id FROM facts.overlap AS o
    WHERE o.operation_id = calc.operation() AND o.pair_id = ANY (CAST(:ids AS bigint[])) AND o.ground_id IS NOT NULL
""")
