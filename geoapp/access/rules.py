"""What do a question's rules say about the network: what each edge costs, and why some are not gone at all?

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
from geoapp.access.question import Question, Side
from geoapp.access.reports import SUBJECTS as REPORTED
from geoapp.access.reports import Reports, reports
from geoapp.access.roads import Ways
from geoapp.errors import Refused

NAMED = {"hazard area": "hazards", "risk zone": "zones", "actor's area": "areas", "access constraint": "constraints"}
"""Reasons that are records with a name, and their kind."""


def roads(connection: Connection, kept: NetworkCache) -> Ways:
    """The network as the room sees it. Raises Refused when there is no road."""
    ways = kept.ways(connection)
    if not len(ways.network.line):
        raise Refused("No road is recorded that this room may see.", hint="Import roads first.", code="no-roads")
    return ways


def ruled(connection: Connection, kept: NetworkCache, ways: Ways, question: Question, window: Window) -> Side:
    """The network with the question's rules applied for the days of a journey."""
    q, days = question, (window.first, window.last)
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
        connection, ("ground", days), ways.network, GROUND, lambda: crossed(connection, ways.network, window)
    )
    seen: Reports = kept.for_room(
        connection, ("reports", days), ways, REPORTED, lambda: reports(connection, ways, window)
    )
    made: Side = kept.for_room(
        connection, ("side", *rules), (ways, ground, seen), (), lambda: _weighed(ways, ground, seen, question, window)
    )
    return made


def stands_in_the_way(question: Question, reason: str, fact: Fact) -> bool:
    """Whether a fact on an edge that is forbidden for this reason is one of those that forbid it."""
    if reason == "risk zone":
        return fact.level >= (question.risk_level or 0)
    if reason == "access constraint":
        return fact.level >= (question.constraint_severity or 0)
    return reason != "actor's area" or fact.about["actor"] in question.actors


def _weighed(ways: Ways, ground: Crossed, seen: Reports, question: Question, window: Window) -> Side:
    network, count = ways.network, len(ways.network.line)
    road = network.road
    status, limit = seen.strictest(ways, window, question.season)
    level = ground.level("zones", count, window)
    nothing = np.zeros(count, dtype=bool)
    severity = ground.level("constraints", count, window)
    # the first that holds is the one that is told
    rules: list[tuple[str, NDArray[np.bool_]]] = [
        ("too narrow or weak for the vehicle", (limit[road] > 0) & (limit[road] < question.vehicle)),
        ("closed", np.isin(status[road], ("closed", "abandoned")) & question.closed),
        ("hazard area", ground.any("hazards", count) & question.hazards),
        ("risk zone", (level >= question.risk_level) if question.risk_level else nothing),
        ("access constraint", (severity >= question.constraint_severity) if question.constraint_severity else nothing),
        ("actor's area", _on_areas_of(ground, question.actors, count)),
        ("left out", np.isin(ways.id[road], question.roads)),
    ]  # fmt: skip
    reasons: dict[int, str] = {}
    for reason, where in rules:
        for edge in np.flatnonzero(where).tolist():
            reasons.setdefault(edge, reason)
    forbidden = np.zeros(count, dtype=bool)
    forbidden[list(reasons)] = True
    hours = ways.hours(question.vehicle, status)
    weighed = ways.search.weigh(hours * (1 + question.risk * level), forbidden, ways.oneway[road])
    return Side(window, hours, limit, reasons, weighed, ground, seen)


def _on_areas_of(ground: Crossed, actors: tuple[int, ...], count: int) -> NDArray[np.bool_]:
    hit = np.zeros(count, dtype=bool)
    if actors:
        for edge, areas in ground.edges["areas"].items():
            hit[edge] = any(ground.facts["areas"][area].about["actor"] in actors for area in areas)
    return hit
