"""The application: every door, one shape of error, and the headers that keep pages to themselves."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from geoapp import TOP, __version__, access
from geoapp.api import (
    collections,
    export,
    health,
    imports,
    incidents,
    jobs,
    lists,
    map,
    overlaps,
    pages,
    records,
    routes,
    start,
    tiles,
    zones,
)
from geoapp.api.contract import Described
from geoapp.api.dependencies import WRITTEN, json_bytes
from geoapp.api.gate import Gate
from geoapp.api.head import HeadAsGet
from geoapp.api.tile_route import TileRoute
from geoapp.draw.versions import AnswerCache
from geoapp.errors import BadRequest, Forbidden, GeoappError, Unavailable
from geoapp.jobs.worker import WorkerThread
from geoapp.observe import metrics, statements
from geoapp.servers import NEVER_LSN, Servers
from geoapp.settings import Settings

STATIC = TOP / "web" / "static"
_log = logging.getLogger("geoapp.request")
PROBLEM = "application/problem+json"
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
    statements.watch(engine, settings.slow_statement_ms)
    app.state.servers = Servers(engine, settings.replicas())
    app.state.gate = Gate()
    app.state.worker = WorkerThread(engine.url.render_as_string(hide_password=False)) if worker else None
    app.state.ways, app.state.answers = access.NetworkCache(), AnswerCache()
    for module in (
        health,
        map,
        records,
        zones,
        collections,
        tiles,
        imports,
        jobs,
        overlaps,
        lists,
        incidents,
        routes,
        export,
        start,
        pages,
    ):
        app.include_router(module.router)
    app.router.routes.insert(0, TileRoute())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(GeoappError, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _data)
    app.middleware("http")(_guard)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings))
    app.add_middleware(HeadAsGet)
    return app


def _hosts(settings: Settings) -> list[str]:
    named = [settings.host, "127.0.0.1", "localhost", "[::1]", "testserver"]
    if settings.public_url:
        named.append(settings.public_url.split("//")[-1].split("/")[0].split(":")[0])
    return named


def policy(nonce: str) -> str:
    """The Content-Security-Policy: nothing from elsewhere, no script that this page did not bring itself."""
    return (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        f"script-src 'self' 'nonce-{nonce}'; worker-src 'self' blob:; connect-src 'self'; font-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


async def _guard(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse changes that another site's page asks for; add the headers that every answer has; count and tell it."""
    started = time.perf_counter()
    request.state.nonce, request.state.id = secrets.token_urlsafe(16), secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request=request.state.id)
    foreign = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    origin = request.headers.get("origin")
    if origin is not None and origin.split("//")[-1] != request.headers.get("host"):
        foreign = True
    try:
        if foreign and request.method not in ("GET", "HEAD", "OPTIONS"):
            response = problem(Forbidden("A page of another site may change nothing here."))
        else:
            response = await request.app.state.gate.through(request, go_on)
    except GeoappError as error:
        response = problem(error)
    except Exception as error:
        response = _unforeseen(request, error)
    if (
        request.method not in ("GET", "HEAD", "OPTIONS")
        and response.status_code < 400
        and request.app.state.servers.replicas
    ):
        await _remember(request, response)
    response.headers["X-Request-Id"] = request.state.id
    response.headers.setdefault("Content-Security-Policy", policy(request.state.nonce))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.url.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-cache"
    _tell(request, response.status_code, time.perf_counter() - started)
    return response


async def _remember(request: Request, response: Response) -> None:
    """Tell the asker how far the database was after this change: a replica that answers next has to be there."""
    try:
        place = await asyncio.to_thread(request.app.state.servers.written)
    except Unavailable:
        place = NEVER_LSN
    response.headers[WRITTEN] = place
    response.set_cookie(WRITTEN, place, max_age=600, httponly=True, samesite="strict")


def _tell(request: Request, status: int, seconds: float) -> None:
    """One line: by which route, for which room, how long, how many rows; nothing that somebody wrote."""
    route = getattr(request.scope.get("route"), "path", "other")
    metrics.answered(route, status, seconds)
    told: dict[str, Any] = {"method": request.method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    if status < 400:  # only then are they names of an operation and a room, not just anything
        operation = request.path_params.get("operation")
        room = request.query_params.get("audience", "internal") if operation else None
        told |= {"operation": operation, "room": room}
    if (rows := getattr(request.state, "rows", None)) is not None:
        told["rows"] = rows
    _log.info("request", extra={"told": told})


def problem(error: GeoappError) -> Response:
    """An error as Problem Details."""
    return Response(json_bytes(error.problem()), error.status, media_type=PROBLEM, headers=error.headers)


def _ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, GeoappError)
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


def _unforeseen(request: Request, error: Exception) -> Response:
    """What nobody thought of: a number to quote, no trace to the asker."""
    reference = request.state.id
    _log.error("unforeseen", exc_info=error, extra={"told": {"reference": reference}})
    return problem(GeoappError("Something went wrong here.", hint=f"Quote reference {reference}.", reference=reference))
