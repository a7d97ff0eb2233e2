"""Roads that meet are joined, and those that only seem to are not: counted on a few lines by hand."""

import threading

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.access import network
from geoapp.access.network import Network
from geoapp.access.search import FORBIDDEN, Search

METRE = 1 / 111_320


def built(*lines: list[tuple[float, float]], apart: tuple[int, ...] = ()) -> Network:
    return network.build(
        np.array([shapely.LineString(line) for line in lines], dtype=object),
        np.array([i in apart for i in range(len(lines))], dtype=bool),
    )


def counts(made: Network) -> tuple[int, int, int, int, int]:
    b = made.built
    return b.nodes, b.edges, b.islands, b.snapped, b.crossings


def test_lines_that_cross_meet_unless_one_is_a_bridge() -> None:
    cross = ([(0, 0), (2, 0)], [(1, -1), (1, 1)])
    assert counts(built(*cross)) == (5, 4, 1, 0, 1)
    assert counts(built(*cross, apart=(1,))) == (4, 2, 2, 0, 0)


def test_a_bridge_is_joined_at_its_ends() -> None:
    made = built([(0, 0), (1, 0)], [(1, 0), (2, 0)], [(2, 0), (3, 0)], [(1.5, -1), (1.5, 1)], apart=(1,))
    assert counts(made) == (6, 4, 2, 0, 0)


def test_a_road_within_a_road_splits_it() -> None:
    assert counts(built([(0, 0), (1, 0), (2, 0)], [(1, 0), (1, 1)])) == (4, 3, 1, 0, 0)


def test_ends_that_miss_by_less_than_five_metres_are_joined_and_counted() -> None:
    for miss, joined in ((4, True), (6, False)):
        to_the_side = built([(0, 0), (2, 0)], [(1, 1), (1, miss * METRE)])
        assert (to_the_side.built.islands, to_the_side.built.snapped) == ((1, 1) if joined else (2, 0))
        end_to_end = built([(0, 0), (1, 0)], [(1 + miss * METRE, 0), (2, 0)])
        assert (end_to_end.built.islands, end_to_end.built.snapped) == ((1, 1) if joined else (2, 0))


def test_nothing_is_a_network_too() -> None:
    made = network.build(np.empty(0, dtype=object), np.zeros(0, dtype=bool))
    assert counts(made) == (0, 0, 0, 0, 0)


def test_islands_are_numbered_by_length() -> None:
    made = built([(0, 0), (0.1, 0)], [(5, 0), (7, 0)], [(7, 0), (8, 0)])
    assert made.built.islands == 2
    assert made.island[made.tail].tolist() == [1, 0, 0]
    assert round(made.built.largest_island_share, 3) == round(3 / 3.1, 3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=9),
       st.integers(0, 2**16))  # fmt: skip
def test_the_hierarchy_and_dijkstra_agree(steps: list[tuple[int, int, int, int]], seed: int) -> None:
    lines = [[(a, b), (c, d)] for a, b, c, d in steps if (a, b) != (c, d)]
    made = built(*lines)
    if not made.built.edges:
        return
    rng = np.random.default_rng(seed)
    oneway = (rng.random(len(lines)) < 0.3)[made.road]
    weighed = Search(made).weigh(rng.uniform(0.1, 3, made.built.edges), rng.random(made.built.edges) < 0.2, oneway)
    for _ in range(5):
        a, b = (int(n) for n in rng.integers(0, made.built.nodes, 2))
        quick, exact = (weighed.cheapest([(a, 0)], [(b, 0)], exact=e) for e in (False, True))
        assert (quick is None) == (exact is None)
        for found in (quick, exact):
            if found is not None:
                assert found[0] == quick[0] == sum(int(weighed.arcs[arc]) for arc in found[1])  # type: ignore[index]
                assert all(weighed.arcs[arc] < FORBIDDEN for arc in found[1])
    weighed.search.customizing_s = 0.0  # from here on the hierarchy alone is asked
    anew = Search(made).weigh(rng.uniform(0.1, 3, made.built.edges), rng.random(made.built.edges) < 0.2, oneway)
    for costed in (weighed, anew):
        found, exact = (costed.cheapest([(0, 0)], [(made.built.nodes - 1, 0)], exact=e) for e in (False, True))
        assert (found and found[0]) == (exact and exact[0])


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 7), st.integers(0, 2**16), st.sampled_from([3, 40, 4000]), st.booleans())
def test_the_way_found_for_new_costs_is_the_one_that_the_hierarchy_finds(
    side: int, seed: int, units: int, twice: bool
) -> None:
    """Streets of few different costs have many ways that cost the same; a road drawn twice has two arcs of one cost."""
    rng = np.random.default_rng(seed)
    at = [[(x, y) for x in range(side)] for y in range(side)]
    lines = [*at, *(list(line) for line in zip(*at, strict=True))]
    made = built(*lines, *lines[:1] * twice)
    edges = made.built.edges
    hours = rng.integers(1, units + 1, edges) * 0.1 / 3600
    shut, oneway = rng.random(edges) < 0.15, rng.random(edges) < 0.1
    new = Search(made).weigh(hours, shut, oneway)
    old = Search(made).weigh(hours, shut, oneway)
    old.search.customizing_s, new.search.customizing_s = 0.0, np.inf
    for _ in range(6):
        ends = rng.integers(0, made.built.nodes, 4).tolist()
        sources, targets = ([(n, int(rng.integers(0, 3))) for n in some] for some in (ends[:2], ends[2:]))
        assert new.cheapest(sources, targets) == old.cheapest(sources, targets)
    assert "_metric" in old.__dict__


def test_any_thread_may_ask_and_new_costs_are_asked_of_dijkstra_until_the_hierarchy_has_them() -> None:
    """A server answers each question on a thread of its own choosing."""
    made = built(*([(i, 0), (i + 1, 0)] for i in range(20)))
    search = Search(made)
    told: list[int] = []

    def ask() -> None:
        for first in (1.0, 0.5):
            costed = search.weigh(np.r_[first, np.ones(19)], np.zeros(20, dtype=bool))
            for customizing_s in (np.inf, 0.0):
                search.customizing_s = customizing_s
                with costed.lock:
                    found = costed.cheapest([(0, 0)], [(20, 0)])
                assert found is not None
                assert ("_metric" in costed.__dict__) == (customizing_s == 0)
                told.append(found[0])

    for _ in range(3):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert told == [720_000, 720_000, 702_000, 702_000] * 3


def test_the_same_costs_are_one_search_and_others_are_not() -> None:
    search = Search(built(*([(i, 0), (i + 1, 0)] for i in range(20))))
    none, one = np.zeros(20, dtype=bool), np.arange(20) == 3
    costed = search.weigh(np.ones(20), none)
    assert search.weigh(np.ones(20), none) is costed
    assert search.weigh(np.ones(20), one) is not costed
    assert search.weigh(np.ones(20), none, one) is not costed
