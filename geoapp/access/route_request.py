"""What is asked about a way, and the words for what lies on it: waypoints on roads, pieces of road, costs with reasons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from geoapp.access.crossed import Crossed
from geoapp.access.passage import Window
from geoapp.access.road_reports import RoadReports
from geoapp.access.search import CostedSearch
from geoapp.codes import codes, say
from geoapp.errors import BadRequest

MAX_POINTS, MAX_LEVEL = 20, 5
Season = Literal["now", "dry", "wet"]


@dataclass(frozen=True)
class RouteRequest:
    """From where over what to where (longitude, latitude), when, with what, and what is not to be crossed."""

    waypoints: tuple[tuple[float, float], ...]
    departure: datetime
    vehicle: int = 4
    closed: bool = True
    """Closed and abandoned roads are not used."""
    hazards: bool = True
    """Hazard areas that are not cleared or cancelled are not crossed."""
    risk_level: int | None = None
    """Zones of this level and above are not crossed."""
    actors: tuple[int, ...] = ()
    """Actors whose areas of operation are not crossed."""
    roads: tuple[int, ...] = ()
    constraint_severity: int | None = None
    """Access constraints of this severity and above are not crossed."""
    night: bool = True
    """Whether it is travelled by night; else the convoy stops where night begins until day."""
    season: Season = "now"
    """Whose practicability counts: as it is now, or as it is known of a dry or a wet season."""
    risk: float = 0.0
    """How much longer an hour in a zone of level 1 seems; level 5 seems five times that."""
    alternatives: int = 1

    def check(self) -> None:
        """Raises BadRequest with what cannot be asked."""
        if not 2 <= len(self.waypoints) <= MAX_POINTS:
            raise BadRequest(f"A route has 2 to {MAX_POINTS} waypoints, not {len(self.waypoints):,}.")
        if any(not (abs(lon) <= 180 and abs(lat) <= 90) for lon, lat in self.waypoints):
            raise BadRequest("A waypoint lies outside the world.", hint="Longitude first: [20.5, 5.2].")
        if not 1950 <= self.departure.year <= 2150:
            raise BadRequest("The departure lies too far from today.", hint="Write it as 2026-10-18T06:00:00Z.")
        known = [code for code in codes("vehicle_classes") if code != "0"]
        if str(self.vehicle) not in known:
            raise BadRequest(
                f"There is no vehicle class {self.vehicle}.",
                hint="One of " + ", ".join(f"{c} {say('vehicle_classes', c)}" for c in known),
            )
        if self.risk_level is not None and not 1 <= self.risk_level <= MAX_LEVEL:
            raise BadRequest(f"Risk levels go from 1 to {MAX_LEVEL}.")
        if self.constraint_severity is not None and not 1 <= self.constraint_severity <= MAX_LEVEL:
            raise BadRequest(f"Severities that can be kept out go from 1 to {MAX_LEVEL}.")
        if self.season not in get_args(Season):
            raise BadRequest("The season is one of " + ", ".join(get_args(Season)) + ".")
        if not 0 <= self.risk <= 100 or not 1 <= self.alternatives <= 3:
            raise BadRequest("`weigh.risk` is 0 to 100, `alternatives` 1 to 3.")


@dataclass(frozen=True)
class Waypoint:
    """A waypoint brought to the nearest road: `part` is how far along the edge's line, 0 to 1."""

    edge: int
    part: float
    off_km: float
    passed: "Passed | None" = None
    """The nearer road that a rule forbids, for which this one was taken."""


@dataclass(frozen=True)
class Piece:
    """A part of an edge as it is travelled, from `start` to `end` of its line (`start` > `end` against it)."""

    edge: int
    start: float
    end: float


class Passed(NamedTuple):
    """A road that was nearer than the one taken, and why it is not used."""

    road: str | None
    reason: str


class End(NamedTuple):
    """An end of a waypoint's edge: its node, what it costs to get between the two, and where on the line it is."""

    node: int
    cost: int
    at: float


@dataclass
class RuledNetwork:
    """Everything that a question's rules say about the network: the costs, and why an edge is forbidden."""

    window: Window
    hours: NDArray[np.float64]
    limit: NDArray[np.int64]
    """The heaviest vehicle class that each road carries on every day of the journey; 0 is not known."""
    reasons: dict[int, str]
    costed: CostedSearch
    crossed: Crossed
    reports: RoadReports
