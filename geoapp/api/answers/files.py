"""Files that come in and go out, and the jobs that carry them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from geoapp.ingest import findings
from geoapp.ingest.findings import Group

_OPEN = ConfigDict(extra="allow")


@dataclass(frozen=True)
class Finding(findings.Finding):
    """One thing that was found in a file: where, what, what to do, and the cell that it is about."""

    more: int = 0
    """How many more of the same are not listed."""


class Column(BaseModel):
    """A column of a file: what it was taken for (`name`; none: it is not used), by which sign, how surely."""

    header: str
    tag: str | None
    name: str | None
    by: Literal["said", "tag", "name", "word", "content", "guess"] | None
    sure: float | None
    cell: str | None
    """The first cell that is filled in."""
    value: str | None
    """What was read from it, where that differs."""


class OverlapEffect(BaseModel):
    """What an import does to overlaps: how many arise, change and end, and the largest of the new ones."""

    arise: int
    change: int
    end: int
    largest: list[dict[str, Any]]


class RejectedRows(BaseModel):
    """The rows that did not land, to be had as a file."""

    rows: int
    handling: str
    suffixes: list[str]


class Look(BaseModel):
    """What a checked file is: its form, its sheets, the kinds it may be of with how sure that is."""

    form: Literal["table", "vector", "osm"]
    sheet: str | None
    sheets: list[dict[str, Any]]
    kinds: list[dict[str, Any]]


class CheckMap(BaseModel):
    """What a check would land, as a small map in degrees: a FeatureCollection of simplified shapes and of points that stand
    for all within a cell."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None
    features: list[dict[str, Any]]
    """With `fate` (`new`, `changed`, `removed`) and `n`, the records that the shape stands for."""
    outline: dict[str, Any] | None
    """The operation's units of the highest level, or the land, as one geometry."""
    records: int
    without_place: int
    """Records of which no place is known that could be drawn."""
    left_out: int
    """Records that are not drawn because there were too many shapes."""


class Report(BaseModel):
    """What an import did, or would do: all good rows of the file land, or nothing."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "batch": 7, "kind": "sites", "rows": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1,
                    "landed": True, "removed": 0, "check": False, "lands": True, "understood": [], "matched": {"coordinates": 1},
                    "overlaps": None, "look": None, "job": 12,
                    "rejected_rows": {"rows": 1, "handling": "AMBER", "suffixes": ["csv", "xlsx"]},
                    "groups": [
                        {
                            "severity": "error", "code": "no-place", "column": "lat", "cause": "There is no place.", "rows": 1,
                            "examples": [{"row": 3, "value": None}], "hint": "Write latitude and longitude.",
                        }
                    ],
                    "findings": [
                        {
                            "severity": "error", "row": 3, "column": "lat", "code": "no-place",
                            "message": "There is no place.", "hint": "Write latitude and longitude.",
                        }
                    ],
                }
            ]
        },
    )  # fmt: skip
    batch: int | None
    kind: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    removed: int
    landed: bool
    check: bool
    """Whether it was only asked what would land."""
    lands: bool
    """Whether it landed, or would."""
    understood: list[Column]
    matched: dict[str, int]
    """How many rows have their place by `pcode`, `name`, `coordinates`, `shape`."""
    proposed: list[dict[str, Any]] = []
    """Names that come near a unit's: `name` as `matches` takes it, the `pcode` and `unit` that may be meant, `rows`."""
    overlaps: OverlapEffect | None
    map: CheckMap | None = None
    """Of a check that would land."""
    look: Look | None
    rejected_rows: RejectedRows | None
    job: int | None
    source: str | None = None
    """What the source was called, or recognised as."""
    template: str | None = None
    """The template by which its columns were taken."""
    groups: list[Group]
    findings: list[Finding]


class Batch(BaseModel):
    """An import that landed, as one thing that can be withdrawn."""

    model_config = _OPEN
    batch: int
    kind: str
    source: str | None
    file_name: str | None
    landed_at: datetime
    landed_by: str | None
    withdrawn_at: datetime | None
    handling: str
    rows: int | None
    created: int | None
    updated: int | None
    unchanged: int | None
    rejected: int | None
    rejected_rows: int | None
    """How many rejected rows `…/imports/{batch}/rejected.csv` still has for this room."""


class ImportTemplate(BaseModel):
    """What was settled for the files of a source, for its next file."""

    name: str
    kind: str
    source: str
    sheet: str | None
    handling: str
    """Of rows that say none."""
    columns: dict[str, str]
    saved_by: str | None
    saved_at: datetime


class Withdrawn(BaseModel):
    """What withdrawing a batch did."""

    model_config = _OPEN
    batch: int


class ImportProgress(BaseModel):
    """How far an import is."""

    step: str
    done: int
    of: int | None
    job: int


class Job(BaseModel):
    """A piece of work that takes longer than a request."""

    model_config = _OPEN
    id: int
    kind: str
    check: bool
    """Whether it only says what would land."""
    open: bool
    """Whether it is a check whose file can be landed."""
    about: dict[str, Any]
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    step: str | None
    done: int
    of: int | None
    stop: bool
    asked_by: str | None
    audience: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


class PackFile(BaseModel):
    """A file of a pack; `bytes`, `sha256` and `records` (by layer) once it is made."""

    model_config = _OPEN
    name: str
    title: str


class PackLayer(BaseModel):
    """What a pack has of a layer: the rule by which the room is shown it, what is kept back, how many records that leaves."""

    name: str
    title: str
    rule: str
    withheld: str | None
    fields_withheld: list[str]
    records: int | None
    """None where the room is not shown the layer."""
    before: int | None = None
    """How many there are before the rules, where a room that records asks."""


class PackKind(BaseModel):
    """A pack that can be made."""

    name: str
    title: str
    question: str
    audience: str
    """The room that it is usually made for."""


class PackContents(BaseModel):
    """What a pack holds for a room: its preview, and (with more) its manifest."""

    model_config = _OPEN
    pack: str
    title: str
    audience: str
    drawn_for: str
    shown: str
    handling: str
    day: str
    holds: str
    """The days, in words."""
    as_of: str | None
    layers: list[PackLayer]
    files: list[PackFile]
    left_out: list[dict[str, str]]
    unknown: dict[str, str]
    only: list[str]
    """The layers that were chosen for it; empty where it holds all."""
    since: str | None
    """The day of the last pack of this kind for this room, with which it is compared; None for a first one."""
    since_known: str | None
    """The moment up to which that one knew."""
    nothing: str | None
    """That no record is left after the room's rules, in words."""
    sources: dict[str, list[str]]
    batches: list[dict[str, Any]]
    recorders: list[dict[str, str]] = []
    """In a preview the rooms that may ask how many records there are before the rules."""


class Packs(BaseModel):
    """The packs that can be made, and those that were made for this room, newest first."""

    packs: list[PackKind]
    made: list[Job]


class ExportFormat(BaseModel):
    """A format that layers or routes are written in."""

    suffix: str
    title: str
    media: str
    good_for: str
    layers: Literal["none", "one", "many"]
    routes: bool


class Exports(BaseModel):
    """What can be written as a file."""

    layers: list[dict[str, Any]]
    formats: list[ExportFormat]
