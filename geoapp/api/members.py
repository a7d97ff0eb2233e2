"""Members of an operation: who they are, inviting, changing, removing, and the links by which they set a password."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import members
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import Key, RecordId, base, engine
from geoapp.api.signed_in import session_of, who
from geoapp.api.writing import unkept
from geoapp.db import Context
from geoapp.members import Link
from geoapp.model.roles import ROLES, matrix
from geoapp.observe import event

router = APIRouter(prefix="/operations/{operation}/members", tags=["Members"])

Number = Annotated[RecordId, Path(alias="member")]
Room = Annotated[str, Field(max_length=40)]
ROOMS_OF = "The rooms that a viewer is kept to; none for all of them"


class WantedPlace(BaseModel):
    """What somebody is in the operation."""

    model_config = ConfigDict(extra="forbid")
    role: Annotated[str, Field(max_length=40, description=f"One of {', '.join(each.key for each in ROLES)}")]
    rooms: Annotated[list[Room], Field(max_length=60, description=ROOMS_OF)] = []


class WantedMember(WantedPlace):
    """Somebody who is to work in the operation."""

    email: Annotated[str, Field(max_length=320)]
    name: Annotated[str, Field(max_length=120)]


def _of(operation: str) -> Context:
    return Context(operation, member=who())


def _linked(request: Request, link: Link) -> dict[str, Any]:
    return {"link": f"{base(request)}/password?link={link.secret}", "link_ends_at": link.ends_at}


@router.get("", summary="The members of the operation, and what each role records", responses=sends(answers.Members))
def listed(request: Request, operation: Key) -> Response:
    """Administrators are told of everybody, other members of themselves."""
    found = members.members(engine(request), session_of(request), operation)
    own = next((each for each in found if each.you), None)
    told = {
        "members": [asdict(each) for each in found],
        "administers": own is not None and "member" in next(each.records for each in ROLES if each.key == own.role),
        "roles": [{"key": each.key, "title": each.title, "does": each.does} for each in ROLES],
        "records": [{"what": what, "roles": roles} for what, roles in matrix()],
    }
    return unkept(told)


@router.post("", summary="Invite somebody", status_code=201, responses=sends(answers.Invited, status=201))
def invite(request: Request, operation: Key, wanted: WantedMember) -> Response:
    """With a link by which who is new sets a password; it is told once. None for who has one."""
    number, link = members.invite(
        engine(request), session_of(request), operation, wanted.email, wanted.name, wanted.role, wanted.rooms
    )
    event("invite member", _of(operation), subject="member", rows=1)
    return unkept({"id": number} | (_linked(request, link) if link else {"link": None, "link_ends_at": None}), 201)


@router.patch("/{member}", summary="Give a member another role or other rooms", status_code=204)
def change(request: Request, operation: Key, member: Number, wanted: WantedPlace) -> Response:
    members.change(engine(request), session_of(request), operation, member, wanted.role, wanted.rooms)
    event("change member", _of(operation), subject="member", rows=1)
    return unkept(status=204)


@router.delete("/me", summary="Leave the operation", status_code=204)
def leave(request: Request, operation: Key) -> Response:
    members.leave(engine(request), session_of(request), operation)
    event("leave operation", _of(operation), subject="member", rows=1)
    return unkept(status=204)


@router.delete("/{member}", summary="Take a member out of the operation", status_code=204)
def remove(request: Request, operation: Key, member: Number) -> Response:
    members.remove(engine(request), session_of(request), operation, member)
    event("remove member", _of(operation), subject="member", rows=1)
    return unkept(status=204)


@router.post(
    "/{member}/links", summary="A new link to set a password", status_code=201, responses=sends(answers.GivenLink, status=201)
)  # fmt: skip
def link(request: Request, operation: Key, member: Number) -> Response:
    """It is told once; those given before end."""
    given = members.give_link(engine(request), session_of(request), operation, member)
    event("give link", _of(operation), subject="member", rows=1)
    return unkept(_linked(request, given), 201)
