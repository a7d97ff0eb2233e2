"""The start page: the operations that the asker may know of, and the state of each in the room that is asked for."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from geoapp import audiences, operations, overlay
from geoapp.api.dependencies import engine
from geoapp.api.signed_in import LOCAL, who
from geoapp.db import Context, transaction
from geoapp.draw import start
from geoapp.draw.start import State
from geoapp.draw.versions import AnswerCache, look
from geoapp.operations import Operation
from geoapp.overlay import OVERVIEW_TABLES
from geoapp.scope import Scope

router = APIRouter(tags=["Pages"], default_response_class=HTMLResponse)


@router.get("/", summary="The operations: what is new, how old their data are, what is due", name="start_page")
def start_page(
    request: Request,
    audience: Annotated[str | None, Query(description="Who is in the room", max_length=40)] = None,
    operation: Annotated[str | None, Query(description="The operation that is told at length", max_length=63)] = None,
    since: Annotated[date | None, Query(description="From which day on something is new")] = None,
) -> HTMLResponse:
    """Few statements an operation, and none for counts while nothing has changed in it."""
    cache = request.app.state.answers
    with transaction(engine(request), Context("", member=who())) as connection:
        found = operations.operations(connection)
    if audience is None:
        audience = "internal" if who() == LOCAL else _first_room(engine(request), found)
    states = [_state(engine(request), cache, each, audience, since) for each in found]
    html = start.render(states, audience, operation, nonce=request.state.nonce)
    return HTMLResponse(html, headers={"Cache-Control": "private, no-store"})


def _first_room(made: Engine, found: list[Operation]) -> str:
    """The room in which the operations are told where none was asked for: the first that who asks may enter in the first of them."""
    for each in found[:1]:
        with transaction(made, Scope(each.key, member=who()).context()) as connection:
            for room in audiences.rooms(connection)[:1]:
                return room.key
    return "internal"


def _state(made: Engine, cache: AnswerCache, of: Operation, audience: str, since: date | None) -> State:
    scope = Scope(of.key, audience, member=who())
    with transaction(made, scope.context()) as connection:
        rooms = audiences.rooms(connection)
        room = next((each for each in rooms if each.key == audience), None)
        if room is None:
            return State(of, rooms, None)
        versions = look(connection, scope)
        key, version = ("overview", of.key, audience, since, of.today), versions.of(OVERVIEW_TABLES)
        told = cache.get(key, version)
        if told is None:
            told = overlay.overview(connection, room, of.today, since)
            cache.put(key, version, told)
    return State(of, rooms, told)
