"""The register of actors: as a form asks for it that names one, as its page shows it, and the steps by which two become one."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from geoapp import audiences, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, answer, engine, json_bytes, now_only, reading_as, version_of
from geoapp.api.writing import recording, unkept
from geoapp.draw import actors as drawn
from geoapp.observe import event
from geoapp.scope import Scope

router = APIRouter(prefix="/operations/{operation}/actors", tags=["Actors"])
_STRICT = ConfigDict(extra="forbid")
Match = Annotated[str | None, Header(description='The version of the actor that was read: "3"')]
Id = Annotated[int, Field(ge=1, lt=2**63)]
Check = Annotated[bool, Query(description="Only tell what would follow; nothing is recorded")]


class Merging(BaseModel):
    """The actor that is the same as the one in the path."""

    model_config = _STRICT
    other: Id


class Splitting(BaseModel):
    """The name of the new actor, and what of the one in the path is the new one's: areas of operation and claims of presence by
    their number, actors directly under it."""

    model_config = _STRICT
    name: Annotated[str, Field(min_length=1, max_length=300)]
    areas: Annotated[list[Id], Field(max_length=1000)] = []
    units: Annotated[list[Id], Field(max_length=1000)] = []


@router.get(
    "",
    summary="Actors of the operation by the beginnings of their names' words, or by their acronym",
    responses=sends(answers.ActorNames),
)
def actors(
    request: Request,
    scope: ReadScope,
    q: Annotated[str, Query(description="Letters; without any the first actors", max_length=300)] = "",
) -> Response:
    """20 at most, of now; only in a room that records: what is written there names them."""
    with recording(request, scope) as connection:
        found = record.named_like(connection, q)
    return unkept({"actors": found})


@router.get(
    "/register", summary="The register of actors, as the room is told of it", responses=sends(answers.ActorRegister)
)
def register(
    request: Request,
    scope: ReadScope,
    q: Annotated[
        str, Query(description="Words of the name, of a former or other name, or the acronym", max_length=300)
    ] = "",
    domain: Annotated[str | None, Query(max_length=40)] = None,
    origin: Annotated[str | None, Query(max_length=40)] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    interlocutor: Annotated[str | None, Query(max_length=40)] = None,
    due: Annotated[Literal["over", "month", "none"] | None, Query(description="When it is to be reviewed")] = None,
) -> Response:
    """Actors whose areas or presence the room is shown as recorded; what was judged of them is told in rooms that record."""
    filters = {"domain": domain, "origin": origin, "kind": kind, "interlocutor": interlocutor, "due": due}
    with reading_as(request, scope) as (connection, rooms):
        found = drawn.register(connection, scope, q=q, filters=filters)
        found["withheld"] = audiences.pick(rooms, scope).withheld(drawn.AREAS)
    return answer(request, json_bytes(found))


@router.get("/{actor}", summary="One actor, and where it operates", responses=sends(answers.Actor))
def one(request: Request, scope: ReadScope, actor: RecordId) -> Response:
    """Where it operates comes from the layers, as the room is told of them; of all days unless `datetime` says some."""
    with reading_as(request, scope) as (connection, rooms):
        found = drawn.one(connection, scope, audiences.pick(rooms, scope), actor)
    return answer(request, json_bytes(found))


def _taken(request: Request, scope: Scope, name: str, step: record.Step, *, check: bool) -> Response:
    now_only(scope)
    found = record.take(engine(request), scope.context(), step, check=check)
    if not check:
        event(name, scope.context(), **{key: value for key, value in found.items() if isinstance(value, int)})
    return unkept(found)


@router.post("/{actor}/merge", summary="Make one actor of two", responses=sends(answers.ActorStep))
def merge(
    request: Request, scope: ReadScope, actor: RecordId, asked: Merging, check: Check = False, if_match: Match = None
) -> Response:
    """Areas, claims of presence, units and the name of the other become this one's, now and in later files."""
    version = version_of(if_match)

    def step(connection: Connection) -> dict[str, Any]:
        return record.merge(connection, actor, asked.other, version)

    return _taken(request, scope, "merge actors", step, check=check)


@router.post("/{actor}/split", summary="Make two actors of one", responses=sends(answers.ActorStep))
def split(
    request: Request, scope: ReadScope, actor: RecordId, asked: Splitting, check: Check = False, if_match: Match = None
) -> Response:
    """What is named goes to a new actor, and stays there when a later file brings it under the old name."""
    version = version_of(if_match)

    def step(connection: Connection) -> dict[str, Any]:
        return record.split(connection, actor, asked.name, asked.areas, asked.units, version)

    return _taken(request, scope, "split actor", step, check=check)


@router.post(
    "/{actor}/steps/{step}/undo",
    summary="Undo a merging or a splitting",
    responses=sends(answers.ActorStep),
)
def undo(request: Request, scope: ReadScope, actor: RecordId, step: RecordId, check: Check = False) -> Response:
    """What it moved, and is still where it was moved to, goes back."""

    def back(connection: Connection) -> dict[str, Any]:
        return record.undo(connection, actor, step)

    return _taken(request, scope, "undo step of actor", back, check=check)
