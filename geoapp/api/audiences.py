"""Rooms: what each is told of every layer and by which rule, and changing a rule."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import audiences, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, json_bytes, reading_as, version_of
from geoapp.api.writing import changed, recording, unkept
from geoapp.audiences import Room
from geoapp.db import again
from geoapp.draw.not_seen import not_seen
from geoapp.errors import NotFound
from geoapp.observe import event
from layers import STACK

router = APIRouter(prefix="/operations/{operation}/audiences", tags=["Rooms"])

RoomKey = Annotated[str, Path(description="The room's key", max_length=40)]
Subject = Annotated[str, Path(description=f"One of {', '.join(record.subjects())}", max_length=60)]
IfMatch = Annotated[str | None, Header(description='The version that was read; "0" where none was recorded')]


class WantedRule(BaseModel):
    """What a room is told of a subject."""

    model_config = ConfigDict(extra="forbid")
    precision: Annotated[str, Field(max_length=20, description="exact, settlement, admin2, mgrs10, count or withheld")]
    labels: Annotated[str, Field(max_length=20, description="Actors by name or category")] = "name"
    dates: Annotated[str, Field(max_length=20, description="Days to the day, week or month")] = "day"
    least: Annotated[int, Field(ge=0, le=100, description="Organisations that a district must have to be told")] = 0
    withheld: Annotated[
        list[Annotated[str, Field(max_length=60)]] | None,
        Field(max_length=60, description="Fields; those that are withheld now where it is not said"),
    ] = None
    reason: Annotated[str | None, Field(max_length=500)] = None


def _said(room: Room, *, own: bool) -> dict[str, Any]:
    """A room; its rules by subject where the asker may know them."""
    said = {
        "key": room.key, "title": room.title, "clearance": room.clearance, "may_write": room.may_write,
        "withheld_domains": list(room.withheld_domains), "withheld_fields": sorted({name for rule in room.more.values() for name in rule.withheld}),
    }  # fmt: skip
    return said | ({"sentence": room.sentence} if own else {})


@router.get("", summary="The rooms of the operation", responses=sends(answers.Rooms))
def rooms(request: Request, scope: ReadScope) -> Response:
    with reading_as(request, scope) as (_, found):
        asker = audiences.pick(found, scope)
    said = [_said(room, own=asker.may_write or room.key == asker.key) for room in found]
    return answer(request, json_bytes({"rooms": said}))


@router.get(
    "/{room}", summary="What a room is told of each layer, and what it does not see", responses=sends(answers.RoomTold)
)
def one(request: Request, scope: ReadScope, room: RoomKey) -> Response:
    """A room that only reads may ask for itself; how many records there are beside what it is shown is told to rooms that record."""
    with reading_as(request, scope) as (connection, found):
        asker, asked = audiences.pick(found, scope), _room(found, room)
        layers = not_seen(connection, scope, asker, asked)
        history = record.rule_history(connection, room)
    rules = [record.as_json(asked.rule(subject)) | {"subject": subject} for subject in record.subjects()]
    for rule in rules:
        own = asked.more.get(rule["subject"])
        rule |= {
            "version": own.version if own else 0,
            "recorded": bool(own and own.id),
            "said": own is not None or rule["subject"] in asked.rules,
        }
    return answer(
        request,
        json_bytes(
            _said(asked, own=True) | {"layers": layers, "rules": rules, "history": history, "fields": _fields()}
        ),
    )


@router.put(
    "/{room}/rules/{subject}",
    summary="Say what a room is told of a subject from now on",
    responses=sends(answers.Changed),
)
@again
def put_rule(
    request: Request, scope: ReadScope, room: RoomKey, subject: Subject, wanted: WantedRule, if_match: IfMatch = None
) -> Response:  # fmt: skip
    version = version_of(if_match)
    with recording(request, scope) as connection:
        new = record.set_rule(connection, room, subject, wanted.model_dump(), version)
    event("set rule", scope.context(), subject="audience_rule", rows=1)
    return changed(new)


@router.delete(
    "/{room}/rules/{subject}", status_code=204, summary="Take a rule back: what the room began with holds again"
)
@again
def delete_rule(
    request: Request, scope: ReadScope, room: RoomKey, subject: Subject, if_match: IfMatch = None
) -> Response:
    version = version_of(if_match)
    with recording(request, scope) as connection:
        record.remove_rule(connection, room, subject, version)
    event("remove rule", scope.context(), subject="audience_rule", rows=1)
    return unkept(status=204)


def _fields() -> dict[str, list[dict[str, str]]]:
    """By subject the fields of its layers, which a rule may withhold."""
    found: dict[str, dict[str, str]] = {}
    for layer in STACK:
        for each in layer.fields:
            found.setdefault(layer.subject, {}).setdefault(each.name, each.title)
    return {
        subject: [{"name": name, "title": title} for name, title in names.items()] for subject, names in found.items()
    }


def _room(found: list[Room], key: str) -> Room:
    for room in found:
        if room.key == key:
            return room
    raise NotFound(f"There is no room {key!r}.", hint=f"One of {', '.join(room.key for room in found)}.")
