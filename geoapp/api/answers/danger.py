"""Incidents, risk zones and the register of overlaps."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from geoapp.api.answers.features import FeatureCollection

_OPEN = ConfigDict(extra="allow")


class InsideShape(BaseModel):
    """What is known inside a shape that is being drawn."""

    model_config = _OPEN
    seen_by: list[dict[str, Any]]


class Evidence(BaseModel):
    """Incidents ticked as evidence."""

    incidents: list[dict[str, Any]]


class ActorNames(BaseModel):
    """Actors of the register by their names."""

    actors: list[dict[str, Any]]


class ActorRegister(BaseModel):
    """The register of actors as the room is told of it."""

    all: int
    """How many there are, whatever was asked for."""
    overdue: int
    domains: dict[str, int]
    actors: list[dict[str, Any]]
    withheld: str | None = None


class Actor(BaseModel):
    """One actor, and what the room is told of where it operates."""

    model_config = _OPEN
    actor: dict[str, Any]
    chain: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    sectors: list[dict[str, Any]]
    shares: dict[str, Any]


class ActorStep(BaseModel):
    """What follows from merging actors, splitting one, or undoing either."""

    step: int
    kept: int
    made: int | None = None
    areas: int
    claims: int
    units: int
    names: int
    ends: list[str]
    """Codes of the overlaps that there are no more."""
    begins: list[str]


class WhatIf(BaseModel):
    """What would follow from an area that is not recorded."""

    km2: float
    overlaps: list[dict[str, Any]] | None
    """Largest first; null without an actor."""
    ends: list[str]
    """Codes of the overlaps that there would be no more."""
    beneath: list[dict[str, Any]]


class Suggested(BaseModel):
    """Zones that incidents alone suggest."""

    suggested: Any


class Dismissed(BaseModel):
    """How many suggestions were dismissed."""

    dismissed: int


class RiskMatrix(BaseModel):
    """Five rows of five levels, likelihood 1 first, impact 1 first."""

    version: str
    levels: list[list[int]]


class Moment(BaseModel):
    """What was known up to `known` (null: what is known now), of a day."""

    known: str | None
    day: str


class KindCounts(BaseModel):
    """Of records of one kind how many there are at either moment, and how many differ how: `then` + `new` − `ended` − `withdrawn`
    is `now`; `happened` and `learned` are these and those that were `moved` and `revised`, told apart. `one` and `many` are what they are called."""

    one: str
    many: str
    then: int
    now: int
    new: int
    ended: int
    withdrawn: int
    moved: int
    revised: int
    happened: int
    learned: int


class Difference(BaseModel):
    """One record that differs: `fields` from what to what, `recorded` when and by whom (in rooms that record). What was merely
    `learned` held, as known at the later moment, on the earlier day already."""

    model_config = _OPEN
    of: str
    kind: str
    learned: bool
    layer: str
    id: int
    name: str


class Comparison(BaseModel):
    """Two moments beside each other."""

    then: Moment
    now: Moment
    counts: dict[str, KindCounts]
    matched: int
    changes: list[Difference]
    not_told: list[str]
    """Of which kinds of records nothing is told, and why."""
    partly: list[str]
    """What is kept from the room of the others."""


class Register(BaseModel):
    """The coordination register of an overlap."""

    model_config = _OPEN
    version: int
    status: str


class Registers(BaseModel):
    """The coordination registers of several overlaps, each with its version."""

    rows: list[Register]


class MeetingPlaces(BaseModel):
    """The places at which the two actors of an overlap meet, under its row of the register, and the codes joined into it."""

    id: int
    code: str
    joined: list[str]
    places: list[dict[str, Any]]


class Note(BaseModel):
    """One note on an overlap; withdrawn when `withdrawn_at` says so, for a `reason`."""

    id: int
    text: str
    written_by: str | None
    written_at: str
    withdrawn_by: str | None
    withdrawn_at: str | None
    reason: str | None


class Notes(BaseModel):
    """The notes on an overlap, the newest first, and how many hold; null where the room is not shown any."""

    model_config = _OPEN
    notes: list[Note] | None
    count: int | None


class Trends(BaseModel):
    """Incidents by district and type, beside as many months before."""

    model_config = _OPEN


class Scattered(BaseModel):
    """Incidents that lie close together, at how many places, and form no hot spot since no part of them is large enough."""

    places: int
    incidents: int


class HotSpots(FeatureCollection):
    """The hot spots, and beside them what gathers and forms none."""

    scattered: Scattered
    withheld: str | None = Field(default=None, description="What is kept from this room, and by which rule")
    unknown: str | None = Field(
        default=None, description="That nothing was known on the day asked for, and when it began"
    )


class Linked(BaseModel):
    """Which of two reports of one event is counted and drawn."""

    counted: int


class Reports(BaseModel):
    """Other reports that may be, or are, of the same event."""

    reports: list[dict[str, Any]]
