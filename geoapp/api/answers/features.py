"""Collections, records and tiles, as the OGC APIs have them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geoapp.api.answers.shared import Link

_OPEN = ConfigDict(extra="allow")


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
    storageCrs: str  # noqa: N815 - the standard's name
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
    licence: str | None = Field(default=None, description="What may not be passed on of these records")
    withheld: str | None = Field(default=None, description="What is kept from this room, and by which rule")
    unknown: str | None = Field(
        default=None, description="That nothing was known on the day asked for, and when it began"
    )


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


class Styles(BaseModel):
    """The styles of the layers' tiles."""

    links: list[Link]
    default: str
    styles: list[dict[str, Any]]


class MapStyle(BaseModel):
    """A MapLibre style of version 8."""

    model_config = _OPEN
    version: Literal[8]
    name: str
    sources: dict[str, Any]
    layers: list[dict[str, Any]]
