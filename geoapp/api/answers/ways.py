"""Routes, reach and places."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from geoapp.api.answers.features import FeatureCollection

_OPEN = ConfigDict(extra="allow")


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
    not_weighed: list[str]
    """What no way is weighed by and tells of, since this room is told it coarser or not at all."""
    routes: list[FeatureCollection]


class Reach(BaseModel):
    """Every site and district with its hours, and the pieces of road that hold up most."""

    model_config = _OPEN
    places: list[dict[str, Any]]
    not_weighed: list[str]


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
