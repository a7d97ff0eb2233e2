"""The application: every door, one shape of error, and the headers that keep pages to themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from geoapp import __version__, access, audit, db
from geoapp.api import (
    account,
    activity,
    actors,
    audiences,
    changes,
    collections,
    compare,
    export,
    field_copies,
    finding,
    health,
    imports,
    incidents,
    items,
    jobs,
    landing,
    lists,
    map,
    members,
    network,
    overlaps,
    packs,
    pages,
    paper,
    records,
    routes,
    shapes,
    sign_in,
    start,
    styles,
    templates,
    tiles,
    what_if,
    zones,
)
from geoapp.api.browser_files import BrowserFiles
from geoapp.api.contract import Described
from geoapp.api.dependencies import json_bytes
from geoapp.api.gate import Gate
from geoapp.api.guard import PROBLEM, READS, Guard, problem
from geoapp.api.head import HeadAsGet
from geoapp.api.signed_in import SignedIn, to_sign_in, wants_page, who
from geoapp.api.tile_route import TileRoute
from geoapp.draw import page
from geoapp.draw.versions import AnswerCache
from geoapp.errors import BadRequest, Forbidden, GeoappError, Unauthorized
from geoapp.jobs.worker import WorkerThread
from geoapp.observe import statements
from geoapp.servers import Servers
from geoapp.settings import Settings
from web.pages import ACCOUNT, PAGES, WITH_ACCOUNTS

DESCRIPTION = "Who operates where, where that overlaps in space and time, where it is dangerous, and what may be shown."


def create_app(settings: Settings, engine: Engine, *, worker: bool = True) -> FastAPI:
    """The application over one database; with a `worker` it does jobs itself, from the first that it is asked for."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        if app.state.worker:
            await asyncio.to_thread(app.state.worker.end)
        await app.state.servers.close()

    app = Described(
        title="geoapp", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None, lifespan=lifespan
    )
    app.state.settings, app.state.engine = settings, engine
    app.state.key = db.key_of(engine.url)
    app.state.servers = Servers(engine, settings.replicas(), settings.slow_statement_ms)
    for server in (app.state.servers.primary, *app.state.servers.replicas):
        statements.watch(server.engine, settings.slow_statement_ms)
    app.state.worker = WorkerThread(engine.url.render_as_string(hide_password=False)) if worker else None
    app.state.ways, app.state.answers = access.NetworkCache(), AnswerCache()
    for module in (
        health,
        map,
        records,
        actors,
        activity,
        changes,
        zones,
        audiences,
        landing,
        collections,
        items,
        tiles,
        styles,
        templates,
        imports,
        jobs,
        overlaps,
        what_if,
        shapes,
        compare,
        lists,
        incidents,
        network,
        routes,
        export,
        finding,
        paper,
        packs,
        field_copies,
        start,
        pages,
    ):
        # not `include_router`, which builds every route a second time for each application, at the first request: half a second
        app.router.routes.extend(module.router.routes)
    app.router.routes.insert(0, TileRoute())
    app.mount("/static", BrowserFiles(), name="static")
    app.add_exception_handler(GeoappError, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _data)
    if settings.auth == "accounts":
        if db.serves(engine):
            raise ValueError("an engine that serves by itself would let in who is not signed in")
        for module in (sign_in, account, members):
            app.router.routes.extend(module.router.routes)
        app.router.routes.extend(pages.with_accounts.routes)
        app.add_middleware(SignedIn, engine=engine, secure=settings.secure)
    app.add_middleware(Guard, gate=Gate(), servers=app.state.servers)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings))
    app.add_middleware(HeadAsGet)
    return app


def warm() -> None:
    """Read the pages' templates now, which the first who asks for one would wait for."""
    for each in (*PAGES, *WITH_ACCOUNTS, ACCOUNT):
        page.templates().get_template(each.template)


def _hosts(settings: Settings) -> list[str]:
    named = [settings.host, "127.0.0.1", "localhost", "[::1]", "testserver"]
    if settings.public_url:
        named.append(settings.public_url.split("//")[-1].split("/")[0].split(":")[0])
    return named


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoappError)
    if isinstance(error, Unauthorized) and wants_page(request):
        return to_sign_in(request)
    operation = request.path_params.get("operation")
    if isinstance(error, Forbidden) and operation and request.method not in READS:
        asked = db.Context(operation, request.query_params.get("audience", "internal"), member=who())
        door = request.scope["route"].path.partition("{operation}/")[2]
        audit.refused(request.app.state.engine, asked, f"{request.method} {door}")
    return problem(error)


def _unreadable(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = [
        {"where": ".".join(str(part) for part in e["loc"]), "what": e["msg"]} for e in error.errors()[:20]
    ]  # fmt: skip
    first = where[0] if where else {"where": "the request", "what": "cannot be read"}
    return problem(
        BadRequest(f"{first['where']}: {first['what']}.", hint="See /docs for what is expected.", errors=where)
    )


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    titles = {404: "Not found", 405: "Not that way"}
    body = {
        "type": "about:blank", "title": titles.get(error.status_code, "Not possible"), "status": error.status_code,
        "detail": str(error.detail), "hint": "See /docs for what there is.",
    }  # fmt: skip
    return Response(json_bytes(body), error.status_code, media_type=PROBLEM, headers=dict(error.headers or {}))


def _data(request: Request, error: Exception) -> Response:
    """A value that the database cannot read as what the field is."""
    cause: Any = getattr(error, "orig", None)
    words = str(cause).split("\n")[0][:200] if cause else "A value does not fit."
    return problem(BadRequest(f"{words[0].upper()}{words[1:]}.", hint="See /queryables for the kinds of the fields."))
