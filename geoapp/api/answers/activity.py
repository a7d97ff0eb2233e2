"""Who changed what."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """Who did what with which record; `number` and `head` once it is sealed; `opens` is a layer and a record of the map."""

    model_config = ConfigDict(extra="forbid")
    id: int
    at: str
    who: str | None
    room: str | None
    did: str
    subject: str
    record: str | None
    version: int | None
    fields: list[str] | None
    told: dict[str, Any] | None
    number: int | None
    head: str | None
    opens: str | None


class ChainState(BaseModel):
    """How many entries there are, the last that is sealed with its code, and how many wait; who and what is in them."""

    model_config = ConfigDict(extra="forbid")
    entries: int
    first_at: str | None
    unsealed: int
    number: int | None
    sealed_at: str | None
    head: str | None
    people: list[str]
    did: list[str]
    subjects: list[str]


class Activity(BaseModel):
    """Entries, newest first; `next` is what to ask the older ones with, as `before`."""

    model_config = ConfigDict(extra="forbid")
    entries: list[Entry]
    next: int | None
    chain: ChainState


class AuditChecked(BaseModel):
    """How many entries are as they were sealed, the code of the last of these, and the first that is not, with what is wrong with it."""

    model_config = ConfigDict(extra="forbid")
    entries: int
    head: str | None
    altered: int | None
    why: str | None
    unsealed: int
    at: str
