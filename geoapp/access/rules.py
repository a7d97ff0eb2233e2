"""What do a question's rules say about the network: what each edge costs, and why some may not be used at all?

A rule forbids what it names on any day of the journey, at any hour of it that may be night or day: the strictest of what
may be met. Which of it is really met is told of each segment, at the moment of passage.
"""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from geoapp.access.crossed import SUBJECTS as GROUND
from geoapp.access.crossed import Crossed, Fact, crossed
from geoapp.access.network_cache import NetworkCache
from geoapp.access.passage import Window
from geoapp.access.road_network import RoadNetwork
from geoapp.access.road_reports import SUBJECTS as REPORTED
from geoapp.access.road_reports import RoadReports, reports
from geoapp.access.route_request import RouteRequest, RuledNetwork
from geoapp.errors import Refused

NAMED = {"hazard area": "hazards", "risk zone": "zones", "actor's area": "areas", "access constraint": "constraints"}
"""Reasons that are records with a name, and their kind."""


def road_network(connection: Connection, kept: NetworkCache) -> RoadNetwork:
    """The network as the room sees it. Raises Refused when there is no road."""
    roads = kept.roads(connection)
    if not len(roads.network.line):
        raise Refused("No road is recorded that this room may see.", hint="Import roads first.", code="no-roads")
    return roads


def apply_rules(
    connection: Connection, kept: NetworkCache, roads: RoadNetwork, request: RouteRequest, window: Window
) -> RuledNetwork:
    """The network with the question's rules applied for the days of a journey."""
    q, days = request, (window.first, window.last)
    rules = (
        window,
        q.vehicle,
        q.closed,
        q.hazards,
        q.risk_level,
        q.actors,
        q.roads,
        q.constraint_severity,
        q.season,
        q.risk,
    )
    ground: Crossed = kept.for_room(
        connection, ("ground", days), roads.network, GROUND, lambda: crossed(connection, roads.network, window)
    )
    seen: RoadReports = kept.for_room(
        connection, ("reports", days), roads, REPORTED, lambda: reports(connection, roads, window)
    )
    made: RuledNetwork = kept.for_room(
        connection, ("ruled", *rules), (roads, ground, seen), (), lambda: _apply(roads, ground, seen, request, window)
    )
    return made


def stands_in_the_way(request: RouteRequest, reason: str, fact: Fact) -> bool:
    """Whether a fact on an edge that is forbidden for this reason is one of those that forbid it."""
    if reason == "risk zone":
        return fact.level >= (request.risk_level or 0)
    if reason == "access constraint":
        return fact.level >= (request.constraint_severity or 0)
    return reason != "actor's area" or fact.about["actor"] in request.actors


def _apply(
    roads: RoadNetwork, ground: Crossed, seen: RoadReports, request: RouteRequest, window: Window
) -> RuledNetwork:
    network, count = roads.network, len(roads.network.line)
    road = network.road
    status, limit = seen.strictest(roads, window, request.season)
    level = ground.level("zones", count, window)
    nothing = np.zeros(count, dtype=bool)
    severity = ground.level("constraints", count, window)
    # the first that holds is the one that is told
    rules: list[tuple[str, NDArray[np.bool_]]] = [
        ("too narrow or weak for the vehicle", (limit[road] > 0) & (limit[road] < request.vehicle)),
        ("closed", np.isin(status, ("closed", "abandoned"))[road] & request.closed),
        ("hazard area", ground.any("hazards", count) & request.hazards),
        ("risk zone", (level >= request.risk_level) if request.risk_level else nothing),
        ("access constraint", (severity >= request.constraint_severity) if request.constraint_severity else nothing),
        ("actor's area", _on_areas_of(ground, request.actors, count)),
        ("left out", np.isin(roads.id, request.roads)[road]),
    ]  # fmt: skip
    reasons: dict[int, str] = {}
    for reason, where in rules:
        for edge in np.flatnonzero(where).tolist():
            reasons.setdefault(edge, reason)
    forbidden = np.zeros(count, dtype=bool)
    forbidden[list(reasons)] = True
    hours = roads.hours(request.vehicle, status)
    costed = roads.search.weigh(hours * (1 + request.risk * level), forbidden, roads.oneway[road])
    return RuledNetwork(window, hours, limit, reasons, costed, ground, seen)


def _on_areas_of(ground: Crossed, actors: tuple[int, ...], count: int) -> NDArray[np.bool_]:
    hit = np.zeros(count, dtype=bool)
    if actors:
        for edge, areas in ground.edges["areas"].items():
            hit[edge] = any(ground.facts["areas"][area].about["actor"] in actors for area in areas)
    return hit
