"""An earlier network may serve while a newer one is built, and never shows a road that the room may not see any more."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from geoapp import access, db
from geoapp.access import network_cache as keeping
from geoapp.access.road_network import load
from geoapp.cluster import Urls
from tests.access.test_route import road
from tests.gridland import point

SPOTS = point(0, 0.1), point(3, 0.1)
"""On the road round, near the ends of the straight one."""
STRAIGHT = {"round", "straight"}


class Room:
    """What rooms of Gridland are told by one keeper of networks, and how often it built one."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine, self.kept, self.built, self.hold = engine, access.NetworkCache(), 0, threading.Event()
        self.hold.set()

        def counted(connection: Any) -> Any:
            self.built += 1
            if threading.current_thread().name == "network":
                self.hold.wait(30)
            return load(connection)

        monkeypatch.setattr(keeping, "load", counted)

    def ask(self, audience: str = "internal") -> dict[str, Any]:
        question = access.RouteRequest(SPOTS, datetime(2026, 3, 1, 8, tzinfo=UTC))
        with db.transaction(self.engine, db.Context("grid", audience)) as connection:
            return access.ask(connection, self.kept, question)

    def names(self, audience: str = "internal") -> set[str]:
        return {f["properties"]["road"] for way in self.ask(audience)["routes"] for f in way["features"]}

    def run(self, sql: str, **values: Any) -> None:
        with db.transaction(self.engine, db.Context("grid", member="tester")) as connection:
            connection.execute(text(sql), values)


@pytest.fixture
def room(engine: Engine, gridded: Callable, monkeypatch: pytest.MonkeyPatch) -> Room:
    straight, round_ = ((c, 0) for c in range(4)), ((0, 0), (0, 3), (3, 3), (3, 0))
    assert gridded("roads", [road("straight", *straight), road("round", *round_)]).landed
    made = Room(engine, monkeypatch)
    yield made
    made.hold.set()
    made.kept.settle()


def test_facts_of_a_road_are_new_at_once_and_its_network_stays(room: Room) -> None:
    assert (room.names(), room.built) == (STRAIGHT, 1)
    room.run("UPDATE facts.road SET op_status = 'closed', name = 'shut' WHERE name = 'straight'")
    found = room.ask()
    assert ({f["properties"]["road"] for f in found["routes"][0]["features"]}, room.built) == ({"round"}, 1)
    assert found["network_complete"] is True
    room.run("UPDATE facts.road SET oneway = true WHERE name = 'round'")  # from (0, 0) on, and not back
    assert (room.names(), room.built) == ({"round"}, 1)


def test_added_roads_come_in_behind_and_the_old_network_answers_meanwhile(room: Room, gridded: Callable) -> None:
    before = room.ask()
    room.hold.clear()
    assert gridded("roads", [road("shorter", (0, 0), (3, 0))]).created == 1
    for _ in range(2):
        meanwhile = room.ask()
        assert (meanwhile["network_as_of"], meanwhile["network_complete"]) == (before["network_as_of"], False)
    room.hold.set()
    room.kept.settle()
    assert (room.ask()["network_complete"], room.built) == (True, 2)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE facts.road SET handling = 'RED' WHERE name = 'straight'",
        "DELETE FROM facts.road WHERE name = 'straight'",
    ],
)
def test_a_road_that_is_hidden_or_gone_is_not_told_for_a_moment(room: Room, gridded: Callable, change: str) -> None:
    assert room.names("hct") == STRAIGHT
    room.hold.clear()  # a build in the background would never end: whatever is answered now was waited for
    assert gridded("roads", [road("elsewhere", (7, 0), (8, 0))]).created == 1
    room.run(change)
    assert room.names("hct") == {"round"}
    assert room.ask("hct")["network_complete"] is True


def test_a_road_that_is_drawn_otherwise_is_waited_for(room: Room) -> None:
    assert room.names() == STRAIGHT
    room.hold.clear()
    room.run("UPDATE facts.road SET geom = ST_Multi(ST_Translate(geom, 5, 0)) WHERE name = 'straight'")
    assert room.names() == {"round"}


def test_a_room_that_is_shown_less_from_now_on_waits_for_its_own_network(room: Room, urls: Urls) -> None:
    room.run("UPDATE facts.road SET handling = 'AMBER' WHERE name = 'straight'")
    assert room.names("hct") == STRAIGHT
    room.hold.clear()
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.audience SET clearance = 'GREEN' WHERE key = 'hct'"))
    owner.dispose()
    assert "straight" not in str(room.ask("hct"))


def test_rooms_do_not_share_a_network(room: Room) -> None:
    room.run("UPDATE facts.road SET handling = 'RED' WHERE name = 'straight'")
    assert [room.names(who) for who in ("internal", "hct", "internal")] == [STRAIGHT, {"round"}, STRAIGHT]
