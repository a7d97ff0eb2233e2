"""The shape of an error, a link, and the state of the service."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_OPEN = ConfigDict(extra="allow")


class Problem(BaseModel):
    """Problem Details (RFC 9457): what happened and where, and what to do."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank", "title": "Not found", "status": 404,
                    "detail": "There is no operation 'sahel'.", "hint": "`GET /operations` lists them.",
                }
            ]
        },
    )  # fmt: skip
    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str
    hint: str = Field(default="", description="What to do about it")


class Link(BaseModel):
    """A link of the OGC APIs."""

    model_config = _OPEN
    rel: str
    href: str
    type: str | None = None
    title: str | None = None


class State(BaseModel):
    """Whether it is alive or ready."""

    model_config = _OPEN
    status: Literal["ok", "ready"]


class Operation(BaseModel):
    """One operation: a country or a crisis."""

    model_config = _OPEN
    key: str
    title: str
    exercise: bool
    organisation: str | None
    bbox: list[float] | None = Field(min_length=4, max_length=4)


class Changed(BaseModel):
    """The version that a record has now: the ETag of the answer says the same."""

    version: int | str


class Created(BaseModel):
    """A record that was written; `new` is false when it had been already, and its answer was lost."""

    id: int
    version: int
    new: bool
