"""How does one get from here to there, whose ground does the way cross, and whom does one inform?

A route describes a way on the roads as they are recorded. It grades nobody and clears nothing: the choice stays with
people, and absence of data is not absence of risk.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from geoapp import geometry
from geoapp.access.nearby import incidents, lead
from geoapp.access.network_cache import NetworkCache
from geoapp.access.passage import Window
from geoapp.access.question import End, Piece, Question, Side, Spot
from geoapp.access.roads import Ways
from geoapp.access.rules import NAMED, roads, ruled, stands_in_the_way
from geoapp.access.search import FORBIDDEN, UNIT_S, Weighed
from geoapp.access.segments import told
from geoapp.codes import say
from geoapp.errors import Refused

MAX_OFF_KM = 20.0
TRULY_OTHER = 0.7
"""An alternative shares less than this part of its length with those before it."""
DETOUR, PENALTY = 1.6, 1.5
"""An alternative takes at most this many times the hours of the first; roads of earlier ones count this many times."""
OPENING = 2**20
"""What a forbidden edge costs when the question is where the way is blocked: more than any way round."""


def ask(connection: Connection, kept: NetworkCache, question: Question) -> dict[str, Any]:
    """The answer as a mapping: `routes` (each a FeatureCollection of segments with its sums), or `blocked` with what would
    open the way. Raises BadRequest, and Refused when a waypoint is far from every road that the room sees.

    What a rule forbids it forbids for the whole journey: a way that arrives on a day that was not thought of is looked
    for again, with what holds on that day too.
    """
    question.check()
    ways = roads(connection, kept)
    west, east = float(ways.network.lon.min()), float(ways.network.lon.max())
    window = Window.of(question.departure, 0, west, east)
    while True:
        side = ruled(connection, kept, ways, question, window)
        spots = [nearest(ways, side.limit, question.vehicle, lon, lat) for lon, lat in question.waypoints]
        with side.weighed.lock:
            found = _ways(ways, side, spots, question.alternatives)
            blocked = None if found else _blocked(ways, side, spots, question)
        routes = [told(ways, side, pieces, question) for pieces in found]
        longest = max((route["elapsed_hours"] for route in routes), default=0)
        needed = window | Window.of(question.departure, longest, west, east)
        if needed == window:
            break
        window = needed
    for route in routes:
        route["incidents"] = incidents(connection, route)
    return {
        "vehicle_class": question.vehicle, "departure": question.departure.isoformat(), "season": question.season,
        "night_travel": question.night, "day": question.departure.date().isoformat(),
        "judged_for": [window.first.isoformat(), window.last.isoformat()],
        "waypoints": [{"off_road_km": round(s.off_km, 2)} for s in spots],
        "network_as_of": ways.as_of.isoformat(timespec="seconds"), "network_complete": ways.complete,
        "lead": lead(connection, question.departure), "routes": routes,
    } | ({"blocked": blocked} if blocked is not None else {})  # fmt: skip


def nearest(ways: Ways, limit: NDArray[np.int64], vehicle: int, lon: float, lat: float, *, far: bool = True) -> Spot:
    """The nearest point of a road that the vehicle can be on. With `far`, raises Refused when that is more than
    MAX_OFF_KM away."""
    point = shapely.Point(lon, lat)
    edge = ways.nearest(limit, vehicle, point)
    if edge is None:
        raise Refused(
            f"No road is recorded for {say('vehicle_classes', vehicle).lower()}.", hint="Choose a lighter vehicle.",
            code="no-roads",
        )  # fmt: skip
    line = ways.network.line[edge]
    along = float(shapely.line_locate_point(line, point, normalized=True))
    on = shapely.line_interpolate_point(line, along, normalized=True)
    off = float(geometry.length_km(np.array([shapely.LineString([point, on])], dtype=object))[0])
    if far and off > MAX_OFF_KM:
        raise Refused(
            f"{lat:.4f}, {lon:.4f} is {off:,.0f} km from the nearest road.",
            hint="Choose a place by a road, or import the roads that are missing.", code="far-from-roads",
        )  # fmt: skip
    return Spot(edge, along, off)


def ends(weighed: Weighed, ways: Ways, spot: Spot, *, leaving: bool) -> list[End]:
    """The two ends of a waypoint's edge that can be gone to (or come from), each with what the part between costs."""
    along, against = weighed.arcs[2 * spot.edge], weighed.arcs[2 * spot.edge + 1]
    tail, head = int(ways.network.tail[spot.edge]), int(ways.network.head[spot.edge])
    to_head, to_tail = (along, against) if leaving else (against, along)
    both = [(head, to_head, 1 - spot.part, 1.0), (tail, to_tail, spot.part, 0.0)]
    return [End(node, round(float(cost) * part), at) for node, cost, part, at in both if cost < FORBIDDEN]


def _leg(ways: Ways, weighed: Weighed, a: Spot, b: Spot) -> tuple[int, list[Piece]] | None:
    sources, targets = ends(weighed, ways, a, leaving=True), ends(weighed, ways, b, leaving=False)
    best = None
    if sources and targets:
        found = weighed.cheapest([e[:2] for e in sources], [e[:2] for e in targets])
        best = None if found is None else (found[0], _pieces(ways, a, b, found[1], sources, targets))
    if a.edge == b.edge:
        cost = int(weighed.arcs[2 * a.edge + (b.part < a.part)])
        straight = round(cost * abs(b.part - a.part))
        if cost < FORBIDDEN and (best is None or straight <= best[0]):
            return straight, [Piece(a.edge, a.part, b.part)]
    return best


def _pieces(ways: Ways, a: Spot, b: Spot, arcs: list[int], sources: list[End], targets: list[End]) -> list[Piece]:
    search = ways.search
    if arcs:
        begun, ended = int(search.tail[arcs[0]]), int(search.head[arcs[-1]])
    else:
        begun = ended = min((s.cost + t.cost, s.node) for s in sources for t in targets if s.node == t.node)[1]
    # a road that comes back to where it began has one node at both ends: the cheaper end is the one that was taken
    out = min((e.cost, e.at) for e in sources if e.node == begun)[1]
    into = min((e.cost, e.at) for e in targets if e.node == ended)[1]
    middle = [Piece(arc // 2, float(arc % 2), float(1 - arc % 2)) for arc in arcs]
    return [p for p in (Piece(a.edge, a.part, out), *middle, Piece(b.edge, into, b.part)) if p.start != p.end]


def _whole(ways: Ways, weighed: Weighed, spots: list[Spot]) -> tuple[int, list[Piece]] | None:
    cost, pieces = 0, []
    for a, b in pairwise(spots):
        leg = _leg(ways, weighed, a, b)
        if leg is None:
            return None
        cost += leg[0]
        pieces += leg[1]
    return cost, pieces


def _ways(ways: Ways, side: Side, spots: list[Spot], wanted: int) -> list[list[Piece]]:
    """The cheapest way and those that truly differ from it: found where the roads of earlier ones cost more."""
    best = _whole(ways, side.weighed, spots)
    if best is None:
        return []
    found = [best[1]]
    with side.weighed.changed({}) as change:
        for _ in range(wanted * 2 if wanted > 1 else 0):
            if len(found) == wanted:
                break
            arcs = {arc for piece in found[-1] for arc in (2 * piece.edge, 2 * piece.edge + 1)}
            costs = {arc: int(side.weighed.arcs[arc]) for arc in arcs}
            change({arc: min(round(cost * PENALTY), FORBIDDEN - 1) for arc, cost in costs.items() if cost < FORBIDDEN})
            other = _whole(ways, side.weighed, spots)
            if other is None or _cost(side, other[1]) > DETOUR * _cost(side, found[0]):
                break
            if all(_shared(ways, other[1], earlier) < TRULY_OTHER for earlier in found):
                found.append(other[1])
    return found


def _cost(side: Side, pieces: list[Piece]) -> float:
    return float(sum(side.hours[p.edge] * abs(p.end - p.start) for p in pieces))


def _shared(ways: Ways, pieces: list[Piece], earlier: list[Piece]) -> float:
    known = {p.edge for p in earlier}
    lengths = [(ways.network.length_km[p.edge] * abs(p.end - p.start), p.edge in known) for p in pieces]
    total = sum(length for length, _ in lengths)
    return sum(length for length, same in lengths if same) / total if total else 1.0


def _blocked(ways: Ways, side: Side, spots: list[Spot], question: Question) -> dict[str, Any]:
    """Where the way is blocked, and what would open it: the way with the fewest forbidden pieces of road."""
    opened = np.where(side.weighed.arcs >= FORBIDDEN, FORBIDDEN, side.weighed.arcs)
    for edge in side.reasons:
        hours = max(1, round(side.hours[edge] * 3600 / UNIT_S))
        opened[2 * edge : 2 * edge + 2] = min(hours + OPENING, FORBIDDEN - 1)
    found = _whole(ways, Weighed(ways.search, opened), spots)
    if found is None:
        islands = [int(ways.network.island[ways.network.tail[s.edge]]) for s in spots]
        joined = len(set(islands)) == 1
        what = ("These places are joined by roads, but too much stands between them, or a one-way road, to name it."
                if joined else "No road that is recorded joins these places, whatever were open.")  # fmt: skip
        return {"what": what, "would_open": [], "islands": islands}
    stops: list[dict[str, Any]] = []
    for piece in found[1]:
        if piece.edge not in side.reasons:
            continue
        road = int(ways.network.road[piece.edge])
        stop: dict[str, Any] = {"reason": side.reasons[piece.edge], "road": ways.name[road]}
        kind = NAMED.get(stop["reason"])
        held = [side.crossed.facts[kind][i] for i in side.crossed.of(kind, piece.edge)] if kind else []
        named = [fact.name for fact in held if stands_in_the_way(question, stop["reason"], fact)]
        stop["names"] = list(dict.fromkeys(named))
        if not stops or {k: stops[-1][k] for k in stop} != stop:
            at = shapely.get_coordinates(ways.network.line[piece.edge])[0].tolist()
            stops.append(stop | {"at": at, "roads": []})
        stops[-1]["roads"].append(int(ways.id[road]))
    return {
        "what": f"Every way is blocked in {len(stops)} {'place' if len(stops) == 1 else 'places'} or more.",
        "would_open": stops,
    }
