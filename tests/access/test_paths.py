"""Ways that differ from the cheapest one, and waypoints where open and closed roads meet."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import access, db
from geoapp.access import network
from geoapp.access.paths import DETOUR, TRULY_OTHER
from geoapp.access.search import CostedSearch, Search
from geoapp.access.trees import FORBIDDEN
from tests.access.test_route import road, way
from tests.gridland import point


def streets(side: int, seed: int, shut: float) -> CostedSearch:
    """A square of streets with costs at random, some forbidden and some one-way."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1) * 0.01
    lines = [shapely.LineString(line) for line in (*at, *at.transpose(1, 0, 2))]
    made = network.build(np.array(lines, dtype=object), np.zeros(len(lines), dtype=bool))
    edges = made.built.edges
    return Search(made).weigh(rng.uniform(0.1, 2, edges), rng.random(edges) < shut, rng.random(edges) < 0.1)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 9), st.integers(0, 2**16), st.sampled_from([0.0, 0.2, 0.4]))
def test_ways_that_differ_are_whole_open_and_within_their_limit(side: int, seed: int, shut: float) -> None:
    costed = streets(side, seed, shut)
    search = costed.search
    a, b = 0, search.nodes - 1
    first = costed.cheapest([(a, 0)], [(b, 0)])
    if first is None:
        assert list(costed.differing([(a, 0)], [(b, 0)], 1e12)) == []
        return
    limit = DETOUR * first[0]
    found = list(costed.differing([(a, 0)], [(b, 0)], limit))
    assert min(sum(int(costed.arcs[arc]) for arc in arcs) for arcs in found) == first[0]
    for arcs in found:
        assert (search.tail[arcs[0]], search.head[arcs[-1]]) == (a, b)
        assert search.head[arcs[:-1]].tolist() == search.tail[arcs[1:]].tolist()
        assert all(costed.arcs[arc] < FORBIDDEN for arc in arcs)
        assert sum(int(costed.arcs[arc]) for arc in arcs) <= limit
        assert len(set(search.tail[arcs].tolist())) == len(arcs)


def test_three_ways_share_little_cross_nothing_forbidden_and_are_no_long_way_round(ask: Callable) -> None:
    for cells in (((0, 0), (6, 5)), ((0.3, 0), (5, 7), (9, 9))):
        found = ask(*cells, alternatives=3, risk_level=1, departure=datetime(2026, 6, 1, 8, tzinfo=UTC))["routes"]
        assert len(found) >= 2
        pieces = []
        for number, route in enumerate(found):
            assert route["highest_risk"] == 0
            assert found[0]["hours"] <= route["hours"] <= DETOUR * found[0]["hours"]
            lines = shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in route["features"]])
            for earlier in pieces:
                # two roads that cross share a point, which has no length
                shared = shapely.length(shapely.intersection(shapely.buffer(lines, 1e-6), earlier))
                assert shared / shapely.length(lines) < TRULY_OTHER + 0.01, number
            pieces.append(lines)
    alone = ask((0, 0), (6, 5), risk_level=1, departure=datetime(2026, 6, 1, 8, tzinfo=UTC))["routes"][0]
    free = ask((0, 0), (6, 5), departure=datetime(2026, 6, 1, 8, tzinfo=UTC))["routes"][0]
    assert free["hours"] <= alone["hours"] + 1e-6


def crossing() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """A closed road straight to the town, an open one round to it, and the road from the lattice: all meet at their ends."""
    return [
        road("closed", (11, 0), (13, 0), opstatus=3), road("round", (11, 0), (11, 1), (13, 1), (13, 0)),
        road("west", (9, 0), (11, 0)),
    ]  # fmt: skip


def test_a_waypoint_where_a_closed_and_an_open_road_meet_leaves_by_the_open_one(ask: Callable, roads: Callable) -> None:
    assert roads("roads", crossing()).landed
    found = ask((13, 0), (10.5, 0))
    assert [s["road"] for s in way(found)] == ["round", "west"]
    town = found["waypoints"][0]
    assert (town["off_road_km"], town["instead_of"]) == (0, None)
    # by the closed road and 30 m from the open one, which is taken, and said
    near = ask((12.998, 0), (10.5, 0))
    assert [s["road"] for s in way(near)][0] == "round"
    assert near["waypoints"][0]["instead_of"] == {"road": "closed", "reason": "closed"}
    assert near["waypoints"][1]["instead_of"] is None
    # in the middle of the closed road no open one is meant
    shut = ask((12, 0), (10.5, 0))
    assert shut["routes"] == []
    assert [stop["road"] for stop in shut["blocked"]["would_open"]] == ["closed"]


def test_a_hub_where_a_closed_and_an_open_road_meet_is_reached(engine: Engine, roads: Callable) -> None:
    assert roads("roads", crossing()).landed
    rules = access.RouteRequest((point(13, 0), point(13, 0)), datetime(2026, 3, 1, tzinfo=UTC))
    with db.transaction(engine, db.Context("grid")) as connection:
        found = access.reach(connection, access.NetworkCache(), point(13, 0), 24, rules)
    assert found["reached"] > 50
    assert [piece["road"] for piece in found["hold_up"]][0] in ("round", "west")
    names = [tuple(piece["names"]) for piece in found["hold_up"]]
    assert len(set(names)) == len(names)


def test_a_record_without_an_end_in_any_calendar_stops_no_answer(
    engine: Engine, ask: Callable, roads: Callable
) -> None:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        for table in ("risk_zone", "area_part"):
            connection.execute(text(f"UPDATE facts.{table} SET valid = '[2026-01-01,9999-12-31]'"))
        connection.execute(
            text("""
            INSERT INTO facts.road_report (operation_id, handling, source_key, road_id, op_status, observed_on, valid)
            SELECT calc.operation(), 'GREEN', 'far', r.id, 'open', '2026-02-01', '[2026-02-01,9999-12-31]'
            FROM facts.road AS r WHERE r.name = 'row 2'""")
        )
    found = ask((1, 2), (4, 2))["routes"][0]
    assert [(z["name"], z["until"]) for z in found["zones"]] == [("Crossing", None)]
    assert any(s["reported"] for s in way({"routes": [found]}))
    rules = access.RouteRequest((point(1, 2), point(1, 2)), datetime(2026, 3, 1, tzinfo=UTC))
    with db.transaction(engine, db.Context("grid")) as connection:
        assert access.reach(connection, access.NetworkCache(), point(1, 2), 24, rules)["reached"] > 50
