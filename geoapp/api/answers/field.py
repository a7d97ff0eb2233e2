"""What is told of field copies, and of what they brought."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class FieldCopy(BaseModel):
    """A copy that was given out. `state` is out, past (its last day is over), lost or over."""

    id: int
    audience: str
    room: str | None
    ends_on: date
    taken_at: datetime
    taken_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    ended_why: str | None
    returned_at: datetime | None
    returned_by: str | None
    state: str
    applied: int
    open: int
    dropped: int


class FieldEdit(BaseModel):
    """An edit that was made in a copy: what became of it, and why."""

    id: int
    of: int
    """The copy."""
    collection: str
    row_id: int
    home_id: int | None
    did: str
    name: str
    edit: dict[str, Any]
    entered_by: str | None
    entered_at: datetime
    brought_by: str | None
    brought_at: datetime
    state: str
    why: dict[str, Any] | None
    version: int | None
    decided_by: str | None
    decided_at: datetime | None


class OpenFieldEdit(FieldEdit):
    """The same beside what is recorded here now (`there`), and with it as it would be (`theirs`)."""

    there: dict[str, Any] | None
    theirs: dict[str, Any]


class FieldCopies(BaseModel):
    """The copies that were given out, and the edits that wait for a decision."""

    copies: list[FieldCopy]
    open: list[FieldEdit]


class Decided(BaseModel):
    """What became of an edit."""

    state: str
    id: int | None = None
    version: int | None = None
