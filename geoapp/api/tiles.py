"""Vector tiles: OGC API Tiles with the WebMercatorQuad grid, of one layer or of many in one answer."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Connection

from geoapp import audiences
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import AskedLayer, ReadScope, answer, base, json_bytes, readers, reading_as
from geoapp.audiences import Room
from geoapp.draw import features, panel
from geoapp.draw.tile_store import Tile, unpacked
from geoapp.errors import BadRequest, Unavailable
from geoapp.scope import WORLD, Scope
from layers import STACK, Layer

router = APIRouter(prefix="/operations/{operation}", tags=["Tiles"])
MVT = "application/vnd.mapbox-vector-tile"
GRID = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
Number = Annotated[int, Path(ge=0, le=2**22)]


async def _collections(
    collections: Annotated[
        str | None, Query(description="Names of layers, with commas between; all when there are none", max_length=1000)
    ] = None,
) -> tuple[Layer, ...]:
    names = set((collections or "").split(",")) - {""}
    found = tuple(layer for layer in STACK if not names or layer.name in names)
    unknown = names - {layer.name for layer in found}
    if unknown:
        raise BadRequest(
            f"There is no layer {min(unknown)[:60]!r}.", hint=f"One of {', '.join(each.name for each in STACK)}."
        )
    return found


AskedLayers = Annotated[tuple[Layer, ...], Depends(_collections)]
"""The layers that a request names, in drawing order."""


async def _found(request: Request, scope: Scope, layers: Sequence[Layer], z: int, x: int, y: int) -> Tile:
    """The tile by the first server that answers: looked at and drawn by the same one."""
    *replicas, primary = readers(request)
    for server in replicas:
        try:
            return await server.tiles.tile(scope, layers, z, x, y)
        except Unavailable:
            server.missed()
    return await primary.tiles.tile(scope, layers, z, x, y)


async def answered(request: Request, scope: Scope, layers: Sequence[Layer], z: int, x: int, y: int) -> Response:
    """A tile as it is sent, or 304 when the asker has just this one."""
    found = await _found(request, scope.within(WORLD), layers, z, x, y)
    headers = {"ETag": found.tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.data, media_type=MVT, headers=headers | {"Content-Encoding": "gzip"})
    return Response(unpacked(found.data), media_type=MVT, headers=headers)


@router.get("/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}", summary="One vector tile of a layer", response_class=Response, responses=sends(media=MVT))  # fmt: skip
async def layer_tile(request: Request, scope: ReadScope, layer: AskedLayer, z: Number, row: Number, col: Number) -> Response:  # fmt: skip
    return await answered(request, scope, (layer,), z, col, row)


@router.get(
    "/tiles/WebMercatorQuad/{z}/{row}/{col}",
    summary="One vector tile of many layers",
    response_class=Response,
    responses=sends(media=MVT),
)
async def tile(request: Request, scope: ReadScope, layers: AskedLayers, z: Number, row: Number, col: Number) -> Response:  # fmt: skip
    return await answered(request, scope, layers, z, col, row)


def _tileset(here: str, kept: str, title: str, layers: Sequence[Layer]) -> dict[str, Any]:
    return {
        "title": title, "dataType": "vector", "crs": MERCATOR, "tileMatrixSetURI": GRID,
        "links": [
            {"rel": "self", "href": f"{here}{kept}", "type": "application/json"},
            {"rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", "href": GRID},
            {"rel": "item", "href": f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{kept}", "type": MVT, "templated": True},
        ],
        "layers": [{"id": layer.name, "title": layer.title, "dataType": "vector", "minTileMatrix": str(layer.zoom[0]),
                    "maxTileMatrix": str(layer.zoom[1])} for layer in layers],
    }  # fmt: skip


def _tilesets(here: str, kept: str, title: str) -> dict[str, Any]:
    return {
        "links": [{"rel": "self", "href": f"{here}{kept}", "type": "application/json"}],
        "tilesets": [
            {
                "title": title, "dataType": "vector", "crs": MERCATOR, "tileMatrixSetURI": GRID,
                "links": [
                    {"rel": "self", "href": f"{here}/WebMercatorQuad{kept}", "type": "application/json"},
                    {"rel": "item", "href": f"{here}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{kept}",
                     "type": MVT, "templated": True},
                ],
            }
        ],
    }  # fmt: skip


def _tilejson(here: str, kept: str, title: str, layers: Sequence[Layer], bounds: list[float]) -> dict[str, Any]:
    described = {"description": layers[0].question} if len(layers) == 1 else {}
    return {
        "tilejson": "3.0.0", "name": title, **described, "scheme": "xyz", "tiles": [f"{here}/{{z}}/{{y}}/{{x}}{kept}"],
        "minzoom": min(layer.zoom[0] for layer in layers), "maxzoom": max(layer.zoom[1] for layer in layers), "bounds": bounds,
        "vector_layers": [{"id": layer.name, "description": layer.question, "minzoom": layer.zoom[0], "maxzoom": layer.zoom[1],
                           "fields": {f.name: f.title for f in layer.fields}} for layer in layers],
    }  # fmt: skip


def _kept(request: Request) -> str:
    """What was asked, to be asked again by the links of the answer."""
    return f"?{request.url.query}" if request.url.query else ""


def _of(request: Request, scope: Scope, layer: Layer) -> str:
    return f"{base(request)}/operations/{scope.operation}/collections/{layer.name}/tiles"


def attribution(
    request: Request, connection: Connection, scope: Scope, rooms: list[Room], layers: Sequence[Layer]
) -> dict[str, str]:
    """The licence of what is in the tiles and may not be passed on, as TileJSON names it."""
    room = audiences.pick(rooms, scope)
    said = (features.licence(connection, layer, scope, room, request.app.state.answers) for layer in layers)
    return next(({"attribution": each["licence"]} for each in said if each), {})


@router.get("/collections/{layer}/tiles", summary="The tilesets of a layer", responses=sends(answers.Tilesets))
def layer_tilesets(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    return answer(request, json_bytes(_tilesets(_of(request, scope, layer), _kept(request), layer.title)))


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad", summary="The one tileset of a layer", responses=sends(answers.Tileset)
)
def layer_tileset(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    here = f"{_of(request, scope, layer)}/WebMercatorQuad"
    return answer(request, json_bytes(_tileset(here, _kept(request), layer.title, [layer])))


@router.get("/collections/{layer}/tiles/WebMercatorQuad/tilejson.json", summary="TileJSON 3 of a layer", include_in_schema=False, responses=sends(answers.TileJSON))  # fmt: skip
@router.get("/collections/{layer}/tilejson.json", summary="TileJSON 3 of a layer", responses=sends(answers.TileJSON))
def layer_tilejson(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    with reading_as(request, scope) as (connection, rooms):
        extent = features.extent(connection, layer, scope)
        named = attribution(request, connection, scope, rooms, [layer])
    here = f"{_of(request, scope, layer)}/WebMercatorQuad"
    bounds = extent or [-180, -85.05, 180, 85.05]
    return answer(request, json_bytes(_tilejson(here, _kept(request), layer.title, [layer], bounds) | named))


def _all(request: Request, scope: Scope) -> str:
    return f"{base(request)}/operations/{scope.operation}/tiles"


@router.get("/tiles", summary="The tilesets of all layers", responses=sends(answers.Tilesets))
def tilesets(request: Request, scope: ReadScope, layers: AskedLayers) -> Response:
    return answer(request, json_bytes(_tilesets(_all(request, scope), _kept(request), "Every layer")))


@router.get("/tiles/WebMercatorQuad", summary="The one tileset of all layers", responses=sends(answers.Tileset))
def tileset(request: Request, scope: ReadScope, layers: AskedLayers) -> Response:
    here = f"{_all(request, scope)}/WebMercatorQuad"
    return answer(request, json_bytes(_tileset(here, _kept(request), "Every layer", layers)))


@router.get(
    "/tiles/WebMercatorQuad/tilejson.json", summary="TileJSON 3 of all layers", responses=sends(answers.TileJSON)
)
def tilejson(request: Request, scope: ReadScope, layers: AskedLayers) -> Response:
    with reading_as(request, scope) as (connection, rooms):
        bounds = panel.extent(connection, scope)
        named = attribution(request, connection, scope, rooms, layers)
    here = f"{_all(request, scope)}/WebMercatorQuad"
    return answer(request, json_bytes(_tilejson(here, _kept(request), "Every layer", layers, bounds) | named))
