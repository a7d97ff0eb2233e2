"""Ways from here to there, segment by segment (after OGC API Routes)."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import access, audiences, audit, export
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ExportScope, ReadScope, engine, json_bytes, reading, reading_as
from geoapp.api.export import Suffix
from geoapp.api.network import NETWORK_BUILT
from geoapp.errors import BadRequest

router = APIRouter(prefix="/operations/{operation}", tags=["Routes"])
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
GEOJSON = "application/geo+json"
Ids = Annotated[list[int], Field(max_length=1000)]


class Waypoints(BaseModel):
    """A GeoJSON MultiPoint: from, over, to; longitude first."""

    model_config = _STRICT
    type: Literal["MultiPoint"] = "MultiPoint"
    coordinates: Annotated[list[tuple[float, float]], Field(min_length=2, max_length=access.MAX_POINTS)]


class Forbid(BaseModel):
    """What is not crossed."""

    model_config = _STRICT
    closed: bool = True
    hazards: bool = True
    risk_level: Annotated[int | None, Field(ge=1, le=5, description="Zones of this level and above")] = None
    actors: Ids = []
    roads: Ids = []
    constraint_severity: Annotated[
        int | None, Field(ge=1, le=5, description="Access constraints of this severity and above")
    ] = None
    night: Annotated[bool, Field(description="Not travelled from 18:00 to 06:00 local solar time")] = False


class Weigh(BaseModel):
    """What makes an hour seem longer."""

    model_config = _STRICT
    risk: Annotated[float, Field(ge=0, le=100, description="For each level of the zone")] = 0


class Rules(BaseModel):
    """With what, when, and over what not."""

    model_config = _STRICT
    vehicle_class: Annotated[int, Field(description="UNSDI-T: 1 non-motorised to 6 truck with trailer")] = 4
    departure: datetime | None = None
    season: Annotated[access.Season, Field(description="Whose practicability of the roads counts")] = "now"
    forbid: Forbid = Forbid()
    weigh: Weigh = Weigh()

    def question(self, waypoints: list[tuple[float, float]], alternatives: int = 1) -> access.RouteRequest:
        """The same in the words of the verb."""
        leaves = self.departure or datetime.now(UTC)
        return access.RouteRequest(
            tuple(waypoints), leaves if leaves.tzinfo else leaves.replace(tzinfo=UTC), self.vehicle_class,
            closed=self.forbid.closed, hazards=self.forbid.hazards, risk_level=self.forbid.risk_level,
            actors=tuple(sorted(self.forbid.actors)), roads=tuple(sorted(self.forbid.roads)),
            constraint_severity=self.forbid.constraint_severity, night=not self.forbid.night, season=self.season,
            risk=self.weigh.risk, alternatives=alternatives,
        )  # fmt: skip


class Wanted(Rules):
    """A question for a way."""

    waypoints: Waypoints
    alternatives: Annotated[int, Field(ge=1, le=3)] = 1


class WantedFile(Wanted):
    """A question for a way as a file."""

    way: Annotated[int, Field(ge=1, le=3, description="Which of the ways, from 1")] = 1
    names: Annotated[
        list[Annotated[str, Field(max_length=100)]] | None, Field(description="What the waypoints are called")
    ] = None

    def called(self) -> list[str]:
        """The names of the waypoints; coordinates where none are said. Raises BadRequest for a wrong number of them."""
        points = self.waypoints.coordinates
        if self.names and len(self.names) != len(points):
            raise BadRequest(f"There are {len(points)} waypoints and {len(self.names)} names.")
        return self.names or [f"{lat:.4f}, {lon:.4f}" for lon, lat in points]


class From(Rules):
    """A question for what can be reached."""

    hub: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
    hours: Annotated[float, Field(gt=0, le=access.MAX_HOURS)] = 8
    bands: Annotated[bool, Field(description="With the roads that are reached, by quarters of the hours")] = False


@router.post(
    "/routes",
    summary="Ways between places, with what they cross",
    dependencies=[NETWORK_BUILT],
    responses=sends(answers.Routes, refuses=True),
)
def routes(request: Request, scope: ReadScope, wanted: Wanted) -> Response:
    """`routes` holds a FeatureCollection of segments for each alternative; empty when `blocked` says where and by what."""
    question = wanted.question(wanted.waypoints.coordinates, wanted.alternatives)
    with reading_as(request, scope) as (connection, rooms):
        found = access.ask(connection, request.app.state.ways, question)
    return _answer(found | {"not_weighed": access.not_weighed(audiences.pick(rooms, scope))})


@router.post(
    "/routes/file.{suffix}",
    summary="One way as a file: GPX, KML or GeoJSON",
    dependencies=[NETWORK_BUILT],
    response_class=Response,
    responses=sends(media=tuple(f.media for f in export.FORMATS if f.write_route), refuses=True),
)
def route_file(request: Request, scope: ExportScope, suffix: Suffix, wanted: WantedFile) -> Response:
    """The same question, answered with a file that carries its waypoints and says what it is not."""
    form = export.format_of(f".{suffix}", export.ROUTE_FORMATS)
    question = wanted.question(wanted.waypoints.coordinates, wanted.alternatives)
    with reading_as(request, scope) as (connection, rooms):
        found = access.ask(connection, request.app.state.ways, question)
        found["not_weighed"] = access.not_weighed(audiences.pick(rooms, scope))
        name, data = export.write_route(
            connection, scope, form, found, wanted.way - 1, wanted.called(), wanted.waypoints.coordinates
        )
    audit.left(
        engine(request),
        scope.context(),
        "exported",
        "route",
        suffix.lower(),
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
    )
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=form.media, headers=headers)


@router.post(
    "/reach",
    summary="What can be reached from a hub, and what is cut off",
    dependencies=[NETWORK_BUILT],
    responses=sends(answers.Reach, refuses=True),
)
def reached(request: Request, scope: ReadScope, asked: From) -> Response:
    """Every site and district with its hours (null: cut off), and the pieces of road that hold up most; GeoJSON when asked for."""
    question = asked.question([asked.hub, asked.hub])
    question.check()
    with reading_as(request, scope) as (connection, rooms):
        found = access.reach(connection, request.app.state.ways, asked.hub, asked.hours, question, bands=asked.bands)
    found = {**found, "not_weighed": access.not_weighed(audiences.pick(rooms, scope))}
    if GEOJSON in request.headers.get("accept", ""):
        return _answer(access.as_geojson(found), GEOJSON)
    return _answer(found)


@router.get(
    "/reach",
    summary="The same as GeoJSON, from a hub by its name",
    dependencies=[NETWORK_BUILT],
    responses=sends(answers.FeatureCollection, media=GEOJSON, refuses=True),
)
def reached_from(
    request: Request,
    scope: ReadScope,
    hub: Annotated[str, Query(max_length=100, description="A place, MGRS, or latitude, longitude")],
    hours: Annotated[float, Query(gt=0, le=access.MAX_HOURS)] = 8,
    vehicle_class: int = 4,
    departure: datetime | None = None,
    risk_level: Annotated[int | None, Query(ge=1, le=5)] = None,
) -> Response:
    """Places with `reached` (reached, later, cut off), pieces of road that hold up most, the roads by quarters of the hours."""
    rules = Rules(vehicle_class=vehicle_class, departure=departure, forbid=Forbid(risk_level=risk_level))
    with reading(request, scope) as connection:
        place = access.find(connection, hub)
        spot = (place.lon, place.lat)
        question = rules.question([spot, spot])
        question.check()
        found = access.reach(connection, request.app.state.ways, spot, hours, question, bands=True)
    return _answer(access.as_geojson(found) | {"name": f"Reach of {place.name}"}, GEOJSON)


@router.get("/place", summary="Where a named place is", responses=sends(answers.Place))
def place(request: Request, scope: ReadScope, q: Annotated[str, Query(max_length=100)]) -> Response:
    """Coordinates in any notation, or the name of a site, town or district; 400 with what comes near when there is none."""
    with reading(request, scope) as connection:
        found = access.find(connection, q, scope)
    return _answer(_told(found))


@router.get("/places", summary="Places that may be meant", responses=sends(answers.Places))
def places(request: Request, scope: ReadScope, q: Annotated[str, Query(max_length=100)]) -> Response:
    """What a search box lists while somebody types, the likeliest first."""
    with reading(request, scope) as connection:
        found = access.listed(connection, q, scope)
    return _answer({"places": [_told(each) for each in found]})


def _told(place: access.Place) -> dict[str, Any]:
    return {"name": place.name, "what": place.what, "lon": place.lon, "lat": place.lat, "mgrs": place.mgrs}


def _answer(body: Any, media_type: str = "application/json") -> Response:
    return Response(json_bytes(body), media_type=media_type, headers={"Cache-Control": "no-store"})
