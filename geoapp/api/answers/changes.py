"""Who changed what, and when: a page of changes, and one of them opened."""

from typing import Any

from pydantic import BaseModel, ConfigDict

_STRICT = ConfigDict(extra="forbid")


class ChangeLine(BaseModel):
    """One change, or `many` of one kind that were made at once. `by` and `version` are told in rooms that record; `record` is the
    number of the record of `layer` that it is about, `id` that of what was changed."""

    model_config = _STRICT
    at: str
    by: str | None
    did: str
    of: str | None
    one: str
    record: int | None
    id: int | None
    layer: str | None
    name: str | None
    fields: list[str]
    many: int | None
    version: int | None
    text: str


class ChangeKind(BaseModel):
    """A kind of record, or of what is done, by which changes are narrowed."""

    model_config = _STRICT
    key: str
    title: str


class Changes(BaseModel):
    """Changes, newest first; `next` is what to ask the older ones with, as `before`; `people` whether it is told who, `audit` whether who asks may
    read the audit."""

    model_config = _STRICT
    lines: list[ChangeLine]
    next: str | None
    people: bool
    audit: bool
    of: list[ChangeKind]
    did: list[ChangeKind]


class ChangedField(BaseModel):
    """What a field was and is, in words; None where there was, or is, no record."""

    model_config = _STRICT
    name: str
    title: str
    was: str | None
    now: str | None


class ChangeOpened(BaseModel):
    """One change, field by field; `was_at` and `is_at` are GeoJSON geometries, where the shape differs."""

    model_config = _STRICT
    changes: list[ChangedField]
    was_at: dict[str, Any] | None
    is_at: dict[str, Any] | None
