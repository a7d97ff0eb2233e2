"""What the map and its panel are drawn from."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_OPEN = ConfigDict(extra="allow")


class Panel(BaseModel):
    """What a page is drawn from: the room, the layers, their classes."""

    model_config = _OPEN
    operation: dict[str, Any]
    audience: dict[str, Any]
    layers: list[dict[str, Any]]


class Labels(BaseModel):
    """One label a feature."""

    labels: list[Any]


class Identified(BaseModel):
    """Every record under a point, what was meant first."""

    lon: float
    lat: float
    features: list[dict[str, Any]]


class Told(BaseModel):
    """A record as a person reads it: `rows` with what each field is called, its value and that in words."""

    layer: str
    layer_title: str
    id: int
    title: str
    rows: list[dict[str, Any]]


class SeenBy(BaseModel):
    """Which rooms would see a record, and how."""

    seen_by: list[dict[str, Any]]


class Spots(BaseModel):
    """Where written places are; a line that is no place has `what` in place of its degrees."""

    spots: list[dict[str, Any]]


class Beside(BaseModel):
    """Borders as lists of [longitude, latitude], and how many records were left out."""

    lines: list[list[list[float]]]
    left_out: int


class Reshaped(BaseModel):
    """A shape after what was done to it, what that was in sentences, and its pieces where it was cut by a line."""

    geometry: dict[str, Any]
    km2: float
    said: list[str]
    pieces: list[dict[str, Any]]


class Bar(BaseModel):
    """A month and how many."""

    month: str
    n: int


class Histogram(BaseModel):
    """Incidents by month; `withheld` and `unknown` say why there are none."""

    model_config = _OPEN
    bars: list[Bar]
    withheld: str | None = None
    unknown: str | None = None


class LayerCounts(BaseModel):
    """How many records a layer has; `count` is null for what the room is not shown."""

    count: int | None
    classes: list[int] | None


class Counts(BaseModel):
    """Counts by the layer's name."""

    layers: dict[str, LayerCounts]


class ListRow(BaseModel):
    """A row of a list: the list's fields, the box around its shape and the shape as a small picture."""

    model_config = _OPEN
    id: int
    bbox: list[float]
    outline: str | None


class ListPage(BaseModel):
    """A page of a list: how many rows there are in all and by the filters, and by the values of what it is filtered by."""

    all: int
    matched: int
    counts: dict[str, int]
    groups: dict[str, dict[str, int]]
    rows: list[ListRow]
    withheld: str | None = Field(default=None, description="What is kept from this room, and by which rule")
    unknown: str | None = Field(
        default=None, description="That nothing was known on the day asked for, and when it began"
    )


class FoundRecord(BaseModel):
    """Something that may be meant. `layer` and `id` are the record on the map that stands for it, null where there is none; an
    actor has its own `id` and no `layer`."""

    layer: str | None
    id: int | None
    title: str
    where: str
    period: str
    """First and last day with a slash between, `..` for an open end; empty where there is none."""
    matched: str
    bbox: list[float | None] | None
    """West, south, east, north."""


class FoundGroup(BaseModel):
    """What was found of one kind, the likeliest first."""

    kind: str
    title: str
    found: list[FoundRecord]


class Found(BaseModel):
    """What may be meant by what was typed."""

    q: str
    groups: list[FoundGroup]
