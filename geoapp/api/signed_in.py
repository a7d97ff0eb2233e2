"""Who asks? The member whose session or token a request brings; without one it is shown where to sign in.

The secret is put where every question to the database finds it (`db.SECRET`); whether it holds, and what may be shown for it, is
decided there, anew for each request.
"""

import asyncio
import base64
import binascii
import hashlib
import time
from collections import OrderedDict
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from geoapp import accounts, db
from geoapp.draw import page
from geoapp.errors import Unauthorized

OPEN = ("/sign-in", "/password", "/healthz", "/readyz")
"""What is answered to whoever asks; and the browser's files."""
COOKIE = "geoapp_session"
SEEN_EVERY_S = 60.0
LOCAL = "local"
"""Who asks where there are no accounts: whoever sits at this machine."""


def who() -> str:
    """Under which name answers are kept for who asks: that of the machine, or a mark of the secret, which is no name of anybody."""
    secret = db.SECRET.get()
    return hashlib.sha256(secret.encode()).hexdigest()[:16] if secret else LOCAL


def cookie_name(secure: bool) -> str:
    """The session's cookie; over HTTPS with the prefix that only this host can set."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def secret_of(request: Request, *, secure: bool) -> str:
    """The secret that a request brings: in its cookie, as a bearer's token, or as the password of basic authentication, whatever the
    name before it. Empty for none."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return request.cookies.get(cookie_name(secure), "")


def session_of(request: Request) -> str:
    """The secret that a request brings to an instance with accounts."""
    return secret_of(request, secure=bool(request.app.state.settings.secure))


def wants_page(request: Request) -> bool:
    """Whether somebody opens a page, rather than a script or a program asking for data."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def to_sign_in(request: Request) -> Response:
    """The way to the page on which one signs in, and from there back."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(asked, safe='')}", 303, headers={"Cache-Control": "no-store"})


class SignedIn:
    """The middleware of an instance with accounts."""

    def __init__(self, app: ASGIApp, engine: Engine, *, secure: bool) -> None:
        self._app, self._engine, self._secure = app, engine, secure
        self._seen: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it. Raises Unauthorized for a program that brings no secret, or one that does not hold."""
        if scope["type"] != "http" or scope["path"] in OPEN or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        secret = secret_of(request, secure=self._secure)
        # doors of an operation ask the database themselves whether it still holds; others, such as `/docs`, ask nothing
        within = scope["path"].startswith("/operations/")
        name = await self._name(secret, SEEN_EVERY_S if within else 0.0) if secret.startswith("member.") else None
        if name is None:
            if not wants_page(request):
                raise Unauthorized(
                    "Nobody is signed in here.", hint="Sign in, or send a token: Authorization: Bearer …"
                )
            await to_sign_in(request)(scope, receive, send)
            return
        with db.asking(secret), page.signed_in(name):
            await self._app(scope, receive, send)

    async def _name(self, secret: str, within: float) -> str | None:
        """Whose it was when that was last asked, at most so many seconds ago, which keeps a session from being idle; None for
        nobody's. What an operation shows for it is asked of the database in any case, which knows at once when it ended."""
        mark = hashlib.sha256(secret.encode()).hexdigest()
        now = time.monotonic()
        at, name = self._seen.get(mark, (-SEEN_EVERY_S, ""))
        if now - at < within:
            return name
        found = await asyncio.to_thread(accounts.who, self._engine, secret)
        if found is None:
            return None
        self._seen[mark] = now, found[1] or found[0]
        self._seen.move_to_end(mark)
        while len(self._seen) > 10_000:
            self._seen.popitem(last=False)
        return self._seen[mark][1]
