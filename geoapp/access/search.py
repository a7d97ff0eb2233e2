"""Which way is cheapest? By customizable contraction hierarchies, or exactly the same by Dijkstra where their wheel is
missing (Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, 2016).

Costs are whole numbers of `UNIT_S` seconds for each arc; `FORBIDDEN` is never used.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoapp.access.network import Network
from geoapp.access.trees import FORBIDDEN, Costs, Ends, Graph, Trees, walk

cch: Any
try:
    import routingkit_cch as cch
except ImportError:
    cch = None

UNIT_S = 0.1
PENALTY = 1.5
"""How much dearer an edge is for each time it was used, where an alternative is looked for."""
LARGEST = 2**30


class Search:
    """The search over one network; costs may differ with every question."""

    def __init__(self, network: Network, order: NDArray[np.int64] | None = None) -> None:
        self._network = network
        if order is not None:
            self.order = order
        self.nodes = len(network.lon)
        self.tail = np.column_stack((network.tail, network.head)).ravel()
        self.head = np.column_stack((network.head, network.tail)).ravel()

    def weigh(
        self, hours: NDArray[np.float64], forbidden: NDArray[np.bool_], oneway: NDArray[np.bool_] | None = None
    ) -> "CostedSearch":
        """Costs from the (weighted) hours of each edge; what is forbidden, and a one-way edge against it, is never used."""
        units = np.clip(np.ceil(hours * 3600 / UNIT_S), 1, LARGEST).astype(np.int64)
        arcs = np.repeat(np.where(forbidden, FORBIDDEN, units), 2)
        if oneway is not None:
            arcs[1::2][oneway] = FORBIDDEN
        return CostedSearch(self, arcs)

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
    """Held while costs are asked or changed."""

    @cached_property
    def _metric(self) -> Any:
        return cch.CCHMetric(self.search.hierarchy, self.arcs.tolist())

    @cached_property
    def _trees(self) -> Trees:
        return Trees(self.search.graph, self.arcs)

    @contextmanager
    def changed(self, costs: dict[int, int]) -> Iterator[Callable[[dict[int, int]], None]]:
        """Within it these arcs cost something else, and those that the function it gives is called with; only they are
        given their new costs, all of them go back at once, and nobody else asks meanwhile."""
        before: dict[int, int] = {}

        def change(more: dict[int, int]) -> None:
            for arc in more:
                before.setdefault(arc, int(self.arcs[arc]))
            self._set(more)

        with self.lock:
            try:
                change(costs)
                yield change
            finally:
                self._set(before)

    def _set(self, costs: dict[int, int]) -> None:
        if not costs:
            return
        if cch is not None:
            # made anew each time: it may not leave the thread that made it
            cch.CCHMetricPartialUpdater(self.search.hierarchy).apply(self._metric, costs)
        self.arcs[list(costs)] = list(costs.values())
        self.__dict__.pop("_trees", None)

    def cheapest(self, sources: Ends, targets: Ends, *, exact: bool = False) -> tuple[int, list[int]] | None:
        """Cost and arcs of the cheapest way from one of the sources to one of the targets; None when there is none.

        `exact` asks Dijkstra, whatever is installed.
        """
        if not self.search.nodes:
            return None
        if cch is None or exact:
            return self._dijkstra(sources, targets)
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
        found = self._over(Trees(self.search.graph, costs), sources, targets)
        return None if found is None else found[1]

    def everywhere(self, sources: Ends) -> NDArray[np.float64]:
        """The cost of the cheapest way from one of the sources to every node; infinite where there is none."""
        return self._trees.grow(sources).cost

    def _dijkstra(self, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        return self._over(self._trees, sources, targets)

    @staticmethod
    def _over(trees: Trees, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        tree = trees.grow(sources)
        ends = [(float(tree.cost[node]) + extra, node) for node, extra in targets if np.isfinite(tree.cost[node])]
        if not ends:
            return None
        cost, at = min(ends)
        return round(cost), trees.arcs(walk(tree, at))
