"""The register of overlaps: who meets in one, what is written on it, the thread of its notes."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import audiences, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, answer, engine, json_bytes, now_only, reading_as, version_of
from geoapp.db import again, transaction
from geoapp.draw.notes import notes
from geoapp.draw.places import places
from geoapp.observe import event

router = APIRouter(prefix="/operations/{operation}/overlaps", tags=["Overlaps"])
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str | None, Field(max_length=200, description="Who says it; else who is signed in")]


class NewNote(BaseModel):
    """A note, and who writes it."""

    model_config = ConfigDict(extra="forbid")
    text: Text
    by: Name = None


class Withdrawal(BaseModel):
    """Why a note is withdrawn, and by whom."""

    model_config = ConfigDict(extra="forbid")
    reason: Text
    by: Name = None


class Chosen(BaseModel):
    """A row of the register, and the version of it that was looked at."""

    model_config = ConfigDict(extra="forbid")
    id: int = Field(ge=1, le=2**63 - 1)
    version: int = Field(ge=1, le=2**31 - 1)


class Together(BaseModel):
    """Rows, and what is written on all of them."""

    model_config = ConfigDict(extra="forbid")
    rows: list[Chosen] = Field(min_length=1, max_length=record.MOST_ROWS)
    change: dict[str, Any] = Field(description=f"Any of {', '.join(record.REGISTER)}")


@router.patch("", summary="Write the same on several rows of the register", responses=sends(answers.Registers))
@again
def change_all(request: Request, scope: ReadScope, asked: Together) -> Response:
    """On all of them, or on none: each row says which version was looked at, and 412 tells every one that was changed since."""
    now_only(scope)
    with transaction(engine(request), scope.context()) as connection:
        now = record.change_overlaps(connection, {row.id: row.version for row in asked.rows}, asked.change)
    return Response(json_bytes({"rows": now}), media_type="application/json")


@router.get(
    "/{overlap}/places", summary="Where the two of an overlap meet, and when", responses=sends(answers.MeetingPlaces)
)
def where(request: Request, scope: ReadScope, overlap: RecordId) -> Response:
    """Place by place as the room is shown them; of each area only the parts that share ground and days with the other's. Under the
    number of an overlap that was joined into another the other is told."""
    with reading_as(request, scope) as (connection, rooms):
        found = places(connection, scope, overlap, audiences.pick(rooms, scope))
    return answer(request, json_bytes(found))


@router.patch("/{overlap}", summary="Write on an overlap's register", responses=sends(answers.Register))
@again
def change(
    request: Request,
    scope: ReadScope,
    overlap: RecordId,
    changes: Annotated[dict[str, Any], Body(description=f"Any of {', '.join(record.REGISTER)}")],
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    now_only(scope)
    version = version_of(if_match)
    with transaction(engine(request), scope.context()) as connection:
        now = record.change_overlap(connection, overlap, changes, version)
    return Response(json_bytes(now), media_type="application/json", headers={"ETag": f'"{now["version"]}"'})


@router.get("/{overlap}/notes", summary="What was noted on an overlap", responses=sends(answers.Notes))
def thread(request: Request, scope: ReadScope, overlap: RecordId) -> Response:
    """The newest first, withdrawn ones too; both null where the room is not shown notes, which `withheld` says."""
    with reading_as(request, scope) as (connection, rooms):
        found = notes(connection, scope, overlap, audiences.pick(rooms, scope).hidden("overlaps"))
    return answer(request, json_bytes(found))


@router.post(
    "/{overlap}/notes",
    summary="Note something on an overlap",
    status_code=201,
    responses=sends(answers.Note, status=201),
)
@again
def note(request: Request, scope: ReadScope, overlap: RecordId, asked: NewNote) -> Response:
    now_only(scope)
    with transaction(engine(request), scope.context()) as connection:
        made = record.add_note(connection, overlap, asked.text, by=asked.by)
    event("note", scope.context(), subject="overlap_note", rows=1)
    return Response(json_bytes(made), 201, media_type="application/json")


@router.post(
    "/{overlap}/notes/{note}/withdrawal",
    summary="Withdraw a note with a reason; it stays",
    responses=sends(answers.Note),
)
@again
def withdraw(request: Request, scope: ReadScope, overlap: RecordId, note: RecordId, asked: Withdrawal) -> Response:
    now_only(scope)
    with transaction(engine(request), scope.context()) as connection:
        now = record.withdraw_note(connection, overlap, note, asked.reason, by=asked.by)
    event("withdraw", scope.context(), subject="overlap_note", rows=1)
    return Response(json_bytes(now), media_type="application/json")
