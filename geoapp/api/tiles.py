"""Vector tiles: OGC API Tiles with the WebMercatorQuad grid, kept in memory until a table they read changes."""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import Connection, text

from geoapp.api.dependencies import AskedLayer, ReadScope, answer, base, check, json_bytes, reading
from geoapp.db import transaction
from geoapp.draw import features
from geoapp.draw.tile import packed, tile
from geoapp.scope import Scope
from layers import Layer

router = APIRouter(prefix="/operations/{operation}/collections/{layer}/tiles", tags=["Tiles"])
MVT = "application/vnd.mapbox-vector-tile"
GRID = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
KEPT_BYTES = 128 * 1024 * 1024
Number = Annotated[int, Path(ge=0, le=2**22)]

_VERSION = text("""
    SELECT (SELECT coalesce(sum(c.number), 0) FROM facts.change AS c WHERE c.subject = ANY (:reads)),
        md5(a::text), calc.today()::text
    FROM facts.audience AS a WHERE a.key = :audience
""")


class TileCache:
    """Tiles by what was asked, each with the version of the data and of the audience it was drawn from."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit, self._size, self._lock = limit, 0, Lock()
        self._tiles: OrderedDict[Any, tuple[Any, str, bytes]] = OrderedDict()

    def get(self, key: Any, version: Any) -> tuple[str, bytes] | None:
        """The tag and gzipped bytes, when they were drawn from this version."""
        with self._lock:
            found = self._tiles.get(key)
            if found is None or found[0] != version:
                return None
            self._tiles.move_to_end(key)
            return found[1], found[2]

    def put(self, key: Any, version: Any, tag: str, data: bytes) -> None:
        """Keep a tile, letting the longest unused ones go."""
        with self._lock:
            old = self._tiles.pop(key, None)
            self._size -= len(old[2]) if old else 0
            self._tiles[key] = (version, tag, data)
            self._size += len(data)
            while self._size > self._limit:
                self._size -= len(self._tiles.popitem(last=False)[1][2])


def _version(connection: Connection, layer: Layer, scope: Scope) -> tuple[Any, ...] | None:
    row = connection.execute(_VERSION, {"reads": list(layer.reads), "audience": scope.audience}).one_or_none()
    return None if row is None else tuple(row)


@router.get("/WebMercatorQuad/{z}/{row}/{col}", summary="One vector tile", response_class=Response)
def get_tile(request: Request, scope: ReadScope, layer: AskedLayer, z: Number, row: Number, col: Number) -> Response:
    kept: TileCache = request.app.state.tiles
    key = (scope, layer.name, z, row, col)
    with transaction(request.app.state.engine, scope.context()) as connection:
        version = _version(connection, layer, scope)
        if version is None:
            check(connection, scope)
        found = kept.get(key, version)
        if found is None:
            data = packed(tile(connection, layer, scope, z, col, row))
            found = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"', data
            kept.put(key, version, *found)
    tag, data = found
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(data, media_type=MVT, headers=headers | {"Content-Encoding": "gzip"})
    import gzip

    return Response(gzip.decompress(data), media_type=MVT, headers=headers)


@router.get("", summary="The tilesets of a layer")
def tilesets(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    here = f"{base(request)}/operations/{scope.operation}/collections/{layer.name}/tiles"
    body = {
        "links": [{"rel": "self", "href": here, "type": "application/json"}],
        "tilesets": [
            {
                "title": layer.title, "dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
                "tileMatrixSetURI": GRID,
                "links": [
                    {"rel": "self", "href": f"{here}/WebMercatorQuad", "type": "application/json"},
                    {"rel": "item", "href": f"{here}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
                     "type": MVT, "templated": True},
                ],
            }
        ],
    }  # fmt: skip
    return answer(request, json_bytes(body))


@router.get("/WebMercatorQuad", summary="The one tileset of a layer")
def tileset(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    here = f"{base(request)}/operations/{scope.operation}/collections/{layer.name}/tiles/WebMercatorQuad"
    body = {
        "title": layer.title, "dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": GRID,
        "links": [
            {"rel": "self", "href": here, "type": "application/json"},
            {"rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", "href": GRID},
            {"rel": "item", "href": f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "type": MVT, "templated": True},
        ],
        "layers": [{"id": layer.name, "dataType": "vector", "minTileMatrix": str(layer.zoom[0]),
                    "maxTileMatrix": str(layer.zoom[1])}],
    }  # fmt: skip
    return answer(request, json_bytes(body))


@router.get("/WebMercatorQuad/tilejson.json", summary="TileJSON 3 of a layer", include_in_schema=False)
def tilejson_beside(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    return tilejson(request, scope, layer)


beside = APIRouter(prefix="/operations/{operation}/collections/{layer}", tags=["Tiles"])


@beside.get("/tilejson.json", summary="TileJSON 3 of a layer")
def tilejson(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    with reading(request, scope) as connection:
        extent = features.extent(connection, layer, scope)
    here = f"{base(request)}/operations/{scope.operation}/collections/{layer.name}/tiles/WebMercatorQuad"
    asked = f"?{request.url.query}" if request.url.query else ""
    body = {
        "tilejson": "3.0.0", "name": layer.title, "description": layer.question, "scheme": "xyz",
        "tiles": [f"{here}/{{z}}/{{y}}/{{x}}{asked}"], "minzoom": layer.zoom[0], "maxzoom": layer.zoom[1],
        "bounds": extent or [-180, -85.05, 180, 85.05],
        "vector_layers": [{"id": layer.name, "description": layer.question,
                           "fields": {f.name: f.title for f in layer.fields}}],
    }  # fmt: skip
    return answer(request, json_bytes(body))
