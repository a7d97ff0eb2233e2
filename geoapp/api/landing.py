"""The operation's landing page, the root of its OGC API: as JSON for programs, as a page for people."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from geoapp.api import answers, openapi30
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, base, json_bytes, reading, reading_as
from geoapp.api.links import OGC, link, looked, of_operation
from geoapp.draw import page
from geoapp.draw.panel import frame
from geoapp.operations import Operation, operation
from geoapp.scope import Scope
from web.pages import LANDING

router = APIRouter(prefix="/operations/{operation}", tags=["Features"])
_FEATURES = "http://www.opengis.net/spec/ogcapi-features"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(f"{_FEATURES}-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")),
    f"{_FEATURES}-2/1.0/conf/crs",
    *(f"{_FEATURES}-3/1.0/conf/{name}" for name in ("filter", "features-filter", "queryables", "queryables-query-parameters")),
    *(f"{_CQL2}/{name}" for name in (
        "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
        "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions",
        "property-property",
    )),
    *(f"{_FEATURES}-4/1.0/conf/{name}" for name in ("create-replace-delete", "update", "features", "optimistic-locking-etags")),
    *(f"{_TILES}/{name}" for name in ("core", "tileset", "tilesets-list", "dataset-tilesets", "collections-selection", "mvt")),
]  # fmt: skip
JSON, HTML = "application/json", "text/html"
_OPENAPI = "application/vnd.oai.openapi+json;version=3.1"


@router.get("/conformance", summary="Which parts of the standards hold", responses=sends(answers.Conformance))
def conformance(request: Request, scope: ReadScope) -> Response:
    return answer(request, json_bytes({"conformsTo": CONFORMS}))


def _wants_html(request: Request, form: str | None) -> bool:
    """Whether a page is asked for: by `f`, else by whichever of the two media types the asker names first."""
    if form:
        return form == "html"
    named = [each.split(";")[0].strip() for each in request.headers.get("accept", "").split(",")]
    return HTML in named and (JSON not in named or named.index(HTML) < named.index(JSON))


def _links(request: Request, scope: Scope, *, html: bool) -> list[dict[str, str]]:
    here, same = of_operation(request, scope), looked(request)
    forms = [(JSON, "json", "This page for programs"), (HTML, "html", "This page for people")]
    if html:
        forms.reverse()
    own = [link(rel, f"{here}{looked(request, f=name)}", media, title)
           for rel, (media, name, title) in zip(("self", "alternate"), forms, strict=True)]  # fmt: skip
    return [
        *own,
        link(
            "service-desc",
            f"{base(request)}/openapi-3.0.json",
            openapi30.MEDIA,
            "The description of all doors (OpenAPI 3.0)",
        ),
        link("service-desc", f"{base(request)}/openapi.json", _OPENAPI, "The description of all doors (OpenAPI 3.1)"),
        link("service-doc", f"{base(request)}/docs", HTML, "The documentation of all doors"),
        link("conformance", f"{here}/conformance", title="Which parts of the standards hold"),
        link("data", f"{here}/collections{same}", title="Every layer"),
        link(f"{OGC}/tilesets-vector", f"{here}/tiles{same}", title="Vector tiles of all layers"),
        link(f"{OGC}/styles", f"{here}/styles{same}", title="How they are drawn"),
        link("alternate", f"{here}/map{same}", HTML, "The map"),
    ]


@router.get("/", include_in_schema=False)
@router.get(
    "",
    summary="The operation's landing page",
    responses={200: {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Landing"}}, HTML: {"schema": {"type": "string"}}}}},
)  # fmt: skip
def landing(
    request: Request,
    scope: ReadScope,
    f: Annotated[Literal["json", "html"] | None, Query(description="The form; by the Accept header when it is not said")] = None,
) -> Response:  # fmt: skip
    """As JSON or as a page, whichever is asked for first."""
    html = _wants_html(request, f)
    links = _links(request, scope, html=html)
    if html:
        with reading_as(request, scope) as (connection, rooms):
            shown = frame(connection, scope, request.app.state.answers, rooms, extent=False)
        body = page.render(LANDING.name, shown, nonce=request.state.nonce, links=links)
        return HTMLResponse(body, headers={"Cache-Control": "private, no-store", "Vary": "Accept"})
    with reading(request, scope) as connection:
        found = operation(connection, scope.operation)
    return answer(request, json_bytes(_told(found, links)), headers={"Vary": "Accept"})


def _told(found: Operation, links: list[dict[str, str]]) -> dict[str, Any]:
    exercise = " (EXERCISE: everything is invented)" if found.exercise else ""
    return {
        "title": found.title, "key": found.key, "exercise": found.exercise,
        "description": f"Who operates where, where that overlaps, where it is dangerous{exercise}", "links": links,
    }  # fmt: skip
