"""The doors by which people come in and leave: sign in, sign out, set a password by a one-time link."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from geoapp import accounts, passwords
from geoapp.api.signed_in import cookie_name, session_of
from geoapp.draw import page
from geoapp.errors import BadRequest, GeoappError, TooMany, Unauthorized

router = APIRouter(tags=["Accounts"], default_response_class=HTMLResponse, include_in_schema=False)
NO_STORE = {"Cache-Control": "no-store"}


def _page(request: Request, name: str, status: int = 200, **told: str) -> Response:
    html = (
        page.templates()
        .get_template(name)
        .render(nonce=request.state.nonce, base="", shortest=passwords.SHORTEST, **told)
    )
    return HTMLResponse(html, status, headers=NO_STORE)


def _within(path: str) -> str:
    """An address of this instance to go on to; its start for any other."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def address_of(request: Request) -> str:
    """Where a request came from: as the proxy says that stands in front, where one does."""
    if request.app.state.settings.public_url:
        return request.headers.get("x-forwarded-for", "").split(",")[-1].strip()[:60]
    return request.client.host if request.client else ""


_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def _from_where(request: Request) -> str:
    """From where a session is begun, as its member is told: the address, browser and system as far as they say what they are."""
    agent = request.headers.get("user-agent", "")
    browser, system = (next((name for mark, name in of if mark in agent), "") for of in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, (address_of(request), " on ".join(filter(None, (browser, system))))))


def _secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure)


def forget(request: Request, answer: Response) -> Response:
    """The answer, with which a browser forgets its session."""
    answer.delete_cookie(
        cookie_name(_secure(request)), path="/", secure=_secure(request), httponly=True, samesite="lax"
    )
    return answer


@router.get("/sign-in")
def form(request: Request, to: Annotated[str, Query(alias="next", max_length=2000)] = "/") -> Response:
    """The page on which one signs in."""
    return _page(request, "sign_in.html", next=_within(to), email="", said="")


@router.post("/sign-in")
def sign_in(
    request: Request,
    email: Annotated[str, Form(max_length=320)],
    password: Annotated[str, Form(max_length=1000)],
    to: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Sign in: a new session, and on to where one wanted to go. The page again, saying why not, for what is wrong."""
    state = request.app.state
    try:
        secret = accounts.sign_in(state.engine, state.key, email, password, address_of(request), _from_where(request))
    except (Unauthorized, TooMany) as error:
        return _page(request, "sign_in.html", error.status, next=_within(to), email=email[:320], said=error.line())
    answer = RedirectResponse(_within(to), 303, headers=NO_STORE)
    answer.set_cookie(
        cookie_name(_secure(request)), secret, max_age=int(accounts.LASTS.total_seconds()), path="/",
        secure=_secure(request), httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


@router.post("/sign-out")
def sign_out(request: Request, everywhere: Annotated[bool, Form()] = False) -> Response:
    """End this session, or every session of who asks."""
    accounts.sign_out(request.app.state.engine, session_of(request), everywhere=everywhere)
    return forget(request, RedirectResponse("/sign-in", 303, headers=NO_STORE))


@router.get("/password")
def link(request: Request, link: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The page on which a password is set by a one-time link; that it does not hold is said before one is thought of."""
    found = accounts.who(request.app.state.engine, link, ("link",))
    if found is None:
        said = "This link was used or is too old. Ask whoever runs this instance for another one."
        return _page(request, "password.html", 401, link="", email="", said=said)
    return _page(request, "password.html", link=link, email=found[0], said="")


@router.post("/password")
def set_password(
    request: Request,
    link: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    again: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Set the password, and on to sign in with it."""
    state = request.app.state
    try:
        if password != again:
            raise BadRequest("The two passwords are not the same.")
        accounts.set_password(state.engine, state.key, link, password)
    except GeoappError as error:
        found = accounts.who(state.engine, link, ("link",))
        return _page(request, "password.html", error.status, link=link if found else "", email=found[0] if found else "",
                     said=error.line())  # fmt: skip
    return RedirectResponse("/sign-in", 303, headers=NO_STORE)
