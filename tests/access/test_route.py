"""Ways through Gridland, whose roads run along the middles of its squares: every answer is a number of squares."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import db
from geoapp.access import search
from geoapp.app import create_app
from geoapp.errors import BadRequest, Refused
from geoapp.settings import Settings
from tests.gridland import area, point, square

DAY, NEXT = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)
EAST_KM = 11.08
"""A square's width in km at 5.5° north, about; its height is 11.06."""


def road(name: str, *cells: tuple[float, float], **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    line = {"type": "LineString", "coordinates": [list(point(c, r)) for c, r in cells]}
    return line, {"source_key": name, "name": name, "fclass": 2, "srftpe": 1, "opstatus": 1, "curntprac": 6} | more


def lattice() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    rows = [road(f"row {r}", *((c, r) for c in range(10))) for r in range(10)]
    return rows + [road(f"column {c}", *((c, r) for r in range(10))) for c in range(10)]


def way(found: dict[str, Any], number: int = 0) -> list[dict[str, Any]]:
    return [f["properties"] for f in found["routes"][number]["features"]]


def test_squares_are_counted(ask: Callable) -> None:
    found = ask((0, 9), (3, 9))
    assert (len(found["routes"]), round(found["routes"][0]["km"] / EAST_KM, 1)) == (1, 3.0)
    assert round(found["routes"][0]["hours"], 2) == round(found["routes"][0]["km"] / 60, 2)


def test_it_says_whose_ground_and_whom_to_inform(ask: Callable) -> None:
    found = ask((0, 1), (4, 1))
    ground = [({a["name"] for a in s["actors"]}, round(s["km"] / EAST_KM, 1)) for s in way(found)]
    assert ground == [({"First Brigade", "First Battalion"}, 1.5), ({"First Brigade"}, 2.0), ({"Town Police"}, 0.5)]
    assert [a["name"] for a in found["routes"][0]["notify"]] == ["First Battalion", "First Brigade", "Town Police"]
    assert [a["name"] for a in ask((2, 3), (5, 3))["routes"][0]["actors"]] == [
        "First Brigade",
        "Town Police",
        "Water Aid Group",
    ]


def test_a_route_is_the_sum_of_its_segments(ask: Callable) -> None:
    found = ask((0, 0), (6, 3), (9, 9))["routes"][0]
    assert round(sum(f["properties"]["km"] for f in found["features"]), 1) == round(found["km"], 1)
    assert round(sum(f["properties"]["hours"] for f in found["features"]), 2) == round(found["hours"], 2)
    steps = [f["properties"] for f in found["features"]]
    for one, other in zip(steps, steps[1:], strict=False):
        assert abs(one["from_km"] + one["km"] - other["from_km"]) < 0.01


def test_a_closed_road_is_gone_round_and_forbidding_more_never_shortens(ask: Callable, roads: Callable) -> None:
    free = ask((0, 9), (3, 9))["routes"][0]
    assert roads("roads", [road("row 9", *((c, 9) for c in range(10)), opstatus=3)]).updated == 1
    round_ = ask((0.5, 8), (3, 8))["routes"][0]
    assert ask((0, 8), (3, 9), closed=False)["routes"][0]["hours"] <= ask((0, 8), (3, 9))["routes"][0]["hours"]
    assert round_["km"] < free["km"]
    closed = ask((1.5, 9), (2.5, 9))
    assert closed["routes"] == []
    assert closed["blocked"]["would_open"][0]["reason"] == "closed"
    assert closed["blocked"]["would_open"][0]["road"] == "row 9"


def test_a_zone_is_crossed_told_weighed_or_avoided(ask: Callable, roads: Callable) -> None:
    zone = {"name": "Wide zone", "likelihood": 5, "impact": 5, "threat_category": "crime", "valid_from": "2026-01-01",
            "valid_to": "2026-06-30"}  # fmt: skip
    assert roads("risk_zones", [(square(4, 6.2, 1, 1.6), zone)]).landed
    through = ask((3, 7), (6, 7))["routes"][0]
    assert (through["highest_risk"], round(through["km"] / EAST_KM)) == (5, 3)
    assert round(through["km_in_zones"] / EAST_KM, 1) == 1.0
    assert [z["name"] for s in way({"routes": [through]}) for z in s["zones"]] == ["Wide zone"]
    for more in ({"risk_level": 5}, {"risk": 10.0}):
        round_ = ask((3, 7), (6, 7), **more)["routes"][0]
        assert (round_["highest_risk"], round(round_["km"] / EAST_KM)) == (0, 5)
    assert (
        ask((3, 7), (6, 7), risk_level=5, departure=datetime(2026, 8, 1, tzinfo=UTC))["routes"][0]["km"]
        == through["km"]
    )


def test_an_actors_ground_is_left_out_when_asked(ask: Callable, engine: Engine) -> None:
    with db.transaction(engine, db.Context("grid")) as connection:
        police = connection.execute(text("SELECT id FROM facts.actor WHERE name = 'Town Police'")).scalar_one()
    found = ask((3, 1), (6, 1), actors=(police,))["routes"][0]
    assert "Town Police" not in [a["name"] for a in found["actors"]]
    assert round(found["km"] / EAST_KM) == 9


def test_a_vehicle_sets_out_from_a_road_that_carries_it(ask: Callable, roads: Callable) -> None:
    assert roads("roads", [road("path", (0.2, 9.3), (0.2, 9.0), curntprac=2)]).created == 1
    for vehicle, off in ((2, 0.0), (5, 3.3)):
        found = ask((0.2, 9.3), (3, 9), vehicle=vehicle)
        assert abs(found["waypoints"][0]["off_road_km"] - off) < 0.1
        assert found["routes"]


def test_a_road_that_comes_back_is_left_by_its_nearer_end(ask: Callable, roads: Callable) -> None:
    ring = ((12, 12), (13, 12), (13, 13), (12, 13), (12, 12))
    assert roads("roads", [road("ring", *ring), road("stem", (12, 12), (11, 12))]).created == 2
    found = ask((12.4, 12), (11, 12))["routes"][0]
    assert round(found["km"] / EAST_KM, 1) == 1.4
    assert round(ask((12, 12.4), (11, 12))["routes"][0]["km"] / EAST_KM, 1) == 1.4


def test_alternatives_truly_differ(ask: Callable) -> None:
    found = ask((0, 0), (5, 5), alternatives=3)["routes"]
    assert len(found) >= 2
    roads = [{(s["road_id"], round(s["from_km"])) for s in way({"routes": [f]})} for f in found]
    assert len({frozenset(r) for r in roads}) == len(found)


def test_a_room_is_told_no_ground_that_it_may_not_see(ask: Callable) -> None:
    assert "Secret Force" in [a["name"] for a in ask((5, 5), (6, 6))["routes"][0]["actors"]]
    assert "Secret Force" not in str(ask((5, 5), (6, 6), audience="hct"))


@pytest.mark.parametrize(
    ("cells", "more", "error"),
    [(((0, 0), (90, 9)), {}, Refused), (((0, 0),), {}, BadRequest), (((0, 0), (1, 1)), {"vehicle": 9}, BadRequest),
     (((0, 0), (1, 1)), {"risk_level": 7}, BadRequest), (tuple((0, 0) for _ in range(10_000)), {}, BadRequest)],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(ask: Callable, cells: Any, more: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(*cells, **more)


def test_no_road_between(ask: Callable, roads: Callable) -> None:
    assert roads("roads", [road("far", (12, 0), (12, 3))]).created == 1
    found = ask((0, 0), (12, 1))
    assert (found["routes"], found["blocked"]["would_open"]) == ([], [])
    assert "No road that is recorded joins" in found["blocked"]["what"]


def test_the_doors(engine: Engine, roads: Callable) -> None:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as client:
        here = "/operations/grid"
        spots = {"type": "MultiPoint", "coordinates": [point(0, 9), point(3, 9)]}
        found = client.post(f"{here}/routes", json={"waypoints": spots, "departure": "2026-03-01T08:00:00Z"})
        assert (found.status_code, round(found.json()["routes"][0]["km"] / EAST_KM)) == (200, 3)
        assert client.get(f"{here}/place?q=square 2-3").json()["name"] == "Square 2-3"
        for body in ({}, {"waypoints": {"coordinates": [[0, 0]] * 10_000}}, {"waypoints": spots, "vehicle_class": 77},
                     {"waypoints": {"coordinates": [[1e999, 0], [0, 0]]}}, {"waypoints": spots, "x": 1}):  # fmt: skip
            answer = client.post(
                f"{here}/routes", content=json.dumps(body), headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 400, (body.keys(), answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
        earlier = client.post(f"{here}/routes?as_of=2026-01-01", json={"waypoints": spots})
        assert (earlier.status_code, "known now" in earlier.json()["detail"]) == (400, True)
        sea = {"coordinates": [[0.0, 0.0], point(3, 9)]}
        assert client.post(f"{here}/routes", json={"waypoints": sea}).status_code == 422
        assert client.get(f"{here}/place?q=nowhere").status_code == 400


def test_areas_of_another_time_are_not_told(ask: Callable, roads: Callable) -> None:
    assert roads(
        "areas",
        [area("old", "Old Guard", "military", square(7, 7, 2, 2), date_from="2020-01-01", date_to="2020-12-31")],
    ).landed
    assert "Old Guard" not in str(ask((7, 7), (8, 8)))


_CELL = st.tuples(st.integers(0, 36).map(lambda n: n / 4), st.integers(0, 9))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_CELL, min_size=2, max_size=3, unique=True), st.sampled_from([1, 3, 5]), st.booleans())
def test_properties_of_ways(ask: Callable, cells: list[tuple[float, int]], level: int, night: bool) -> None:
    """A way is the sum of its segments, forbidding more shortens none, and Dijkstra finds the same hours."""
    more = {"departure": datetime(2026, 6, 1, 15, tzinfo=UTC), "night": night}  # the zone of square 2,2 holds then
    free, kept_out = ask(*cells, **more)["routes"], ask(*cells, risk_level=level, **more)["routes"]
    for route in [*free, *kept_out]:
        steps = [f["properties"] for f in route["features"]]
        assert abs(sum(s["hours"] for s in steps) - route["hours"]) <= 1e-3 + 1e-4 * len(steps)
        assert abs(sum(s["km"] for s in steps) - route["km"]) <= 5e-3 + 1e-3 * len(steps)
        nights = sum(s["hours"] for s in route["stops"])
        assert abs(route["hours"] + nights - route["elapsed_hours"]) < 0.02 + 0.01 * len(route["stops"])
    assert len(free) == 1
    assert all(route["hours"] >= free[0]["hours"] - 1e-3 for route in kept_out)
    assert all(route["highest_risk"] < level for route in kept_out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "cch", None)
        again = ask(*cells, **more)["routes"]
    assert abs(again[0]["hours"] - free[0]["hours"]) < 1e-6


def test_without_the_hierarchies_the_answer_is_the_same(ask: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    with_them = [ask((0, 0), (6, 3), (9, 9)), ask((1, 1), (7, 8), alternatives=3)]
    monkeypatch.setattr(search, "cch", None)
    without = [ask((0, 0), (6, 3), (9, 9), departure=NEXT), ask((1, 1), (7, 8), alternatives=3, departure=NEXT)]
    for a, b in zip(with_them, without, strict=True):
        assert [round(way["hours"], 3) for way in a["routes"][:1]] == [
            round(way["hours"], 3) for way in b["routes"][:1]
        ]
        assert len(b["routes"]) >= 1
