"""The records of a layer, as GeoJSON that GDAL and geopandas read: OGC API Features, by box, days, system and CQL2."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from geoapp import audiences, crs
from geoapp.api import answers
from geoapp.api.collections import systems
from geoapp.api.contract import sends
from geoapp.api.dependencies import SYSTEM, AskedLayer, ItemsScope, RecordId, answer, reading_as
from geoapp.api.links import GEOJSON, OGC, SCHEMA, header, kept, link, looked, of_operation
from geoapp.audiences import Room
from geoapp.crs import CRS84
from geoapp.draw import cql, features, nothing
from geoapp.errors import NotFound
from geoapp.scope import Scope
from layers import Layer

router = APIRouter(prefix="/operations/{operation}/collections/{layer}/items", tags=["Features"])
Named = Annotated[str | None, Query(description=SYSTEM, max_length=200)]


@dataclass(frozen=True)
class _Asked:
    """What a page of items is asked for beyond the scope, as it was written."""

    bbox: str | None
    bbox_crs: str | None
    crs: str | None
    filter: str | None
    filter_lang: str
    filter_crs: str | None
    sortby: str | None
    properties: str | None


async def _asked(
    bbox: Annotated[str | None, Query(max_length=200)] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=200)] = None,
    crs: Annotated[str | None, Query(description=f"{SYSTEM}: that of the answer", max_length=200)] = None,
    filter: Annotated[str | None, Query(description="CQL2 over the fields of `queryables`")] = None,  # noqa: A002
    filter_lang: Annotated[
        Literal["cql2-text", "cql2-json"], Query(alias="filter-lang", description="The form of the filter")
    ] = "cql2-text",
    filter_crs: Annotated[
        str | None, Query(alias="filter-crs", description=f"{SYSTEM}: that of the filter's shapes", max_length=200)
    ] = None,
    sortby: Annotated[
        str | None,
        Query(description="Fields with commas between; `-` before one for the greatest first", max_length=600),
    ] = None,
    properties: Annotated[
        str | None, Query(description="The fields to be told, with commas between; all without", max_length=2000)
    ] = None,
) -> _Asked:
    return _Asked(bbox, bbox_crs, crs, filter, filter_lang, filter_crs, sortby, properties)


NOT_FIELDS = ("operation", "audience", "bbox", "bbox-crs", "crs", "datetime", "as_of", "limit", "offset", "f", "token",
              "without", "filter", "filter-lang", "filter-crs", "sortby", "properties", "only")  # fmt: skip
"""Parameters that are no field of a layer; every other one asks for equal values."""


def _wanted(
    connection: Connection, layer: Layer, scope: Scope, asked: _Asked, room: Room
) -> tuple[Scope, features.Wanted]:
    """The scope with its box in degrees, and what is wanted of the records in it. Raises BadRequest."""
    uris = (asked.bbox_crs, asked.crs, asked.filter_crs)
    known = systems(connection, layer, scope) if any(uri not in (None, CRS84.uri) for uri in uris) else (CRS84,)
    told = features.shown(layer, room.hidden(layer))
    where, binds = ["true"], dict[str, Any]()
    of_box = crs.named(asked.bbox_crs, known)
    within = crs.box(asked.bbox, of_box) if asked.bbox else None
    if within is not None and (of_box != CRS84 or within.geom_type == "MultiPolygon"):
        scope = scope.within(within.bounds)
        where.append("(t.geom IS NULL OR ST_Intersects(t.geom, ST_GeomFromText(:within, 4326)))")
        binds["within"] = within.wkt
    if asked.filter:
        condition, more = cql.condition(asked.filter, asked.filter_lang, told, crs.named(asked.filter_crs, known))
        where.append(condition)
        binds |= more
    return scope, features.Wanted(
        " AND ".join(where) if where[1:] else "true", binds, cql.order(asked.sortby, told), cql.some(asked.properties, told),
        crs.named(asked.crs, known),
    )  # fmt: skip


@router.get("", summary="The records of a layer, as GeoJSON", responses=sends(answers.Items, media=GEOJSON))
def items(
    request: Request,
    scope: ItemsScope,
    layer: AskedLayer,
    asked: Annotated[_Asked, Depends(_asked)],
    limit: Annotated[int, Query(ge=1, description=f"{features.MAX_LIMIT:,} at most")] = features.MAX_LIMIT,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    without: Annotated[
        str, Query(description="Classes of the layer to leave out, with commas between", max_length=600)
    ] = "",
) -> Response:
    """Any field of the layer may be given as a parameter to ask for equal values."""
    limit = min(limit, features.MAX_LIMIT)
    filters = {k: v for k, v in request.query_params.items() if k not in NOT_FIELDS}
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        scope, wanted = _wanted(connection, layer, scope, asked, room)
        found, matched = features.geojson(
            connection, layer, scope, limit=limit, offset=offset, filters=filters, withheld=room.hidden(layer),
            without=[each for each in without.split(",") if each], wanted=wanted, cache=request.app.state.answers,
        )  # fmt: skip
        said = nothing.said(connection, layer, scope, room, request.app.state.answers)
        said |= features.licence(connection, layer, scope, room, request.app.state.answers)
    links = _pages(request, scope, layer, limit, offset, more=offset + len(found) < matched)
    request.state.rows = len(found)
    if layer.warning:
        said["warning"] = layer.warning
    body = features.collection(found, numberMatched=matched, numberReturned=len(found), links=links, **said)
    return answer(request, body, GEOJSON, {"Content-Crs": f"<{wanted.crs.uri}>", **header(links)})


def _pages(
    request: Request, scope: Scope, layer: Layer, limit: int, offset: int, *, more: bool
) -> list[dict[str, str]]:  # fmt: skip
    of = of_operation(request, scope)
    here = f"{of}/collections/{layer.name}"

    def at(rel: str, first: int) -> dict[str, str]:
        return link(rel, f"{here}/items{kept(request, limit=str(limit), offset=str(first))}", GEOJSON)

    links = [
        link("self", f"{here}/items{kept(request, offset=str(offset))}", GEOJSON),
        link("alternate", f"{of}/map{looked(request)}", "text/html", "The map"),
        link("collection", f"{here}{looked(request)}"),
        link(f"{OGC}/queryables", f"{here}/queryables{looked(request)}", SCHEMA),
    ]
    if more:
        links.append(at("next", offset + limit))
    if offset:
        links.append(at("prev", max(0, offset - limit)))
    return links


@router.get("/{item}", summary="One record of a layer", responses=sends(answers.Feature, media=GEOJSON))
def item(
    request: Request,
    scope: ItemsScope,
    layer: AskedLayer,
    item: RecordId,
    crs_: Annotated[str | None, Query(alias="crs", description=SYSTEM, max_length=200)] = None,
) -> Response:
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        known = systems(connection, layer, scope) if crs_ not in (None, CRS84.uri) else (CRS84,)
        of = crs.named(crs_, known)
        try:
            found = features.one(connection, layer, scope, item, room.hidden(layer), of)
        except NotFound as none:
            # by the room's rules alone: the same for a hidden record as for none
            said = nothing.said(connection, layer, scope, room)
            raise NotFound(none.detail, hint=" ".join(said.values())) from None
        said = features.licence(connection, layer, scope, room, request.app.state.answers, item)
    root, same = of_operation(request, scope), looked(request)
    here = f"{root}/collections/{layer.name}"
    links = [
        link("self", f"{here}/items/{item}{kept(request)}", GEOJSON),
        link("alternate", f"{root}/map{looked(request, open=f'{layer.name}/{item}')}", "text/html", "On the map"),
        link("collection", f"{here}{same}"),
    ]
    body = found[:-1] + b"," + orjson.dumps({"links": links} | said)[1:]
    return answer(request, body, GEOJSON, {"Content-Crs": f"<{of.uri}>", **header(links)})
