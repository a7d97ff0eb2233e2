"""The cheapest way from waypoint to waypoint, and others that truly differ from it."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from geoapp.access.road_network import RoadNetwork
from geoapp.access.route_request import End, Piece, RuledNetwork, Waypoint
from geoapp.access.search import CostedSearch
from geoapp.access.trees import FORBIDDEN
from geoapp.access.waypoints import ends

TRULY_OTHER = 0.7
"""An alternative shares less than this part of its length with those before it."""

DETOUR = 1.6
"""An alternative costs, and takes, at most this many times what the first does."""

TRIES = 4
"""Searches for alternatives that plateaus do not show, each over the whole network."""


@dataclass(frozen=True)
class Leg:
    """A way between two waypoints, and what it costs in the units of the search."""

    cost: int
    pieces: list[Piece]


def cheapest(roads: RoadNetwork, costed: CostedSearch, spots: list[Waypoint]) -> list[Leg] | None:
    """The cheapest leg from each waypoint to the next; None when one of them cannot be travelled."""
    legs: list[Leg] = []
    for a, b in pairwise(spots):
        leg = _leg(roads, costed, a, b)
        if leg is None:
            return None
        legs.append(leg)
    return legs


def ways(roads: RoadNetwork, ruled: RuledNetwork, spots: list[Waypoint], wanted: int) -> list[list[Piece]]:
    """The cheapest way, and up to `wanted` - 1 that truly differ from it and from each other; none when there is no way."""
    first = cheapest(roads, ruled.costed, spots)
    if first is None:
        return []
    found = [_joined(first)]
    if wanted > 1:
        others = [
            _others(roads, ruled, a, b, leg, wanted - 1) for (a, b), leg in zip(pairwise(spots), first, strict=True)
        ]
        for number in range(wanted - 1):
            legs = [more[number] if number < len(more) else leg for leg, more in zip(first, others, strict=True)]
            if _differs(roads, ruled, _joined(legs), found):
                found.append(_joined(legs))
    return found


def _others(roads: RoadNetwork, ruled: RuledNetwork, a: Waypoint, b: Waypoint, first: Leg, wanted: int) -> list[Leg]:
    """Legs that truly differ from the first and from each other, and leave neither waypoint's edge to come back to it."""
    sources, targets = ends(ruled.costed, roads, a, leaving=True), ends(ruled.costed, roads, b, leaving=False)
    found: list[Leg] = []
    limit = DETOUR * first.cost
    for arcs in ruled.costed.differing([e[:2] for e in sources], [e[:2] for e in targets], limit):
        if len(found) == wanted:
            break
        if {arc // 2 for arc in arcs} & {a.edge, b.edge}:
            continue
        pieces = _pieces(roads, a, b, arcs, sources, targets)
        if _differs(roads, ruled, pieces, [first.pieces, *(leg.pieces for leg in found)]):
            found.append(Leg(sum(int(ruled.costed.arcs[arc]) for arc in arcs), pieces))
    # streets in a grid have many ways of equal cost and no plateau: what was found is made dearer there
    used = Counter(piece.edge for pieces in (first.pieces, *(leg.pieces for leg in found)) for piece in pieces)
    for _ in range(TRIES if len(found) < wanted else 0):
        more = ruled.costed.avoiding([e[:2] for e in sources], [e[:2] for e in targets], used)
        if more is None or len(found) == wanted:
            break
        used.update({arc // 2 for arc in more})
        cost = sum(int(ruled.costed.arcs[arc]) for arc in more)
        if cost > limit or {arc // 2 for arc in more} & {a.edge, b.edge}:
            continue
        pieces = _pieces(roads, a, b, more, sources, targets)
        if _differs(roads, ruled, pieces, [first.pieces, *(leg.pieces for leg in found)]):
            found.append(Leg(cost, pieces))
    return found


def _joined(legs: list[Leg]) -> list[Piece]:
    return [piece for leg in legs for piece in leg.pieces]


def _differs(roads: RoadNetwork, ruled: RuledNetwork, pieces: list[Piece], found: list[list[Piece]]) -> bool:
    """Whether a way takes no more than DETOUR times the hours of the first found, and truly differs from each."""
    return _hours(ruled, pieces) <= DETOUR * _hours(ruled, found[0]) and all(
        _shared(roads, pieces, earlier) < TRULY_OTHER for earlier in found
    )


def _hours(ruled: RuledNetwork, pieces: list[Piece]) -> float:
    return float(sum(ruled.hours[p.edge] * abs(p.end - p.start) for p in pieces))


def _shared(roads: RoadNetwork, pieces: list[Piece], earlier: list[Piece]) -> float:
    known = {p.edge for p in earlier}
    lengths = [(roads.network.length_km[p.edge] * abs(p.end - p.start), p.edge in known) for p in pieces]
    total = sum(length for length, _ in lengths)
    return sum(length for length, same in lengths if same) / total if total else 1.0


def _leg(roads: RoadNetwork, costed: CostedSearch, a: Waypoint, b: Waypoint) -> Leg | None:
    sources, targets = ends(costed, roads, a, leaving=True), ends(costed, roads, b, leaving=False)
    best = None
    if sources and targets:
        found = costed.cheapest([e[:2] for e in sources], [e[:2] for e in targets])
        best = None if found is None else Leg(found[0], _pieces(roads, a, b, found[1], sources, targets))
    if a.edge == b.edge:
        cost = int(costed.arcs[2 * a.edge + (b.part < a.part)])
        straight = round(cost * abs(b.part - a.part))
        if cost < FORBIDDEN and (best is None or straight <= best.cost):
            return Leg(straight, [Piece(a.edge, a.part, b.part)])
    return best


def _pieces(
    roads: RoadNetwork, a: Waypoint, b: Waypoint, arcs: list[int], sources: list[End], targets: list[End]
) -> list[Piece]:
    search = roads.search
    if arcs:
        begun, ended = int(search.tail[arcs[0]]), int(search.head[arcs[-1]])
    else:
        begun = ended = min((s.cost + t.cost, s.node) for s in sources for t in targets if s.node == t.node)[1]
    # a road that comes back to where it began has one node at both ends: the cheaper end is the one that was taken
    out = min((e.cost, e.at) for e in sources if e.node == begun)[1]
    into = min((e.cost, e.at) for e in targets if e.node == ended)[1]
    middle = [Piece(arc // 2, float(arc % 2), float(1 - arc % 2)) for arc in arcs]
    return [p for p in (Piece(a.edge, a.part, out), *middle, Piece(b.edge, into, b.part)) if p.start != p.end]
