"""What the map asks for: its panel, its labels, what lies under a click, the months beneath it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geoapp import audiences, coordinates, overlay, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import AskedLayer, ReadScope, RecordId, answer, json_bytes, reading, reading_as
from geoapp.draw import nothing
from geoapp.draw import panel as drawn
from geoapp.draw.versions import kept
from layers import STACK, get

router = APIRouter(prefix="/operations/{operation}", tags=["Map"])
Names = Annotated[str, Query(description="Layer names with commas between", max_length=600)]


@router.get("/panel", summary="The room, the layers, their classes and counts", responses=sends(answers.Panel))
def panel(request: Request, scope: ReadScope) -> Response:
    with reading_as(request, scope) as (connection, rooms):
        return answer(request, json_bytes(drawn.panel(connection, scope, request.app.state.answers, rooms)))


@router.get(
    "/counts", summary="How many records each layer and each of its classes has", responses=sends(answers.Counts)
)
def counts(
    request: Request,
    scope: ReadScope,
    layers: Annotated[
        str | None, Query(description="Layer names with commas between; all without", max_length=600)
    ] = None,
) -> Response:
    """`classes` are in the order of the layer's rules in the panel; `count` is null for what the room is not shown."""
    with reading_as(request, scope) as (connection, rooms):
        found = drawn.counts(connection, scope, layers.split(",") if layers else None, request.app.state.answers, rooms)
    return answer(request, json_bytes({"layers": found}))


@router.get("/labels", summary="One label a feature", responses=sends(answers.Labels))
def labels(request: Request, scope: ReadScope, layer: Names) -> Response:
    named = [each for each in STACK if each.name in layer.split(",")]
    tables = {table for each in named for table in each.reads}
    with reading(request, scope) as connection:
        found = kept(request.app.state.answers, connection, scope, f"labels {[each.name for each in named]}", tables,
                     lambda: json_bytes({"labels": drawn.labels(connection, scope, [each.name for each in named])}))  # fmt: skip
    return answer(request, found)


@router.get("/identify", summary="Every record under a point", responses=sends(answers.Identified))
def identify(
    request: Request,
    scope: ReadScope,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    zoom: Annotated[float, Query(ge=0, le=24, allow_inf_nan=False)] = 10,
    layers: Names = ",".join(layer.name for layer in STACK if layer.on),
) -> Response:
    with reading(request, scope) as connection:
        found = drawn.identify(connection, scope, layers.split(","), lon, lat, zoom)
    return answer(request, json_bytes({"lon": lon, "lat": lat, "features": found}))


@router.get("/told/{layer}/{item}", summary="One record in words", responses=sends(answers.Told))
def told(request: Request, scope: ReadScope, layer: AskedLayer, item: RecordId) -> Response:
    with reading(request, scope) as connection:
        found = drawn.told(connection, scope, layer, item)
    return answer(request, json_bytes(found))


@router.get("/seen-by", summary="Which rooms would see a record, and how", responses=sends(answers.SeenBy))
def seen_by(
    request: Request,
    scope: ReadScope,
    subject: Annotated[str, Query(description="Such as incidents or risk_zones", max_length=40)],
    handling: Annotated[str, Query(max_length=20)] = "AMBER",
) -> Response:
    with reading(request, scope) as connection:
        found = audiences.seen_by(connection, subject, record.said_handling(handling))
    return answer(request, json_bytes({"seen_by": found}))


@router.get("/coordinates", summary="Where the places are that are written, one a line", responses=sends(answers.Spots))
def spots(
    request: Request,
    scope: ReadScope,
    q: Annotated[str, Query(description="MGRS, UTM or latitude, longitude, one a line", max_length=6000)],
) -> Response:
    """A line that is no place has `what` in place of its degrees; empty lines are left out."""
    with reading(request, scope):
        found = [_spot(line) for line in q.splitlines() if line.strip()]
    return answer(request, json_bytes({"spots": found}))


def _spot(line: str) -> dict[str, object]:
    try:
        spot = coordinates.spot(line)
    except ValueError:
        return {"line": line, "what": f"{line.strip()[:40]!r} is no place: write MGRS, or latitude, longitude."}
    return {"line": line, "lon": spot.lon, "lat": spot.lat}


@router.get("/histogram", summary="Incidents by month", responses=sends(answers.Histogram))
def histogram(request: Request, scope: ReadScope) -> Response:
    with reading_as(request, scope) as (connection, rooms):
        room, layer = audiences.pick(rooms, scope), get("incident_counts")

        def months() -> bytes:
            said = nothing.said(connection, layer, scope, room, request.app.state.answers)
            return json_bytes({"bars": overlay.months(connection, scope)} | said)

        found = kept(request.app.state.answers, connection, scope, "months", overlay.MONTHS_READ, months)
    return answer(request, found)
