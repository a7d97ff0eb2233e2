"""What every request passes: nothing is changed for another site's page, no error leaves as a trace, each answer has its
headers and its line in the log.

Written for ASGI itself: a kept tile costs less than the tasks and queues that a middleware of requests and responses needs.
"""

import asyncio
import logging
import secrets
import time
from typing import Any

import structlog
from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoapp.api.dependencies import WRITTEN, json_bytes
from geoapp.api.gate import Gate
from geoapp.errors import Forbidden, GeoappError, Unavailable
from geoapp.observe import metrics
from geoapp.servers import NEVER_LSN, Servers

PROBLEM = "application/problem+json"
READS = ("GET", "HEAD", "OPTIONS")
_log = logging.getLogger("geoapp.request")


class Guard:
    """The innermost middleware: what it calls is the application with its doors."""

    def __init__(self, app: ASGIApp, gate: Gate, servers: Servers) -> None:
        self._app, self._gate, self._servers = app, gate, servers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})
        state["nonce"], state["id"] = secrets.token_urlsafe(16), secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=state["id"])
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                await self._add_headers(scope, message)
            await send(message)

        async def answer(response: Response) -> None:
            await response(scope, receive, with_headers)

        try:
            if scope["method"] not in READS and _foreign(Headers(scope=scope)):
                raise Forbidden("A page of another site may change nothing here.")
            async with self._gate.place(scope["path"]):
                await self._app(scope, receive, with_headers)
        except GeoappError as error:
            if status:
                raise
            await answer(problem(error))
        except Exception as error:
            if status:
                raise
            await answer(_unforeseen(state["id"], error))
        finally:
            _tell(scope, status or 499, time.perf_counter() - started)

    async def _add_headers(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if scope["method"] not in READS and message["status"] < 400 and self._servers.replicas:
            await self._remember(headers)
        headers["X-Request-Id"] = scope["state"]["id"]
        headers.setdefault("Content-Security-Policy", policy(scope["state"]["nonce"]))
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"  # with none, a form that is sent names no origin
        headers["Cross-Origin-Resource-Policy"] = "same-origin"

    async def _remember(self, headers: MutableHeaders) -> None:
        """Tell the asker how far the database was after this change: a replica that answers next has to be there."""
        try:
            place = await asyncio.to_thread(self._servers.written)
        except Unavailable:
            place = NEVER_LSN
        headers[WRITTEN] = place
        cookie = Response()
        cookie.set_cookie(WRITTEN, place, max_age=600, httponly=True, samesite="strict")
        headers.append("set-cookie", cookie.headers["set-cookie"])


def _foreign(headers: Headers) -> bool:
    """Whether a page of another site asks."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.split("//")[-1] != headers.get("host")


def policy(nonce: str) -> str:
    """The Content-Security-Policy: nothing from elsewhere, no script that this page did not bring itself."""
    return (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        f"script-src 'self' 'nonce-{nonce}'; worker-src 'self' blob:; connect-src 'self'; font-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def problem(error: GeoappError) -> Response:
    """An error as Problem Details."""
    return Response(json_bytes(error.problem()), error.status, media_type=PROBLEM, headers=error.headers)


def _unforeseen(reference: str, error: Exception) -> Response:
    """What nobody thought of: a number to quote, no trace to the asker."""
    _log.error("unforeseen", exc_info=error, extra={"told": {"reference": reference}})
    return problem(GeoappError("Something went wrong here.", hint=f"Quote reference {reference}.", reference=reference))


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """One line: by which route, for which room, how long, how many rows; nothing that somebody wrote."""
    route = getattr(scope.get("route"), "path", "other")
    metrics.answered(route, status, seconds)
    told: dict[str, Any] = {
        "method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1),
    }  # fmt: skip
    if 0 < status < 400:  # only then are they names of an operation and a room, not just anything
        operation = scope.get("path_params", {}).get("operation")
        told |= {
            "operation": operation,
            "room": Request(scope).query_params.get("audience", "internal") if operation else None,
        }
    if (rows := scope["state"].get("rows")) is not None:
        told["rows"] = rows
    _log.info("request", extra={"told": told})
