"""The pages that people open, and the documentation, without any other site."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from geoapp import audiences, ingest, record
from geoapp.api import openapi30
from geoapp.api.dependencies import ReadScope, answer, engine, json_bytes, reading_as
from geoapp.api.imports import MAX_UPLOAD
from geoapp.db import transaction
from geoapp.draw import page
from geoapp.draw.panel import frame
from geoapp.errors import BadRequest
from geoapp.scope import Scope
from web import Page
from web.pages import PAGES, WITH_ACCOUNTS

router = APIRouter(tags=["Pages"], default_response_class=HTMLResponse)
with_accounts = APIRouter(tags=["Pages"], default_response_class=HTMLResponse)
"""The pages that there are only where people sign in."""


def _in_a_room(request: Request, scope: Scope) -> Response:
    """The same page in the first room that who asks may enter, where its address names none. Raises BadRequest as the page did."""
    with transaction(engine(request), scope.context()) as connection:
        rooms = audiences.rooms(connection)
        if "audience" in request.query_params or not rooms:
            audiences.pick(rooms, scope)
    return RedirectResponse(
        str(request.url.include_query_params(audience=rooms[0].key).replace(scheme="", netloc="")), 303
    )


def _door(declared: Page) -> Callable[..., Response]:
    """The door of one page: what it holds follows from its declaration in `web/pages/`."""

    def door(request: Request, scope: ReadScope) -> Response:
        # what the map is narrowed to is asked by its own requests, which say it where the room is not told
        scope = scope.whole
        try:
            with reading_as(request, scope) as (connection, rooms):
                shown = frame(connection, scope, request.app.state.answers, rooms, extent=declared.map)
        except BadRequest:
            return _in_a_room(request, scope)
        shown |= {"records": record.written(), "max_upload_mb": MAX_UPLOAD // 2**20}
        html = page.render(declared.name, shown, nonce=request.state.nonce, kinds=ingest.titles())
        return HTMLResponse(html, headers={"Cache-Control": "private, no-store"})

    return door


def _open(on: APIRouter, declared: Page) -> None:
    on.add_api_route(
        f"/operations/{{operation}}/{declared.path}",
        _door(declared),
        summary=declared.question,
        name=f"{declared.name}_page",
    )


for each in PAGES:
    _open(router, each)
for each in WITH_ACCOUNTS:
    _open(with_accounts, each)


@router.get("/openapi-3.0.json", include_in_schema=False)
def described(request: Request) -> Response:
    return answer(request, json_bytes(openapi30.openapi30(request.app.openapi())), openapi30.MEDIA)


@router.get("/docs", summary="The documentation of these doors", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>geoapp, the doors</title>"
        "<link rel='stylesheet' href='/static/vendor/swagger-ui.css'></head><body><div id='doors'></div>"
        "<script src='/static/vendor/swagger-ui-bundle.js'></script>"
        f"<script nonce='{request.state.nonce}'>SwaggerUIBundle({{url: '/openapi.json', dom_id: '#doors',"
        " validatorUrl: null}})</script></body></html>".replace("}}", "}")
    )
