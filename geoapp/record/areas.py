"""Write an area of operation by hand: who operates where, since when, and who says so.

It is kept as a file of areas lands it: one claim with one part on an interned footprint, under the subject of its actor's
domain. Its overlaps follow in the same transaction and keep their register.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from geoapp import overlay
from geoapp.db import by_index
from geoapp.errors import BadRequest
from geoapp.model import HANDLING as LEVELS
from geoapp.record import fields as f
from geoapp.record.actors import meant
from geoapp.record.fields import Field
from geoapp.record.noun import HANDLING, Ground, Noun, Row, Values, change

OF_UNITS = ("patrol_area", "boundary")
"""What a civil actor has none of."""


def _derive(connection: Connection, operation: int, values: Values, was: Row | None) -> Values:
    """The actor that is named, and with it the domain by which rooms are told of the area."""
    actor = meant(connection, operation, values.pop("actor"))
    if actor.domain == "civil" and values["positioning"] in OF_UNITS:
        raise BadRequest(
            f"{actor.name} is a civil actor: it has no such area.", hint="Choose an area of operations.",
            errors=[{"where": "positioning", "what": "is not claimed of a civil actor"}],
        )  # fmt: skip
    if LEVELS.index(values["handling"]) < LEVELS.index(actor.handling):
        raise BadRequest(
            f"{actor.name} itself is {actor.handling}: an area marked {values['handling']} would name it to rooms that must"
            " not know of it.", hint=f"Mark the area {actor.handling}.",
            errors=[{"where": "handling", "what": f"is below that of the actor, {actor.handling}"}],
        )  # fmt: skip
    values |= {"actor_id": actor.id, "domain": actor.domain, "subject": f"areas.{actor.domain}"}
    return values if was is not None else values | {"km2": 0.0}  # measured with its overlaps


_LAY = (
    text("""
        UPDATE facts.area_part AS p SET footprint_id = :footprint, handling = a.handling, subject = a.subject,
            valid = a.valid, status = a.status, activity = a.activity, batch_id = NULL
        FROM facts.area AS a
        WHERE p.operation_id = :operation AND p.area_id = :id AND a.operation_id = :operation AND a.id = :id
    """),
    text("""
        INSERT INTO facts.area_part (operation_id, recorded_by, handling, area_id, subject, footprint_id, valid, status,
            activity)
        SELECT :operation, calc.member(), a.handling, a.id, a.subject, :footprint, a.valid, a.status, a.activity
        FROM facts.area AS a
        WHERE a.operation_id = :operation AND a.id = :id AND NOT EXISTS (
            SELECT FROM facts.area_part AS p WHERE p.operation_id = :operation AND p.area_id = :id)
    """),
)


def _lay(connection: Connection, operation: int, area: int, ground: int) -> None:
    """The one part of an area follows it: changed where it stands, so that its history is one."""
    for statement in _LAY:
        connection.execute(statement, {"operation": operation, "id": area, "footprint": ground})


def _after(connection: Connection, operation: int, area: int) -> None:
    overlay.refresh(connection, operation, [area])
    overlay.count_few(connection, operation)


def _before(connection: Connection, _operation: int, _area: int) -> None:
    by_index(connection, few=True)


AREAS = Noun(
    one="area of operation",
    table="area",
    subject="areas",
    ground=Ground(
        "JOIN facts.area_part AS g ON g.operation_id = t.operation_id AND g.area_id = t.id AND t.positioning <> 'presence'",
        _lay,
    ),
    period=("period_start", "period_end"),
    reads=("domain",),
    derive=_derive,
    before=_before,
    after=_after,
    fields={
        "actor": Field(
            f.text(300), required=True, named_in="/actors", hint="By its name or acronym in the register",
            sql="(SELECT c.name FROM facts.actor AS c WHERE c.operation_id = t.operation_id AND c.id = t.actor_id)",
        ),
        "name": Field(f.text(300), title="Name of the area", hint="What people call it"),
        "positioning": Field(f.code("positioning", without=("presence",)), default="area_of_operations"),
        "sector": Field(f.code("sectors")),
        "status": Field(f.code("presence_status"), default="active"),
        "period_start": Field(f.day),
        "period_end": Field(f.day),
        "activity": Field(f.text(500), hint="What is done there"),
        "source": Field(f.text(500)),
        "reliability": Field(f.grade("ABCDEF"), hint="From A, completely reliable, to F, cannot be judged"),
        "credibility": Field(f.grade("123456"), hint="From 1, confirmed, to 6, cannot be judged"),
        "disputed": Field(f.truth, default=False),
        "handling": HANDLING,
    },
)  # fmt: skip


def reshape_area(connection: Connection, area_id: int, shape: Mapping[str, Any] | bytes, version: int) -> int:
    """Give an area of operation a new shape (GeoJSON geometry or WKB, EPSG:4326) and change nothing else; its new version.

    Raises NotFound, Refused (with what is wrong with the shape) and PreconditionFailed (with the row as it is now).
    """
    return change(connection, AREAS, area_id, shape, {}, version)
