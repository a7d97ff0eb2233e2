"""How does one get from here to there, whose ground does the way cross, and whom does one inform?

A route describes a way on the roads as they are recorded. It grades nobody and clears nothing: the choice stays with
people, and absence of data is not absence of risk.
"""

from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from geoapp.access.lead_time import lead
from geoapp.access.nearby import incidents
from geoapp.access.network_cache import NetworkCache
from geoapp.access.passage import Window
from geoapp.access.paths import cheapest, ways
from geoapp.access.road_network import RoadNetwork
from geoapp.access.route_request import RouteRequest, RuledNetwork, Waypoint
from geoapp.access.rules import NAMED, apply_rules, road_network, stands_in_the_way
from geoapp.access.search import UNIT_S, CostedSearch
from geoapp.access.segments import segments_of
from geoapp.access.trees import FORBIDDEN
from geoapp.access.waypoints import nearest

OPENING = 2**20
"""What a forbidden edge costs when the question is where the way is blocked: more than any way round."""


def ask(connection: Connection, kept: NetworkCache, request: RouteRequest) -> dict[str, Any]:
    """The answer as a mapping: `routes` (each a FeatureCollection of segments with its sums), or `blocked` with what would
    open the way. Raises BadRequest, and Refused when a waypoint is far from every road that the room sees.

    What a rule forbids it forbids for the whole journey: a way that arrives on a day that was not thought of is looked
    for again, with what holds on that day too.
    """
    request.check()
    roads = road_network(connection, kept)
    west, east = float(roads.network.lon.min()), float(roads.network.lon.max())
    window = Window.of(request.departure, 0, west, east)
    while True:
        ruled = apply_rules(connection, kept, roads, request, window)
        spots = [nearest(roads, ruled, request.vehicle, lon, lat) for lon, lat in request.waypoints]
        with ruled.costed.lock:
            found = ways(roads, ruled, spots, request.alternatives)
            blocked = None if found else _blocked(roads, ruled, spots, request)
        routes = [segments_of(roads, ruled, pieces, request) for pieces in found]
        longest = max((route["elapsed_hours"] for route in routes), default=0)
        needed = window | Window.of(request.departure, longest, west, east)
        if needed == window:
            break
        window = needed
    for route in routes:
        route["incidents"] = incidents(connection, route)
    return {
        "vehicle_class": request.vehicle, "departure": request.departure.isoformat(), "season": request.season,
        "night_travel": request.night, "day": request.departure.date().isoformat(),
        "judged_for": [window.first.isoformat(), window.last.isoformat()],
        "waypoints": [{"off_road_km": round(s.off_km, 2),
                       "instead_of": s.passed._asdict() if s.passed else None} for s in spots],
        "network_as_of": roads.as_of.isoformat(timespec="seconds"), "network_complete": roads.complete,
        "lead": lead(connection, request.departure), "routes": routes,
    } | ({"blocked": blocked} if blocked is not None else {})  # fmt: skip


def _blocked(roads: RoadNetwork, ruled: RuledNetwork, spots: list[Waypoint], request: RouteRequest) -> dict[str, Any]:
    """Where the way is blocked, and what would open it: the way with the fewest forbidden pieces of road."""
    opened = np.where(ruled.costed.arcs >= FORBIDDEN, FORBIDDEN, ruled.costed.arcs)
    for edge in ruled.reasons:
        hours = max(1, round(ruled.hours[edge] * 3600 / UNIT_S))
        opened[2 * edge : 2 * edge + 2] = min(hours + OPENING, FORBIDDEN - 1)
    found = cheapest(roads, CostedSearch(roads.search, opened), spots)
    pieces = [piece for leg in found or [] for piece in leg.pieces]
    if not any(piece.edge in ruled.reasons for piece in pieces):
        islands = [int(roads.network.island[roads.network.tail[s.edge]]) for s in spots]
        joined = len(set(islands)) == 1
        what = ("These places are joined by roads, but too much stands between them, or a one-way road, to name it."
                if joined else "No road that is recorded joins these places, whatever were open.")  # fmt: skip
        return {"what": what, "would_open": [], "islands": islands}
    stops: list[dict[str, Any]] = []
    for piece in pieces:
        if piece.edge not in ruled.reasons:
            continue
        road = int(roads.network.road[piece.edge])
        stop: dict[str, Any] = {"reason": ruled.reasons[piece.edge], "road": roads.name[road]}
        kind = NAMED.get(stop["reason"])
        held = [ruled.crossed.facts[kind][i] for i in ruled.crossed.of(kind, piece.edge)] if kind else []
        named = [fact.name for fact in held if stands_in_the_way(request, stop["reason"], fact)]
        stop["names"] = list(dict.fromkeys(named))
        if not stops or {k: stops[-1][k] for k in stop} != stop:
            at = shapely.get_coordinates(roads.network.line[piece.edge])[0].tolist()
            stops.append(stop | {"at": at, "roads": []})
        stops[-1]["roads"].append(int(roads.id[road]))
    return {
        "what": f"Every way is blocked in {len(stops)} {'place' if len(stops) == 1 else 'places'} or more.",
        "would_open": stops,
    }
