"""Layers as collections, and by which fields their items are asked: OGC API Features, Parts 1 to 3."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from geoapp import audiences, crs
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import AskedLayer, ItemsScope, answer, json_bytes, reading_as
from geoapp.api.links import GEOJSON, OGC, SCHEMA, kept, link, looked, of_operation
from geoapp.crs import CRS84, WGS84, Crs
from geoapp.draw import features, panel
from geoapp.record import NOUNS
from geoapp.scope import Scope
from layers import STACK, Layer

router = APIRouter(prefix="/operations/{operation}", tags=["Features"])
_KINDS = {"integer": "integer", "number": "number", "boolean": "boolean"}


def systems(connection: Connection, layer: Layer, scope: Scope) -> tuple[Crs, ...]:
    """The systems that a layer is told in; one that shows the whole world in degrees alone."""
    return (CRS84, WGS84) if layer.fixed else crs.systems(panel.extent(connection, scope))


def _described(
    request: Request, scope: Scope, layer: Layer, extent: list[float] | None, known: tuple[Crs, ...]
) -> dict[str, Any]:
    here, same = f"{of_operation(request, scope)}/collections/{layer.name}", looked(request)
    return {
        "id": layer.name, "title": layer.title, "description": layer.question, "itemType": "feature",
        "extent": {"spatial": {"bbox": [extent or [-180, -90, 180, 90]], "crs": CRS84.uri}},
        "crs": [each.uri for each in known], "storageCrs": CRS84.uri,
        "links": [
            link("self", f"{here}{same}"),
            link("items", f"{here}/items{same}", GEOJSON, layer.title),
            link("alternate", f"{of_operation(request, scope)}/map{same}", "text/html", "The map"),
            link(f"{OGC}/queryables", f"{here}/queryables{same}", SCHEMA),
            link(f"{OGC}/tilesets-vector", f"{here}/tiles{same}"),
            *([link(f"{OGC}/schema", f"{here}/schema", SCHEMA)] if layer.name in NOUNS else []),
        ],
    }  # fmt: skip


@router.get("/collections", summary="Every layer", responses=sends(answers.Collections))
def collections(request: Request, scope: ItemsScope) -> Response:
    """Records that are counted in place of being shown are a layer of the rooms that are told any so."""
    with reading_as(request, scope) as (connection, rooms):
        room, where = audiences.pick(rooms, scope), panel.extent(connection, scope)
        described = [
            _described(request, scope, layer, features.extent(connection, layer, scope),
                       (CRS84, WGS84) if layer.fixed else crs.systems(where))
            for layer in STACK if not layer.counting or room.counts
        ]  # fmt: skip
    here = f"{of_operation(request, scope)}/collections"
    links = [link("self", f"{here}{kept(request)}")]
    return answer(request, json_bytes({"links": links, "collections": described}))


@router.get("/collections/{layer}", summary="One layer", responses=sends(answers.Collection))
def collection(request: Request, scope: ItemsScope, layer: AskedLayer) -> Response:
    with reading_as(request, scope) as (connection, _):
        extent, known = features.extent(connection, layer, scope), systems(connection, layer, scope)
    return answer(request, json_bytes(_described(request, scope, layer, extent, known)))


@router.get(
    "/collections/{layer}/queryables",
    summary="The fields that items can be asked by",
    responses=sends(answers.Schema, media=SCHEMA),
)
def queryables(request: Request, scope: ItemsScope, layer: AskedLayer) -> Response:
    """Those that the room is told: what is withheld from it can be asked by nobody in it."""
    with reading_as(request, scope) as (_, rooms):
        told = features.shown(layer, audiences.pick(rooms, scope).hidden(layer))
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{of_operation(request, scope)}/collections/{layer.name}/queryables",
        "type": "object", "title": layer.title, "description": layer.question, "additionalProperties": False,
        "properties": {
            f.name: {"title": f.title, "type": _KINDS.get(f.kind, "string")}
            | ({"format": "date"} if f.kind == "date" else {}) for f in told
        } | {"geometry": {"title": "Shape", "format": "geometry-any", "x-ogc-role": "primary-geometry"}},
    }  # fmt: skip
    return answer(request, json_bytes(body), SCHEMA)
