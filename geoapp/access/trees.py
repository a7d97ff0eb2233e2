"""From one end and to the other: trees of the cheapest ways, and the ways that differ from the cheapest of all.

Both trees agree on stretches (plateaus). A long one that is not on the cheapest way belongs to a way that is itself the
cheapest over a good part of its length, so it makes a sensible alternative (Abraham, Delling, Goldberg, Werneck:
Alternative Routes in Road Networks, 2013).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

FORBIDDEN = 2**31 - 1
"""The cost of an arc that is never used."""

MOST_TRIED = 300
"""Plateaus that are looked at, the best first."""

Costs = NDArray[np.int64]
Floats = NDArray[np.float64]
Nodes = NDArray[np.int64]
Ends = Sequence[tuple[int, int]]
"""Nodes to begin or end at, each with what it costs to get there from the place meant."""


class Graph:
    """Pairs of nodes that an arc joins, in order; arcs 2e and 2e + 1 are one edge in its two directions."""

    def __init__(self, tail: Nodes, head: Nodes, nodes: int) -> None:
        self.nodes = nodes
        keys = tail * max(nodes, 1) + head
        self.order = np.argsort(keys, kind="stable")
        first = np.r_[True, np.diff(keys[self.order]) > 0] if len(keys) else np.zeros(0, dtype=bool)
        self.starts = np.flatnonzero(first)
        self.pair = np.cumsum(first) - 1
        self.keys = keys[self.order][self.starts]
        self.tail, self.head = tail[self.order][self.starts], head[self.order][self.starts]
        self.beside = self.head.astype(np.int32)
        self.rows = np.r_[0, np.cumsum(np.bincount(self.tail, minlength=nodes))]
        self.back = np.searchsorted(self.keys, self.head * max(nodes, 1) + self.tail)
        """The pair that joins the same nodes the other way round."""


@dataclass(frozen=True, eq=False)
class Tree:
    """The cost of the cheapest way between its root and every node (infinite: none), and the node next to each on it
    towards the root (-1: none)."""

    cost: Floats
    beside: Nodes


@dataclass(frozen=True, eq=False)
class Way:
    """The cheapest way from one of several ends to one of others, by its nodes, and the tree in which it was found."""

    cost: int
    nodes: list[int]
    tree: Tree


class Trees:
    """Trees of one graph for the costs of its arcs."""

    def __init__(self, graph: Graph, arcs: Costs) -> None:
        self._graph = graph
        costs = arcs[graph.order].astype(np.float64)
        costs[costs >= FORBIDDEN] = np.inf
        self._last: tuple[tuple[tuple[int, int], ...], Tree] | None = None
        self._arcs, self._cost = costs, np.minimum.reduceat(costs, graph.starts) if len(costs) else costs

    @cached_property
    def _back(self) -> Floats:
        return np.asarray(self._cost[self._graph.back])

    def grow(self, ends: Ends, *, towards: bool = False, limit: float = 1e300) -> Tree:
        """The tree of ways from these ends, or `towards` them, to what costs at most `limit`."""
        g, n = self._graph, self._graph.nodes
        # one more node stands before all ends, so that one search answers for them together; a cost of nothing would be
        # no arc at all to a sparse matrix
        extra = [max(cost, 1e-6) for _, cost in ends]
        weight = np.concatenate((self._back if towards else self._cost, extra))
        beside = np.concatenate((g.beside, np.array([node for node, _ in ends], dtype=np.int32)))
        rows = np.append(g.rows, g.rows[-1] + len(ends)).astype(np.int32)
        matrix = csr_array((weight, beside, rows), shape=(n + 1, n + 1))
        # what is forbidden costs more than any limit
        cost, before = dijkstra(matrix, indices=n, return_predecessors=True, limit=limit)
        before = before[:n].astype(np.int64)
        return Tree(cost[:n], np.where((before >= 0) & (before < n), before, -1))

    def cheapest(self, sources: Ends, targets: Ends) -> Way | None:
        """The cheapest way from a source to a target; None when there is none."""
        if self._last is None or self._last[0] != tuple(sources):
            self._last = tuple(sources), self.grow(sources)
        tree = self._last[1]
        ends = [(float(tree.cost[node]) + extra, node) for node, extra in targets if np.isfinite(tree.cost[node])]
        if not ends:
            return None
        cost, at = min(ends)
        return Way(round(cost), _walk(tree, at)[::-1], tree)

    def alone(self, way: Way, sources: Ends, targets: Ends) -> bool:
        """Whether no other way costs as little: one end and one arc alone lead to each of its nodes at that cost. Ends of
        which two are one node count as another way."""
        g, cost, nodes = self._graph, way.tree.cost, np.array(way.nodes, dtype=np.int64)
        into = g.back[np.r_[tuple(slice(g.rows[node], g.rows[node + 1]) for node in nodes)]]
        # costs are whole, but for the little that an end of no cost has
        tight = into[np.abs(cost[g.tail[into]] + self._cost[into] - cost[g.head[into]]) < 0.5]
        begun = [node for node, extra in sources if abs(cost[node] - extra) < 0.5 and node in way.nodes]
        ended = [node for node, extra in targets if abs(cost[node] + extra - way.cost) < 0.5]
        return (
            sum(len(self._cheapest(pair)) for pair in tight.tolist()) + len(begun) == len(nodes)
            and ended == [way.nodes[-1]]
            and all(len({node for node, _ in ends}) == len(ends) for ends in (sources, targets))
        )

    def _cheapest(self, pair: int) -> Nodes:
        """The arcs between two nodes that cost no more than the others between them, in order."""
        g = self._graph
        here = slice(g.starts[pair], g.starts[pair + 1] if pair + 1 < len(g.starts) else None)
        return np.asarray(g.order[here][self._arcs[here] == self._cost[pair]])

    def arcs(self, nodes: list[int]) -> list[int]:
        """The cheapest arcs from each of these nodes to the next."""
        at = np.array(nodes, dtype=np.int64)
        keys = at[:-1] * max(self._graph.nodes, 1) + at[1:]
        return [int(self._cheapest(pair)[0]) for pair in np.searchsorted(self._graph.keys, keys).tolist()]

    def differing(self, sources: Ends, targets: Ends, limit: float) -> Iterator[list[int]]:
        """Arcs of ways from a source to a target that cost at most `limit`, those over long plateaus first; the cheapest
        way is among them."""
        out, into = self.grow(sources, limit=limit), self.grow(targets, towards=True, limit=limit)
        through = out.cost + into.cost
        here = np.arange(self._graph.nodes)
        both = (out.beside >= 0) & (through <= limit)
        both[both] = into.beside[out.beside[both]] == here[both]
        begins = np.where(both, out.beside, here)
        while not np.array_equal(further := begins[begins], begins):
            begins = further
        last = both.copy()
        last[out.beside[both]] = False
        ends = np.flatnonzero(last)
        detour = through[ends] - (out.cost[ends] - out.cost[begins[ends]])
        for node in ends[np.argsort(detour, kind="stable")[:MOST_TRIED]].tolist():
            nodes = [*_walk(out, node)[::-1], *_walk(into, node)[1:]]
            if len(set(nodes)) == len(nodes):
                yield self.arcs(nodes)


def _walk(tree: Tree, node: int) -> list[int]:
    """The nodes from this one to the root of its tree."""
    nodes = [node]
    while tree.beside[nodes[-1]] >= 0:
        nodes.append(int(tree.beside[nodes[-1]]))
    return nodes
