"""What would follow from shapes that are not recorded: asked, answered, and kept nowhere."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from geoapp import audiences, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ItemsScope, ReadScope, engine, now_only, reading_as
from geoapp.api.links import GEOJSON
from geoapp.api.writing import unkept
from geoapp.draw import features, nothing, what_if
from geoapp.draw.beneath import around

router = APIRouter(prefix="/operations/{operation}", tags=["Overlaps"])


class Shapes(BaseModel):
    """Surfaces in CRS84; `period_start` and `period_end` in their properties are days."""

    type: Literal["FeatureCollection"]
    features: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class PlannedArea(BaseModel):
    """An area of operation that is being drawn: its shape in CRS84, the actor by name or acronym, its days; the `id` of the
    area that it is a change of."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    geometry: dict[str, Any]
    actor: Annotated[str | None, Field(max_length=300)] = None
    period_start: date | None = None
    period_end: date | None = None
    id: Annotated[int | None, Field(ge=1, lt=2**63)] = None


@router.post(
    "/what-if",
    summary="What would follow if an area of operation were written like this; nothing is recorded",
    responses=sends(answers.WhatIf),
)
def planned_area(request: Request, scope: ReadScope, area: PlannedArea) -> Response:
    """Overlaps as they would be recorded, by the code that records them, and what lies beneath; in a room that records."""
    now_only(scope)
    planned = record.Planned(**area.model_dump())

    def look(connection: Connection, id_: int | None, shape: Any) -> dict[str, Any]:
        shared, beneath = around(connection, scope, id_, shape, (planned.period_start, planned.period_end))
        return {"overlaps": shared, "beneath": beneath}

    return unkept(record.what_if(engine(request), scope.context(), planned, look))


@router.post(
    "/overlaps-of",
    summary="What would share ground with shapes of yours; nothing is recorded",
    responses=sends(answers.FeatureCollection, media=GEOJSON),
)
def overlaps_of(request: Request, scope: ItemsScope, shapes: Shapes) -> Response:
    """Of what the room is told, as it is told."""
    asked = what_if.shapes(shapes.features)
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        found = what_if.overlaps_of(connection, scope, asked)
        said = [nothing.said(connection, layer, scope, room).get("withheld") for layer in what_if.AGAINST]
    withheld = " ".join(dict.fromkeys(each for each in said if each))
    body = features.collection(found, **({"withheld": withheld} if withheld else {}))
    return Response(body, media_type=GEOJSON, headers={"Cache-Control": "no-store"})
