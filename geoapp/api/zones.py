"""Risk zones beyond their records: what is known inside a shape, the steps of a zone's life, suggestions, the matrix."""

from datetime import date
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import audiences, overlay, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, reading, version_of
from geoapp.api.writing import changed, recording, unkept
from geoapp.db import again
from geoapp.observe import event

router = APIRouter(prefix="/operations/{operation}", tags=["Risk zones"])
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class Look(BaseModel):
    """A shape that is being drawn."""

    model_config = _STRICT
    geometry: dict[str, Any]
    handling: str = "AMBER"


class Step(BaseModel):
    """A step of a zone's life, and who takes it."""

    model_config = _STRICT
    step: Annotated[str, Field(max_length=40, description=f"One of {', '.join(record.STEPS)}")]
    by: Annotated[str | None, Field(max_length=200)] = None
    valid_to: date | None = None


class Matrix(BaseModel):
    """Five rows of five levels, likelihood 1 first, impact 1 first."""

    model_config = _STRICT
    version: Annotated[str, Field(min_length=1, max_length=60)]
    levels: Annotated[list[Annotated[list[int], Field(max_length=5)]], Field(max_length=5)]


@router.post(
    "/risk-zones/look",
    summary="What is known inside a shape, what it suggests, and who would see a zone there",
    responses=sends(answers.InsideShape),
)
def look(request: Request, scope: ReadScope, asked: Look) -> Response:
    shape = record.parsed(asked.geometry, "polygon")
    with reading(request, scope) as connection:
        found = overlay.look(connection, shapely.to_wkb(shape), overlay.today(connection))
        found["seen_by"] = audiences.seen_by(connection, "risk_zones", record.said_handling(asked.handling))
    return unkept(found)


@router.get(
    "/risk-zones/{zone}/evidence",
    summary="The incidents ticked as evidence of a zone, as this room sees them",
    responses=sends(answers.Evidence),
)
def evidence(request: Request, scope: ReadScope, zone: RecordId) -> Response:
    with reading(request, scope) as connection:
        return unkept({"incidents": overlay.evidence(connection, zone, scope)})


@router.post(
    "/risk-zones/{zone}/steps", summary="Send for review, publish, end, withdraw …", responses=sends(answers.Changed)
)
@again
def step(
    request: Request,
    scope: ReadScope,
    zone: RecordId,
    asked: Step,
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    version = version_of(if_match)
    with recording(request, scope) as connection:
        new = record.take_step(connection, zone, asked.step, version, by=asked.by, valid_to=asked.valid_to)
    event(asked.step, scope.context(), subject="risk_zone", rows=1)
    return changed(new)


@router.post(
    "/risk-zones/suggestions",
    summary="Suggest a zone for each district whose incidents alone suggest one",
    responses=sends(answers.Suggested),
)
@again
def suggestions(request: Request, scope: ReadScope) -> Response:
    with recording(request, scope) as connection:
        return unkept({"suggested": record.suggest_zones(connection)})


@router.delete(
    "/risk-zones/suggestions",
    summary="Dismiss every suggestion that stands",
    responses=sends(answers.Dismissed),
)
@again
def dismissed(
    request: Request, scope: ReadScope, by: Annotated[str, Query(max_length=200, description="Who dismisses them")]
) -> Response:
    """Each comes back only when the incidents suggest a higher level than now."""
    with recording(request, scope) as connection:
        number = record.dismiss_suggestions(connection, by)
    event("dismiss", scope.context(), subject="risk_zone", rows=number)
    return unkept({"dismissed": number})


@router.get("/risk-matrix", summary="The matrix by which this operation grades", responses=sends(answers.RiskMatrix))
def matrix(request: Request, scope: ReadScope) -> Response:
    with reading(request, scope) as connection:
        found = overlay.matrix(connection)
    return unkept({"version": found.version, "levels": [list(found.levels[i : i + 5]) for i in range(0, 25, 5)]})


@router.put("/risk-matrix", summary="Grade by another matrix from now on", responses=sends(answers.Changed))
@again
def adopt(request: Request, scope: ReadScope, wanted: Matrix) -> Response:
    with recording(request, scope) as connection:
        found = record.adopt_matrix(connection, wanted.version, wanted.levels)
    return unkept({"version": found.version})
