"""Which way is cheapest? By customizable contraction hierarchies, or exactly the same by Dijkstra where their wheel is
missing (Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, 2016).

Costs are whole numbers of `UNIT_S` seconds for each arc; `FORBIDDEN` is never gone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geoapp.access.network import Network

cch: Any
try:
    import routingkit_cch as cch
except ImportError:
    cch = None

UNIT_S = 0.1
FORBIDDEN = 2**31 - 1
LARGEST = 2**30
Costs = NDArray[np.int64]
Ends = Sequence[tuple[int, int]]
"""Nodes to begin or end at, each with what it costs to get there from the place meant."""


class Search:
    """The search over one network; costs may differ with every question."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.nodes = len(network.lon)
        self.tail = np.column_stack((network.tail, network.head)).ravel()
        self.head = np.column_stack((network.head, network.tail)).ravel()

    def weigh(
        self, hours: NDArray[np.float64], forbidden: NDArray[np.bool_], oneway: NDArray[np.bool_] | None = None
    ) -> "Weighed":
        """Costs from the (weighed) hours of each edge; what is forbidden, and a one-way edge against it, is never gone."""
        units = np.clip(np.ceil(hours * 3600 / UNIT_S), 1, LARGEST).astype(np.int64)
        arcs = np.repeat(np.where(forbidden, FORBIDDEN, units), 2)
        if oneway is not None:
            arcs[1::2][oneway] = FORBIDDEN
        return Weighed(self, arcs)

    def prepare(self) -> None:
        """Make the hierarchy now, so that no question waits for it."""
        if cch is not None and self.nodes:
            self.hierarchy  # noqa: B018

    @cached_property
    def hierarchy(self) -> Any:
        """The network's hierarchy, for any costs: made once."""
        n = self._network
        tail, head = self.tail.tolist(), self.head.tolist()
        order = cch.compute_order_inertial(self.nodes, tail, head, n.lat.tolist(), n.lon.tolist())
        return cch.CCH(order, tail, head, filter_always_inf_arcs=False)


@dataclass(eq=False)
class Weighed:
    """A search with the cost of each arc."""

    search: Search
    arcs: Costs
    lock: RLock = field(default_factory=RLock)
    """Held while costs are asked or changed."""

    @cached_property
    def _metric(self) -> Any:
        return cch.CCHMetric(self.search.hierarchy, self.arcs.tolist())

    @contextmanager
    def changed(self, costs: dict[int, int]) -> Iterator[Callable[[dict[int, int]], None]]:
        """Within it these arcs cost something else, and those that the function it gives is called with; only they are
        weighed anew, all of them go back at once, and nobody else asks meanwhile."""
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

    def everywhere(self, sources: Ends) -> NDArray[np.float64]:
        """The cost of the cheapest way from one of the sources to every node; infinite where there is none."""
        return self._from(sources)[0][: self.search.nodes]

    def _dijkstra(self, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        n = self.search.nodes
        away, before, arc_of = self._from(sources)
        ends = [(float(away[node]) + extra, node) for node, extra in targets if np.isfinite(away[node])]
        if not ends:
            return None
        cost, at = min(ends)
        arcs: list[int] = []
        while before[at] != n:
            arcs.append(arc_of[int(before[at]) * (n + 1) + at])
            at = int(before[at])
        return round(cost), arcs[::-1]

    def _from(self, sources: Ends) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[int, int]]:
        """Cost to every node, the node before it, and the arc of each pair of nodes (tail × (nodes + 1) + head).

        One more node stands before all sources, so that one search answers for them together.
        """
        n = start = self.search.nodes
        usable = np.flatnonzero(self.arcs < FORBIDDEN)
        tail = np.r_[self.search.tail[usable], np.full(len(sources), start)].astype(np.int64)
        head = np.r_[self.search.head[usable], np.array([node for node, _ in sources], dtype=np.int64)]
        # a cost of nothing would be no arc at all to a sparse matrix
        weight = np.r_[self.arcs[usable], [max(extra, 1e-6) for _, extra in sources]].astype(np.float64)
        pair = tail * (n + 1) + head
        order = np.lexsort((weight, pair))
        order = order[np.r_[True, np.diff(pair[order]) > 0]] if len(order) else order
        graph = csr_array((weight[order], (tail[order], head[order])), shape=(n + 1, n + 1))
        away, before = dijkstra(graph, indices=start, return_predecessors=True)
        arcs = np.r_[usable, np.full(len(sources), -1)][order]
        return away, before, dict(zip(pair[order].tolist(), arcs.tolist(), strict=True))
