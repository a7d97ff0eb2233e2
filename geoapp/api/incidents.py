"""Incidents beyond their records: what is going on, beside the months before; which reports are of one event."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import audiences, overlay, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ItemsScope, ReadScope, RecordId, answer, json_bytes, reading, reading_as
from geoapp.api.links import GEOJSON
from geoapp.api.writing import recording, unkept
from geoapp.db import again
from geoapp.draw import features, nothing
from geoapp.draw.hot_spots import hot_spots as found_hot_spots
from layers import get

router = APIRouter(prefix="/operations/{operation}", tags=["Incidents"])


@router.get(
    "/trends", summary="Incidents by district and type, beside the months before", responses=sends(answers.Trends)
)
def trends(
    request: Request,
    scope: ReadScope,
    until: Annotated[
        str | None, Query(description="The last month, such as 2026-10", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    ] = None,
    months: Annotated[int, Query(ge=1, le=overlay.MAX_MONTHS)] = 3,
) -> Response:
    """As known now or `as_of` a day; `withheld` and `unknown` say what the figures lack and why there are none."""
    with reading_as(request, scope) as (connection, rooms):
        found = overlay.trends(connection, overlay.span_asked(connection, until, months, scope), scope)
        found |= nothing.said(connection, get("incident_counts"), scope, audiences.pick(rooms, scope))
    return answer(request, json_bytes(found))


@router.get(
    "/hot-spots",
    summary="Where incidents gather, and how many do and form no hot spot",
    responses=sends(answers.HotSpots, media=GEOJSON),
)
def hot_spots(request: Request, scope: ItemsScope) -> Response:
    """The items of `hot_spots`; `scattered` counts what lies as close together and is too little to be one."""
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        found, places, incidents = found_hot_spots(connection, scope, room.hidden(get("hot_spots")))
        said = nothing.said(connection, get("hot_spots"), scope, room)
    return answer(
        request, features.collection(found, scattered={"places": places, "incidents": incidents}, **said), GEOJSON
    )


class Pair(BaseModel):
    """Two incidents."""

    model_config = ConfigDict(extra="forbid")
    one: Annotated[int, Field(ge=1, lt=2**63)]
    other: Annotated[int, Field(ge=1, lt=2**63)]


@router.post("/incidents/links", summary="Two incidents are reports of one event", responses=sends(answers.Linked))
@again
def link(request: Request, scope: ReadScope, pair: Pair) -> Response:
    """Both are kept; one is counted and drawn: the one that most rooms may see."""
    with recording(request, scope) as connection:
        counted = record.link(connection, pair.one, pair.other)
    return unkept({"counted": counted})


@router.delete("/incidents/{incident}/link", summary="A report stands for itself again", status_code=204)
@again
def unlink(request: Request, scope: ReadScope, incident: RecordId) -> Response:
    with recording(request, scope) as connection:
        record.unlink(connection, incident)
    return unkept(status=204)


@router.get(
    "/incidents/{incident}/reports",
    summary="Other reports that may be, or are, of the same event",
    responses=sends(answers.Reports),
)
def reports(request: Request, scope: ReadScope, incident: RecordId) -> Response:
    with reading(request, scope) as connection:
        found = overlay.reports(connection, incident, scope)
    return unkept({"reports": found})
