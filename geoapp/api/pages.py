"""The pages that people open, and the documentation, without any other site."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import text

from geoapp.api.dependencies import LOCAL, ReadScope, base, reading
from geoapp.db import Context, transaction
from geoapp.draw import page
from geoapp.draw.panel import panel

router = APIRouter(tags=["Pages"], default_response_class=HTMLResponse)


def _page(request: Request, scope: ReadScope, name: str) -> HTMLResponse:
    with reading(request, scope) as connection:
        shown = panel(connection, scope)
    html = page.render(name, shown, nonce=request.state.nonce, base="")
    return HTMLResponse(html, headers={"Cache-Control": "private, no-store"})


@router.get("/operations/{operation}/map", summary="The map")
def map_page(request: Request, scope: ReadScope) -> HTMLResponse:
    return _page(request, scope, "map")


@router.get("/operations/{operation}/overlaps", summary="The register of overlaps")
def register_page(request: Request, scope: ReadScope) -> HTMLResponse:
    return _page(request, scope, "register")


@router.get("/operations/{operation}/incidents", summary="What is going on: trends and hot spots")
def incidents_page(request: Request, scope: ReadScope) -> HTMLResponse:
    return _page(request, scope, "incidents")


@router.get("/operations/{operation}/routes", summary="Ask for a way, see what it crosses")
def routes_page(request: Request, scope: ReadScope) -> HTMLResponse:
    return _page(request, scope, "routes")


@router.get("/operations/{operation}/import", summary="Import a file, read its report")
def imports_page(request: Request, scope: ReadScope) -> HTMLResponse:
    return _page(request, scope, "imports")


@router.get("/", summary="To the map of the first operation", include_in_schema=False)
def front(request: Request) -> RedirectResponse:
    with transaction(request.app.state.engine, Context("", member=LOCAL)) as connection:
        key = connection.execute(text("SELECT key FROM facts.operation ORDER BY operation_id LIMIT 1")).scalar()
    return RedirectResponse(
        f"{base(request)}/operations/{key}/map" if key else f"{base(request)}/docs", status_code=307
    )


@router.get("/docs", summary="The documentation of these doors", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>geoapp, the doors</title>"
        "<link rel='stylesheet' href='/static/vendor/swagger-ui.css'></head><body><div id='doors'></div>"
        "<script src='/static/vendor/swagger-ui-bundle.js'></script>"
        f"<script nonce='{request.state.nonce}'>SwaggerUIBundle({{url: '/openapi.json', dom_id: '#doors',"
        " validatorUrl: null}})</script></body></html>".replace("}}", "}")
    )
