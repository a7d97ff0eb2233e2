"""Layers as collections: OGC API Features (Core, GeoJSON), readable by GDAL and geopandas."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from geoapp import audiences
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import (
    AskedLayer,
    ExportScope,
    ReadScope,
    RecordId,
    answer,
    base,
    json_bytes,
    reading,
    reading_as,
)
from geoapp.draw import features, nothing
from geoapp.errors import NotFound
from geoapp.operations import operation
from geoapp.record import NOUNS
from geoapp.scope import Scope
from layers import STACK, Layer

router = APIRouter(prefix="/operations/{operation}", tags=["Features"])
GEOJSON = "application/geo+json"
CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/collections-selection",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
ASKED = ("operation", "audience", "bbox", "datetime", "as_of", "limit", "offset", "f", "token", "without", "only")


def _link(rel: str, href: str, type_: str = "application/json", title: str = "") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": type_} | ({"title": title} if title else {})


@router.get("/conformance", summary="Which parts of the standards hold", responses=sends(answers.Conformance))
def conformance(request: Request, scope: ReadScope) -> Response:
    return answer(request, json_bytes({"conformsTo": CONFORMS}))


def _described(request: Request, scope: Scope, layer: Layer, extent: list[float] | None) -> dict[str, Any]:
    here = f"{base(request)}/operations/{scope.operation}/collections/{layer.name}"
    kept = _kept(request)
    return {
        "id": layer.name, "title": layer.title, "description": layer.question, "itemType": "feature",
        "extent": {"spatial": {"bbox": [extent or [-180, -90, 180, 90]], "crs": CRS84}},
        "crs": [CRS84],
        "links": [
            _link("self", f"{here}{kept}"),
            _link("items", f"{here}/items{kept}", GEOJSON, layer.title),
            _link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{here}/queryables", "application/schema+json"),
            _link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", f"{here}/tiles{kept}"),
            *([_link("http://www.opengis.net/def/rel/ogc/1.0/schema", f"{here}/schema", "application/schema+json")]
              if layer.name in NOUNS else []),
        ],
    }  # fmt: skip


def _kept(request: Request, **changed: str) -> str:
    """The query to carry on in links: the room and the time, and what is changed."""
    kept = {k: v for k, v in request.query_params.items() if k not in ("offset", "f")} | changed
    return f"?{urlencode(kept)}" if kept else ""


@router.get("/collections", summary="Every layer", responses=sends(answers.Collections))
def collections(request: Request, scope: ExportScope) -> Response:
    with reading(request, scope) as connection:
        described = [_described(request, scope, layer, features.extent(connection, layer, scope)) for layer in STACK]
    here = f"{base(request)}/operations/{scope.operation}/collections"
    return answer(request, json_bytes({"links": [_link("self", here)], "collections": described}))


@router.get("/collections/{layer}", summary="One layer", responses=sends(answers.Collection))
def collection(request: Request, scope: ExportScope, layer: AskedLayer) -> Response:
    with reading(request, scope) as connection:
        extent = features.extent(connection, layer, scope)
    return answer(request, json_bytes(_described(request, scope, layer, extent)))


@router.get(
    "/collections/{layer}/queryables",
    summary="The fields that items can be asked by",
    responses=sends(answers.Schema, media="application/schema+json"),
)
def queryables(request: Request, scope: ReadScope, layer: AskedLayer) -> Response:
    kinds = {"integer": "integer", "number": "number", "boolean": "boolean"}
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base(request)}/operations/{scope.operation}/collections/{layer.name}/queryables",
        "type": "object", "title": layer.title, "description": layer.question, "additionalProperties": False,
        "properties": {
            f.name: {"title": f.title, "type": kinds.get(f.kind, "string")}
            | ({"format": "date"} if f.kind == "date" else {}) for f in layer.fields
        },
    }  # fmt: skip
    return answer(request, json_bytes(body), "application/schema+json")


@router.get(
    "/collections/{layer}/items",
    summary="The records of a layer, as GeoJSON",
    responses=sends(answers.Items, media="application/geo+json"),
)
def items(
    request: Request,
    scope: ExportScope,
    layer: AskedLayer,
    limit: Annotated[int, Query(ge=1, description=f"{features.MAX_LIMIT:,} at most")] = features.MAX_LIMIT,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    without: Annotated[
        str, Query(description="Classes of the layer to leave out, with commas between", max_length=600)
    ] = "",
) -> Response:
    """Any field of the layer may be given as a parameter to ask for equal values."""
    limit = min(limit, features.MAX_LIMIT)
    filters = {k: v for k, v in request.query_params.items() if k not in ASKED}
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        found, matched = features.geojson(
            connection, layer, scope, limit=limit, offset=offset, filters=filters, withheld=room.withheld_fields,
            without=[each for each in without.split(",") if each], cache=request.app.state.answers,
        )  # fmt: skip
        said = nothing.said(connection, layer, scope, room, request.app.state.answers)
    here = f"{base(request)}/operations/{scope.operation}/collections/{layer.name}"
    links = [
        _link("self", f"{here}/items{_kept(request, offset=str(offset))}", GEOJSON),
        _link("collection", f"{here}{_kept(request)}"),
    ]
    if offset + len(found) < matched:
        links.append(
            _link("next", f"{here}/items{_kept(request, limit=str(limit), offset=str(offset + limit))}", GEOJSON)
        )
    if offset:
        links.append(
            _link(
                "prev", f"{here}/items{_kept(request, limit=str(limit), offset=str(max(0, offset - limit)))}", GEOJSON
            )
        )
    request.state.rows = len(found)
    if layer.warning:
        said["warning"] = layer.warning
    body = features.collection(found, numberMatched=matched, numberReturned=len(found), links=links, **said)
    return answer(request, body, GEOJSON, {"Content-Crs": f"<{CRS84}>"})


@router.get(
    "/collections/{layer}/items/{item}",
    summary="One record of a layer",
    responses=sends(answers.Feature, media="application/geo+json"),
)
def item(request: Request, scope: ExportScope, layer: AskedLayer, item: RecordId) -> Response:
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        try:
            found = features.one(connection, layer, scope, item, room.withheld_fields)
        except NotFound as none:
            # by the room's rules alone: the same for a hidden record as for none
            said = nothing.said(connection, layer, scope, room)
            raise NotFound(none.detail, hint=" ".join(said.values())) from None
    return answer(request, found, GEOJSON, {"Content-Crs": f"<{CRS84}>"})


@router.get("", summary="The operation's landing page", responses=sends(answers.Landing))
def landing(request: Request, scope: ReadScope) -> Response:
    """A browser is shown the map, everybody else the links."""
    with reading(request, scope) as connection:
        found = operation(connection, scope.operation)
    here = f"{base(request)}/operations/{scope.operation}"
    if request.headers.get("accept", "").startswith("text/html") and request.query_params.get("f") != "json":
        return RedirectResponse(f"{here}/map{_kept(request)}", 303, headers={"Vary": "Accept"})
    body = {
        "title": found.title, "key": found.key, "exercise": found.exercise,
        "description": "Who operates where, where that overlaps, where it is dangerous"
        + (" (EXERCISE: everything is invented)" if found.exercise else ""),
        "links": [
            _link("self", here), _link("service-desc", f"{base(request)}/openapi.json",
                                       "application/vnd.oai.openapi+json;version=3.1"),
            _link("service-doc", f"{base(request)}/docs", "text/html"), _link("conformance", f"{here}/conformance"),
            _link("data", f"{here}/collections"),
            _link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", f"{here}/tiles"), _link("alternate", f"{here}/map", "text/html", "The map"),
        ],
    }  # fmt: skip
    return answer(request, json_bytes(body), headers={"Vary": "Accept"})
