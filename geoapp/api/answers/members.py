"""What is told of members."""

from datetime import datetime

from pydantic import BaseModel


class ToldMember(BaseModel):
    """Somebody in an operation; `rooms` is null for who may enter all of them."""

    id: int
    email: str
    name: str
    role: str
    rooms: list[str] | None
    state: str
    since: datetime
    seen_at: datetime | None
    link_ends_at: datetime | None
    you: bool


class ToldRole(BaseModel):
    """A role, and what its people do."""

    key: str
    title: str
    does: str


class RecordedBy(BaseModel):
    """What is recorded, and by which roles."""

    what: str
    roles: list[str]


class Members(BaseModel):
    """The members of an operation: all of them for who `administers` it, else who asks alone."""

    members: list[ToldMember]
    administers: bool
    roles: list[ToldRole]
    records: list[RecordedBy]


class GivenLink(BaseModel):
    """A link by which a password is set, once."""

    link: str
    link_ends_at: datetime


class Invited(BaseModel):
    """The number of a new member; the link is null for an account that has a password, or works in other operations too."""

    id: int
    link: str | None
    link_ends_at: datetime | None
