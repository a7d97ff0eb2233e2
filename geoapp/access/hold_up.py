"""Which single piece of road, if it were lost, would cut the most places off from the hub?

Such a piece is an arc that every way from the hub to a node takes: it enters the node from its immediate dominator, and
every other arc that enters the node comes from beyond it. Dominators are found by the semi-NCA algorithm (Georgiadis:
Linear-Time Algorithms for Dominators and Related Problems, 2005), one-way roads in their direction.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geoapp.access.road_network import RoadNetwork
from geoapp.access.route_request import End, Waypoint
from geoapp.access.search import CostedSearch
from geoapp.access.trees import FORBIDDEN

MOST = 5
"""Pieces that are told."""

ALIKE = 0.5
"""Pieces that share more than this part of what lies beyond either lead to much the same places."""

Arc = tuple[int, int, int]
"""From node, to node, edge."""


def hold_up(
    roads: RoadNetwork, costed: CostedSearch, places: Sequence[dict[str, Any]], entries: list[tuple[float, int]],
    hub: Waypoint, ends: list[End],
) -> list[dict[str, Any]]:  # fmt: skip
    """At most MOST pieces of road, those that hold up most first, each with other places beyond it.

    `entries` says for each place how far it is (infinite: cut off) and by which node it is entered, `ends` where the hub's
    own edge can be left.
    """
    root = costed.search.nodes
    usable = np.flatnonzero(costed.arcs < FORBIDDEN)
    tails, heads = costed.search.tail[usable].tolist(), costed.search.head[usable].tolist()
    arcs: list[Arc] = list(zip(tails, heads, (usable // 2).tolist(), strict=True))
    arcs += [(root, end.node, -1 if end.at == hub.part else hub.edge) for end in ends]
    at: dict[int, list[int]] = {}
    for number, (away, node) in enumerate(entries):
        if np.isfinite(away):
            at.setdefault(node, []).append(number)
    pieces: list[tuple[int, set[int]]] = []
    for edge, lost in sorted(cuts(arcs, root, at), key=lambda cut: -len(cut[1])):
        if edge >= 0 and all(set(lost) != beyond for _, beyond in pieces):  # else on the way to the same places
            pieces.append((edge, set(lost)))
    told = []
    for edge, beyond in sorted(differing_first(pieces)[:MOST], key=lambda piece: -len(piece[1])):
        road = int(roads.network.road[edge])
        middle = shapely.line_interpolate_point(roads.network.line[edge], 0.5, normalized=True)
        told.append({"road": roads.name[road], "road_id": int(roads.id[road]), "at": [middle.x, middle.y],
                     "places": len(beyond), "names": sorted({places[number]["name"] for number in beyond})})  # fmt: skip
    return told


def differing_first(pieces: Sequence[tuple[int, set[int]]]) -> list[tuple[int, set[int]]]:
    """Those beyond which much else lies than beyond the ones before; then the others: pieces of one long road to much
    the same places would else be all that is told."""
    differ: list[tuple[int, set[int]]] = []
    rest: list[tuple[int, set[int]]] = []
    for edge, beyond in pieces:
        alike = any(len(beyond & other) > ALIKE * len(beyond | other) for _, other in differ)
        (rest if alike else differ).append((edge, beyond))
    return differ + rest


def cuts(arcs: Sequence[Arc], root: int, at: dict[int, list[int]]) -> list[tuple[int, list[int]]]:
    """Each edge without which something would be lost, with what: `at` says what is at each node."""
    after: dict[int, list[int]] = {}
    for tail, head, _ in arcs:
        after.setdefault(tail, []).append(head)
    order, parent = _depth_first(after, root)
    number = {node: n for n, node in enumerate(order)}
    entering: list[list[tuple[int, int]]] = [[] for _ in order]
    for tail, head, edge in arcs:
        if tail in number and tail != head:
            entering[number[head]].append((number[tail], edge))
    above = _dominators(parent, entering)
    beyond = [list(at.get(node, [])) for node in order]
    size = [1] * len(order)
    below: list[list[int]] = [[] for _ in order]
    for n in range(len(order) - 1, 0, -1):
        beyond[above[n]] += beyond[n]
        size[above[n]] += size[n]
        below[above[n]].append(n)
    # numbers within the tree of dominators: what lies beyond a node has the numbers from its own up to its size
    first = [0] * len(order)
    for n in range(len(order)):
        place = first[n] + 1
        for child in below[n]:
            first[child] = place
            place += size[child]
    found = []
    for n in range(1, len(order)):
        # the hub's own edge may enter twice: from its end, and from where the hub is on it
        into = {edge for tail, edge in entering[n] if not first[n] <= first[tail] < first[n] + size[n]}
        if len(into) == 1 and beyond[n]:
            found.append((into.pop(), beyond[n]))
    return found


def _depth_first(after: dict[int, list[int]], root: int) -> tuple[list[int], list[int]]:
    """The nodes in the order of a walk in depth, and the place in it of the node that each was come to from."""
    order, parent, seen = [root], [0], {root}
    path = [(0, iter(after.get(root, ())))]
    while path:
        place, rest = path[-1]
        node = next((other for other in rest if other not in seen), None)
        if node is None:
            path.pop()
            continue
        seen.add(node)
        order.append(node)
        parent.append(place)
        path.append((len(order) - 1, iter(after.get(node, ()))))
    return order, parent


def _dominators(parent: list[int], entering: list[list[tuple[int, int]]]) -> list[int]:
    """The immediate dominator of each node, all as places in a walk in depth."""
    count = len(parent)
    semi, label, up = list(range(count)), list(range(count)), list(parent)
    for node in range(count - 1, 0, -1):
        for tail, _ in entering[node]:
            # the least semidominator on the way up from the tail, among the nodes that were looked at before
            way = []
            at = tail
            while at > node and up[at] > node:
                way.append(at)
                at = up[at]
            for below in reversed(way):
                if semi[label[up[below]]] < semi[label[below]]:
                    label[below] = label[up[below]]
                up[below] = up[up[below]]
            semi[node] = min(semi[node], semi[label[tail]] if tail > node else tail)
    above = list(parent)
    for node in range(1, count):
        while above[node] > semi[node]:
            above[node] = above[above[node]]
    return above
