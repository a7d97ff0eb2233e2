"""How the layers are drawn, for programs that draw vector tiles themselves: a MapLibre style (OGC API Styles)."""

from typing import Any

from fastapi import APIRouter, Request, Response

from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, json_bytes, reading_as
from geoapp.api.links import link, looked, of_operation
from geoapp.api.tiles import AskedLayers, attribution
from geoapp.draw import maplibre, panel
from geoapp.draw.versions import look

router = APIRouter(prefix="/operations/{operation}/styles", tags=["Tiles"])
MAPBOX = "application/vnd.mapbox.style+json"
TITLE = "Every layer as on the map"


@router.get("", summary="The styles of the layers' tiles", responses=sends(answers.Styles))
def styles(request: Request, scope: ReadScope) -> Response:
    here, same = f"{of_operation(request, scope)}/styles", looked(request)
    with reading_as(request, scope):
        one = link("stylesheet", f"{here}/map{same}", MAPBOX, TITLE)
    body: dict[str, Any] = {
        "links": [link("self", f"{here}{same}")], "default": "map", "styles": [{"id": "map", "title": TITLE, "links": [one]}],
    }  # fmt: skip
    return answer(request, json_bytes(body))


@router.get("/map", summary="A MapLibre style of the layers", responses=sends(answers.MapStyle, media=MAPBOX))
def map_style(request: Request, scope: ReadScope, layers: AskedLayers) -> Response:
    """Asks for one tile for all layers; as many as are named by `collections`."""
    with reading_as(request, scope) as (connection, rooms):
        about, bounds = look(connection, scope).operation, panel.extent(connection, scope)
        said = attribution(request, connection, scope, rooms, layers)
    names = {"collections": request.query_params["collections"]} if "collections" in request.query_params else {}
    tiles = f"{of_operation(request, scope)}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}{looked(request, **names)}"
    title = f"{about.title}{' (EXERCISE)' if about.exercise else ''}"
    warnings = " ".join(dict.fromkeys(layer.warning for layer in layers if layer.warning))
    body = maplibre.style(title, layers, tiles, bounds, said | ({"warning": warnings} if warnings else {}))
    return answer(request, json_bytes(body), MAPBOX)
