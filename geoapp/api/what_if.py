"""What would share ground with shapes that are not recorded: asked, answered, and kept nowhere."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from geoapp import audiences
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ItemsScope, reading_as
from geoapp.api.links import GEOJSON
from geoapp.draw import features, nothing, what_if

router = APIRouter(prefix="/operations/{operation}", tags=["Overlaps"])


class Shapes(BaseModel):
    """Surfaces in CRS84; `period_start` and `period_end` in their properties are days."""

    type: Literal["FeatureCollection"]
    features: Annotated[list[dict[str, Any]], Field(max_length=1000)]


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
