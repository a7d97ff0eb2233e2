"""From a hub in Gridland: hours are squares, and a bridge is what joins two halves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import access, db
from geoapp.access.hold_up import cuts, differing_first
from geoapp.app import create_app
from geoapp.errors import BadRequest
from geoapp.settings import Settings
from tests.access.test_route import road
from tests.gridland import point

DAY = datetime(2026, 3, 1, 8, tzinfo=UTC)


def ladder() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Two rows of five squares each, joined by the one road across the middle."""
    return [
        road("south", *((c, 1) for c in range(5))), road("south again", *((c, 2) for c in range(5))),
        road("west", (0, 1), (0, 2)), road("east", (4, 1), (4, 2)), road("across", (2, 2), (2, 7)),
        road("north", *((c, 7) for c in range(5))), road("north again", *((c, 8) for c in range(5))),
        road("far west", (0, 7), (0, 8)), road("far east", (4, 7), (4, 8)),
    ]  # fmt: skip


@pytest.fixture
def ask(engine: Engine, gridded: Callable) -> Callable[..., dict[str, Any]]:
    assert gridded("roads", ladder()).landed

    def run(hours: float, **more: Any) -> dict[str, Any]:
        spot = point(2, 1)
        with db.transaction(engine, db.Context("grid")) as connection:
            return access.reach(
                connection, access.NetworkCache(), spot, hours, access.RouteRequest((spot, spot), DAY, **more)
            )

    return run


def test_hours_are_squares_and_the_road_across_holds_up_most(ask: Callable) -> None:
    found = ask(24)
    hours = {p["name"]: p["hours"] for p in found["places"] if p["what"] == "district"}
    assert abs(hours["Square 4-1"] - 2 * 11.08 / 60) < 0.02
    assert abs(hours["Square 2-7"] - hours["Square 2-2"] - 5 * 11.06 / 60) < 0.02
    assert found["hold_up"][0]["road"] == "across"
    assert "Square 0-8" in found["hold_up"][0]["names"]
    assert "Square 0-1" not in found["hold_up"][0]["names"]
    assert found["reached"] + found["later"] + found["cut_off"] == len(found["places"])


def test_fewer_hours_reach_less_and_a_closed_road_cuts_off(ask: Callable, gridded: Callable) -> None:
    near, far = ask(0.5), ask(24)
    assert near["reached"] < far["reached"]
    before = {p["name"] for p in far["places"] if p["hours"] is None}
    assert gridded("roads", [road("across", (2, 2), (2, 7), opstatus=3)]).updated == 1
    cut = {p["name"] for p in ask(24)["places"] if p["hours"] is None}
    assert "Square 2-8" in cut - before
    assert "Square 4-2" not in cut


def test_the_doors(engine: Engine, ask: Callable) -> None:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as client:
        found = client.post(
            "/operations/grid/reach", json={"hub": point(2, 1), "hours": 2, "departure": DAY.isoformat()}
        )
        assert (found.status_code, found.json()["within_hours"]) == (200, 2)
        assert client.post("/operations/grid/reach", json={"hub": [500, 0]}).status_code == 400
        assert client.post("/operations/grid/reach", json={"hub": point(2, 1), "vehicle_class": 0}).status_code == 400
        built = client.get("/operations/grid/network").json()
        assert (built["islands"], built["snapped"]) == (1, 0)


def test_no_hours_are_no_question(ask: Callable) -> None:
    with pytest.raises(BadRequest):
        ask(0)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=24))
def test_what_a_piece_of_road_holds_up_is_what_is_lost_without_it(streets: list[tuple[int, int, bool]]) -> None:
    arcs = [(a, b, edge) for edge, (a, b, _) in enumerate(streets)]
    arcs += [(b, a, edge) for edge, (a, b, oneway) in enumerate(streets) if not oneway]

    def reached(without: int | None = None) -> set[int]:
        seen, rest = {0}, [0]
        while rest:
            here = rest.pop()
            for tail, head, edge in arcs:
                if tail == here and head not in seen and edge != without:
                    seen.add(head)
                    rest.append(head)
        return seen

    lost = {edge: reached() - reached(edge) for edge in range(len(streets))}
    found = {edge: set(places) for edge, places in cuts(arcs, 0, {node: [node] for node in range(10)})}
    assert found == {edge: places for edge, places in lost.items() if places}


def test_a_one_way_road_holds_up_what_it_alone_leads_to(engine: Engine, gridded: Callable) -> None:
    """Out by the bridge or by the ford, but back over the ford only: the ford is no way out."""
    streets = [
        road("near", (0, 1), (1, 1)), road("bridge", (1, 1), (1, 3), oneway=1), road("far", (1, 3), (4, 3)),
        road("ford", (1, 3), (0, 2), (0, 1), oneway=1),
    ]  # fmt: skip
    assert gridded("roads", streets).landed
    with db.transaction(engine, db.Context("grid")) as connection:
        spot = point(0, 1)
        oneway = connection.execute(text("SELECT count(*) FROM facts.road WHERE oneway")).scalar_one()
        found = access.reach(
            connection, access.NetworkCache(), spot, 24, access.RouteRequest((spot, spot), DAY)
        )  # fmt: skip
    assert oneway == 2
    assert "bridge" in [piece["road"] for piece in found["hold_up"]]
    assert len({tuple(piece["names"]) for piece in found["hold_up"]}) == len(found["hold_up"])


def test_pieces_to_much_the_same_places_are_told_once_while_others_differ() -> None:
    """A long road to twenty places, then four spurs to some of them: the road, and what differs, before more of the road."""
    road_ = [(edge, set(range(edge, 20))) for edge in range(5)]
    spurs = [(10 + n, {16 + n}) for n in range(4)]
    first = [edge for edge, _ in differing_first(road_ + spurs)]
    assert first == [0, 10, 11, 12, 13, 1, 2, 3, 4]
