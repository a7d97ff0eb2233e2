"""Which way is cheapest? By customizable contraction hierarchies, or exactly the same by Dijkstra where their wheel is
missing (Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, 2016).

Costs are whole numbers of `UNIT_S` seconds for each arc; `FORBIDDEN` is never used.

A hierarchy answers in less than a millisecond, but takes long to be given costs: twenty times as long as Dijkstra takes for
one way, on a lattice of streets. New costs are therefore asked of Dijkstra until it has taken as long as the hierarchy
would. Both find the same way where one is cheapest; where several are, only the hierarchy is asked, so that a question has
one answer whoever asks it first.
"""

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from geoapp.access.network import Network
from geoapp.access.trees import FORBIDDEN, Costs, Ends, Graph, Trees

cch: Any
try:
    import routingkit_cch as cch
except ImportError:
    cch = None

UNIT_S = 0.1
PENALTY = 1.5
"""How much dearer an edge is for each time it was used, where an alternative is looked for."""
LARGEST = 2**30
CUSTOMIZING_S = 0.2
"""Seconds that giving costs to a hierarchy is thought to take before it was done once."""


class Search:
    """The search over one network; costs may differ with every question."""

    customizing_s = CUSTOMIZING_S
    """Seconds that it took to give this network's hierarchy its costs."""

    def __init__(self, network: Network, order: NDArray[np.int64] | None = None) -> None:
        self._network = network
        if order is not None:
            self.order = order
        self.nodes = len(network.lon)
        self.tail = np.column_stack((network.tail, network.head)).ravel()
        self.head = np.column_stack((network.head, network.tail)).ravel()
        self._weighed: WeakValueDictionary[int, CostedSearch] = WeakValueDictionary()

    def weigh(
        self, hours: NDArray[np.float64], forbidden: NDArray[np.bool_], oneway: NDArray[np.bool_] | None = None
    ) -> "CostedSearch":
        """Costs from the (weighted) hours of each edge; what is forbidden, and a one-way edge against it, is never used.

        Questions whose rules differ often come to the same costs (another day, another season): they share one search.
        """
        units = np.clip(np.ceil(hours * 3600 / UNIT_S), 1, LARGEST).astype(np.int64)
        arcs = np.repeat(np.where(forbidden, FORBIDDEN, units), 2)
        if oneway is not None:
            arcs[1::2][oneway] = FORBIDDEN
        key = zlib.crc32(arcs.data)
        known = self._weighed.get(key)
        if known is None or not np.array_equal(known.arcs, arcs):
            known = self._weighed[key] = CostedSearch(self, arcs)
        return known

    @cached_property
    def graph(self) -> Graph:
        """The network's pairs of neighbouring nodes, for any costs: made once."""
        return Graph(self.tail.astype(np.int64), self.head.astype(np.int64), self.nodes)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The nodes in the order in which the hierarchy takes them away: most of the work of making it. Empty without its wheel."""
        n = self._network
        if cch is None or not self.nodes:
            return np.empty(0, dtype=np.int64)
        found = cch.compute_order_inertial(self.nodes, self.tail.tolist(), self.head.tolist(), n.lat.tolist(), n.lon.tolist())  # fmt: skip
        return np.asarray(found, dtype=np.int64)

    @cached_property
    def hierarchy(self) -> Any:
        """The network's hierarchy, for any costs: made once."""
        return cch.CCH(self.order.tolist(), self.tail.tolist(), self.head.tolist(), filter_always_inf_arcs=False)


@dataclass(eq=False)
class CostedSearch:
    """A search with the cost of each arc."""

    search: Search
    arcs: Costs
    lock: RLock = field(default_factory=RLock)
    """Held while costs are asked."""
    _by_dijkstra_s: float = field(default=0.0, init=False)

    @cached_property
    def _metric(self) -> Any:
        hierarchy, began = self.search.hierarchy, time.thread_time()
        made = cch.CCHMetric(hierarchy, self.arcs.tolist())
        self.search.customizing_s = time.thread_time() - began
        return made

    @cached_property
    def _trees(self) -> Trees:
        return Trees(self.search.graph, self.arcs)

    def cheapest(self, sources: Ends, targets: Ends, *, exact: bool = False) -> tuple[int, list[int]] | None:
        """Cost and arcs of the cheapest way from one of the sources to one of the targets; None when there is none.

        `exact` asks Dijkstra, whatever is installed.
        """
        if not self.search.nodes:
            return None
        if cch is None or exact:
            return self._dijkstra(self._trees, sources, targets)
        if "_metric" not in self.__dict__ and self._by_dijkstra_s < self.search.customizing_s:
            self.search.graph  # noqa: B018  # made once, for any costs
            began = time.thread_time()
            way = self._trees.cheapest(sources, targets)
            self._by_dijkstra_s += time.thread_time() - began
            if way is None or way.cost >= LARGEST:
                return None
            if self._trees.alone(way, sources, targets):
                return way.cost, self._trees.arcs(way.nodes)
        found = cch.CCHQuery(self._metric).run_multi(list(sources), list(targets))
        if found.distance is None or found.distance >= LARGEST:
            return None
        return int(found.distance), list(found.arc_path)

    def differing(self, sources: Ends, targets: Ends, limit: float) -> Iterator[list[int]]:
        """Arcs of ways that cost at most `limit`, each the cheapest over a long stretch of it (`trees.Trees.differing`)."""
        return self._trees.differing(sources, targets, limit) if self.search.nodes else iter(())

    def avoiding(self, sources: Ends, targets: Ends, used: Mapping[int, int]) -> list[int] | None:
        """Arcs of the cheapest way where an edge costs PENALTY times as much for each time it was used; None without one."""
        costs = self.arcs.copy()
        for edge, times in used.items():
            for arc in (2 * edge, 2 * edge + 1):
                if costs[arc] < FORBIDDEN:
                    costs[arc] = min(round(int(costs[arc]) * PENALTY**times), FORBIDDEN - 1)
        found = self._dijkstra(Trees(self.search.graph, costs), sources, targets)
        return None if found is None else found[1]

    def everywhere(self, sources: Ends) -> NDArray[np.float64]:
        """The cost of the cheapest way from one of the sources to every node; infinite where there is none."""
        return self._trees.grow(sources).cost

    @staticmethod
    def _dijkstra(trees: Trees, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        way = trees.cheapest(sources, targets)
        return None if way is None else (way.cost, trees.arcs(way.nodes))
