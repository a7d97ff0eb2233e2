"""What is told of one's own account."""

from datetime import datetime

from pydantic import BaseModel


class OwnSession(BaseModel):
    """A session that holds; `this` is the one that asks."""

    id: int
    begun_at: datetime
    seen_at: datetime
    ends_at: datetime
    from_where: str
    this: bool


class OwnToken(BaseModel):
    """A token that holds: `operation` is null for all that the member works in and empty for one that they work in no longer, `room`
    null for all rooms; `used_at` null while nothing has used it."""

    id: int
    name: str
    operation: str | None
    room: str | None
    reads: bool
    made_at: datetime
    used_at: datetime | None
    ends_at: datetime


class OwnPlace(BaseModel):
    """An operation that the member works in; `rooms` that they may enter, titles by key."""

    operation: str
    title: str
    role: str
    rooms: dict[str, str]


class OwnAccount(BaseModel):
    """One's own account: who one is, from where one is signed in, one's tokens, where one works."""

    email: str
    name: str
    sessions: list[OwnSession]
    tokens: list[OwnToken]
    places: list[OwnPlace]


class MadeToken(BaseModel):
    """A new token: `token` is told this once."""

    id: int
    token: str
