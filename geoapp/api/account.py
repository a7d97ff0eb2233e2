"""One's own account: the page, and the doors by which sessions and tokens are ended, tokens made, the password changed."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from geoapp import accounts, own_account, passwords
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import RecordId, engine
from geoapp.api.sign_in import address_of, forget
from geoapp.api.signed_in import session_of, who
from geoapp.api.writing import NO_STORE, unkept
from geoapp.db import Context
from geoapp.draw import page
from geoapp.observe import event
from web.pages import ACCOUNT

router = APIRouter(prefix="/account", tags=["Accounts"])

Number = Annotated[RecordId, Path(alias="number")]


class WantedToken(BaseModel):
    """A token for a program."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=120, description="What it is for")]
    days: Annotated[int, Field(ge=1, le=own_account.LONGEST_TOKEN.days, description="How long it holds")] = 90
    operation: Annotated[
        str | None, Field(max_length=63, description="The operation it is kept to; all of one's own without")
    ] = None
    room: Annotated[str | None, Field(max_length=40, description="The room it is kept to; it reads then")] = None
    reads: Annotated[bool, Field(description="Whether it records nothing, whatever one's role does")] = True


class WantedPassword(BaseModel):
    """Another password, and the present one."""

    model_config = ConfigDict(extra="forbid")
    present: Annotated[str, Field(max_length=1000)]
    password: Annotated[str, Field(max_length=1000)]


def _told(what: str) -> None:
    event(what, Context("", member=who()), subject="account", rows=1)


@router.get("", summary="One's own account, as a page", response_class=HTMLResponse)
def shown(request: Request) -> HTMLResponse:
    html = page.account(ACCOUNT, nonce=request.state.nonce, shortest=passwords.SHORTEST)
    return HTMLResponse(html, headers=NO_STORE)


@router.get("/state", summary="One's own sessions, tokens and operations", responses=sends(answers.OwnAccount))
def state(request: Request) -> Response:
    """For who has signed in; a token is told of none."""
    return unkept(asdict(own_account.account(engine(request), session_of(request))))


@router.delete("/sessions", summary="Sign out everywhere", status_code=204)
def sign_out_everywhere(request: Request) -> Response:
    """Every session ends, this one too; tokens stay."""
    accounts.sign_out(engine(request), session_of(request), everywhere=True)
    _told("sign out everywhere")
    return forget(request, unkept(status=204))


@router.delete("/sessions/{number}", summary="End a session", status_code=204)
def end_session(request: Request, number: Number) -> Response:
    own_account.end(engine(request), session_of(request), "session", number)
    _told("end session")
    return unkept(status=204)


@router.post("/tokens", summary="Make a token", status_code=201, responses=sends(answers.MadeToken, status=201))
def make_token(request: Request, wanted: WantedToken) -> Response:
    """It is told once."""
    number, token = own_account.make_token(
        engine(request), session_of(request), wanted.name, timedelta(days=wanted.days), wanted.operation, wanted.room,
        reads=wanted.reads,
    )  # fmt: skip
    _told("make token")
    return unkept({"id": number, "token": token}, 201)


@router.delete("/tokens/{number}", summary="Revoke a token", status_code=204)
def revoke(request: Request, number: Number) -> Response:
    """Its next request is not answered, nor a tile that is kept."""
    own_account.end(engine(request), session_of(request), "token", number)
    _told("revoke token")
    return unkept(status=204)


@router.put("/password", summary="Change one's password", status_code=204)
def change_password(request: Request, wanted: WantedPassword) -> Response:
    """Every other session ends; tokens stay."""
    own_account.change_password(
        engine(request), request.app.state.key, session_of(request), wanted.present, wanted.password,
        address_of(request),
    )  # fmt: skip
    _told("change password")
    return unkept(status=204)
