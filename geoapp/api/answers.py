"""What the doors send, as schemas: `/openapi.json` shows them, and a test holds every answer to them."""

from datetime import date, datetime
from typing import Any, Literal

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


class Landing(BaseModel):
    """The landing page of an operation, the root of its OGC API."""

    model_config = _OPEN
    key: str
    title: str
    exercise: bool
    description: str
    links: list[Link]


class Conformance(BaseModel):
    """The conformance classes that hold."""

    conformsTo: list[str]  # noqa: N815 - the standard's name


class Collection(BaseModel):
    """A layer as a collection."""

    model_config = _OPEN
    id: str
    title: str
    description: str
    itemType: Literal["feature"]  # noqa: N815 - the standard's name
    extent: dict[str, Any]
    crs: list[str]
    links: list[Link]


class Collections(BaseModel):
    """Every layer."""

    links: list[Link]
    collections: list[Collection]


class Schema(BaseModel):
    """A JSON Schema of a layer's fields."""

    model_config = _OPEN
    type: Literal["object"]
    title: str
    properties: dict[str, Any]


class Feature(BaseModel):
    """A GeoJSON Feature (RFC 7946) in WGS 84, longitude first."""

    model_config = _OPEN
    type: Literal["Feature"]
    id: int | str | None = None
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    model_config = _OPEN
    type: Literal["FeatureCollection"]
    features: list[Feature]


class Items(FeatureCollection):
    """Records of a layer, as many as were asked for, and how many there are."""

    numberMatched: int  # noqa: N815 - the standard's name
    numberReturned: int  # noqa: N815 - the standard's name
    links: list[Link]


class Created(BaseModel):
    """A new record."""

    id: int
    version: int


class Changed(BaseModel):
    """The version that a record has now: the ETag of the answer says the same."""

    version: int | str


class Tilesets(BaseModel):
    """The tilesets of a layer or of all layers."""

    links: list[Link]
    tilesets: list[dict[str, Any]]


class Tileset(BaseModel):
    """A tileset with the WebMercatorQuad grid."""

    model_config = _OPEN
    title: str
    dataType: Literal["vector"]  # noqa: N815 - the standard's name
    crs: str
    tileMatrixSetURI: str  # noqa: N815 - the standard's name
    links: list[Link]
    layers: list[dict[str, Any]]


class TileJSON(BaseModel):
    """TileJSON 3."""

    model_config = _OPEN
    tilejson: Literal["3.0.0"]
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: list[float] = Field(min_length=4, max_length=4)
    vector_layers: list[dict[str, Any]]


class Panel(BaseModel):
    """What a page is drawn from: the room, the layers, their classes."""

    model_config = _OPEN
    operation: dict[str, Any]
    audience: dict[str, Any]
    layers: list[dict[str, Any]]


class Label(BaseModel):
    """A word beside a feature."""

    model_config = _OPEN


class Labels(BaseModel):
    """One label a feature."""

    labels: list[Any]


class Identified(BaseModel):
    """Every record under a point, what was meant first."""

    lon: float
    lat: float
    features: list[dict[str, Any]]


class SeenBy(BaseModel):
    """Which rooms would see a record, and how."""

    seen_by: list[dict[str, Any]]


class Spots(BaseModel):
    """Where written places are; a line that is no place has `what` in place of its degrees."""

    spots: list[dict[str, Any]]


class Bar(BaseModel):
    """A month and how many."""

    month: str
    n: int


class Histogram(BaseModel):
    """Incidents by month."""

    model_config = _OPEN
    bars: list[Bar]


class InsideShape(BaseModel):
    """What is known inside a shape that is being drawn."""

    model_config = _OPEN
    seen_by: list[dict[str, Any]]


class Evidence(BaseModel):
    """Incidents ticked as evidence."""

    incidents: list[dict[str, Any]]


class Suggested(BaseModel):
    """Zones that incidents alone suggest."""

    suggested: Any


class RiskMatrix(BaseModel):
    """Five rows of five levels, likelihood 1 first, impact 1 first."""

    version: str
    levels: list[list[int]]


class Finding(BaseModel):
    """One thing that was found in a file: where, what, and what to do."""

    model_config = _OPEN
    severity: Literal["error", "warning", "repaired"]
    row: int | None
    column: str | None
    code: str
    message: str
    hint: str


class Report(BaseModel):
    """What an import did: all good rows of the file landed, or nothing."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "batch": 7, "kind": "sites", "rows": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1,
                    "landed": True,
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
    landed: bool
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


class Withdrawn(BaseModel):
    """What withdrawing a batch did."""

    model_config = _OPEN
    batch: int


class Register(BaseModel):
    """The coordination register of an overlap."""

    model_config = _OPEN
    version: int
    status: str


class Trends(BaseModel):
    """Incidents by district and type, beside as many months before."""

    model_config = _OPEN


class Linked(BaseModel):
    """Which of two reports of one event is counted and drawn."""

    counted: int


class Reports(BaseModel):
    """Other reports that may be, or are, of the same event."""

    reports: list[dict[str, Any]]


class Routes(BaseModel):
    """Ways from here to there; `routes` is empty when `blocked` says where and by what."""

    model_config = _OPEN
    vehicle_class: int
    departure: datetime
    day: date
    waypoints: list[dict[str, Any]]
    network_as_of: datetime
    network_complete: bool
    lead: dict[str, Any]
    routes: list[FeatureCollection]


class Reach(BaseModel):
    """Every site and district with its hours, and the pieces of road that hold up most."""

    model_config = _OPEN
    places: list[dict[str, Any]]


class Network(BaseModel):
    """What the roads are as a network."""

    model_config = _OPEN
    nodes: int
    edges: int
    network_as_of: datetime
    network_complete: bool


class Place(BaseModel):
    """A named place."""

    name: str
    what: str
    lon: float
    lat: float
    mgrs: str | None


class Places(BaseModel):
    """Places that may be meant, the likeliest first."""

    places: list[Place]


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


class LayerCounts(BaseModel):
    """How many records a layer has; `count` is null for what the room is not shown."""

    count: int | None
    classes: list[int] | None


class Counts(BaseModel):
    """Counts by the layer's name."""

    layers: dict[str, LayerCounts]


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
