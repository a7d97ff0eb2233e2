"""Field copies: which were given out, ending one, and the edits from the field that wait for a decision, one by one."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import field_copies
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, version_of
from geoapp.api.writing import recording, unkept
from geoapp.db import again
from geoapp.observe import event

router = APIRouter(prefix="/operations/{operation}/field-copies", tags=["Field copies"])
IfMatch = Annotated[str | None, Header(description='The version of the record here that was looked at: "3"')]


class Ending(BaseModel):
    """Why nothing comes home from a copy any more."""

    model_config = ConfigDict(extra="forbid")
    why: Annotated[Literal["lost", "over"], Field(description="It is lost, or over")]


class Decision(BaseModel):
    """What is taken: what was entered in the field, or what is here."""

    model_config = ConfigDict(extra="forbid")
    take: Literal["field", "here"]


@router.get(
    "", summary="Copies that were given out, and what waits for a decision", responses=sends(answers.FieldCopies)
)
def listed(request: Request, scope: ReadScope) -> Response:
    """For who may take a copy (`field_copy` in the roles), in a room that records."""
    with recording(request, scope) as connection:
        found: dict[str, Any] = {
            "copies": field_copies.copies(connection), "open": field_copies.open_edits(connection)
        }  # fmt: skip
    return unkept(found)


@router.post("/{copy}/end", summary="Let nothing come home from a copy any more", status_code=204)
@again
def end(request: Request, scope: ReadScope, copy: RecordId, asked: Ending) -> Response:
    with recording(request, scope) as connection:
        field_copies.end(connection, copy, asked.why)
    event("end field copy", scope.context(), subject="field_copy", rows=1)
    return unkept(status=204)


@router.get(
    "/edits/{edit}", summary="An edit from the field beside what is here now", responses=sends(answers.OpenFieldEdit)
)
def edit_(request: Request, scope: ReadScope, edit: RecordId) -> Response:
    with recording(request, scope) as connection:
        return unkept(field_copies.open_edit(connection, edit))


@router.post("/edits/{edit}/decision", summary="Decide about an edit from the field", responses=sends(answers.Decided))
@again
def decide(
    request: Request, scope: ReadScope, edit: RecordId, asked: Decision, if_match: IfMatch = None
) -> Response:  # fmt: skip
    """The same checks and rights as any change; what is taken from the field names the version that was looked at."""
    version = version_of(if_match) if if_match else None
    with recording(request, scope) as connection:
        done = field_copies.decide(connection, edit, asked.take, version)
    event("decide field edit", scope.context(), subject="field_edit", rows=1)
    return unkept(done)
