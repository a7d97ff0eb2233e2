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
        self.rows = np.r_[0, np.cumsum(np.bincount(self.tail, minlength=nodes))]
        self.back = np.searchsorted(self.keys, self.head * max(nodes, 1) + self.tail)
        """The pair that joins the same nodes the other way round."""


@dataclass(frozen=True, eq=False)
class Tree:
    """The cost of the cheapest way between its root and every node (infinite: none), and the node next to each on it
    towards the root (-1: none)."""

    cost: Floats
    beside: Nodes


class Trees:
    """Trees of one graph for the costs of its arcs."""

    def __init__(self, graph: Graph, arcs: Costs) -> None:
        self._graph = graph
        costs = np.where(arcs < FORBIDDEN, arcs, np.inf)[graph.order]
        self._cost = np.minimum.reduceat(costs, graph.starts) if len(costs) else costs
        cheapest = np.flatnonzero(costs == self._cost[graph.pair])[::-1]
        self._arc = np.zeros(len(graph.starts), dtype=np.int64)
        self._arc[graph.pair[cheapest]] = graph.order[cheapest]

    @cached_property
    def _back(self) -> Floats:
        return np.asarray(self._cost[self._graph.back])

    def grow(self, ends: Ends, *, towards: bool = False, limit: float = 1e300) -> Tree:
        """The tree of ways from these ends, or `towards` them, to what costs at most `limit`."""
        g, n = self._graph, self._graph.nodes
        # one more node stands before all ends, so that one search answers for them together; a cost of nothing would be
        # no arc at all to a sparse matrix
        extra = [max(cost, 1e-6) for _, cost in ends]
        weight = np.r_[self._back if towards else self._cost, extra]
        beside = np.r_[g.head, np.array([node for node, _ in ends], dtype=np.int64)]
        matrix = csr_array((weight, beside, np.r_[g.rows, g.rows[-1] + len(ends)]), shape=(n + 1, n + 1))
        # what is forbidden costs more than any limit
        cost, before = dijkstra(matrix, indices=n, return_predecessors=True, limit=limit)
        before = before[:n].astype(np.int64)
        return Tree(cost[:n], np.where((before >= 0) & (before < n), before, -1))

    def arcs(self, nodes: list[int]) -> list[int]:
        """The cheapest arcs from each of these nodes to the next."""
        at = np.array(nodes, dtype=np.int64)
        keys = at[:-1] * max(self._graph.nodes, 1) + at[1:]
        return [int(arc) for arc in self._arc[np.searchsorted(self._graph.keys, keys)]]

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


def walk(tree: Tree, node: int) -> list[int]:
    """The nodes on the tree's way from its root to this one."""
    return _walk(tree, node)[::-1]
