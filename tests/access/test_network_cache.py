"""An earlier network may serve while a newer one is built, and never shows a road that the room may not see any more."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from starlette.testclient import TestClient

from geoapp import access, db, jobs
from geoapp.access import network_cache, network_store
from geoapp.access.road_network import RoadNetwork, load
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.settings import Settings
from tests.access.test_route import road
from tests.gridland import point

SPOTS = point(0, 0.1), point(3, 0.1)
"""On the road round, near the ends of the straight one."""
STRAIGHT = {"round", "straight"}


class Room:
    """What rooms of Gridland are told by one keeper of networks, and how often it built one in answering."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine, self.kept, self.built, self._monkeypatch = engine, access.NetworkCache(), 0, monkeypatch

        def counted(connection: Connection) -> RoadNetwork:
            self.built += 1
            return load(connection)

        monkeypatch.setattr(network_cache, "load", counted)

    def large(self) -> None:
        """From now on the roads are so many that building takes a job."""
        self._monkeypatch.setattr(network_store, "LARGE", 2)

    def state(self, audience: str = "internal") -> str:
        with db.transaction(self.engine, db.Context("grid", audience)) as connection:
            return self.kept.state(connection)

    def build(self, audience: str = "internal", meanwhile: Callable[[], None] = lambda: None) -> None:
        """What the job does."""
        context, steps = db.Context("grid", audience), []
        roads = access.build(self.engine, context, steps.append)
        assert steps == ["reading roads", "joining ends", "finding junctions", "cutting roads", "ordering junctions"]
        meanwhile()
        with db.transaction(self.engine, context) as connection:
            access.keep(connection, roads)

    def stored(self, audience: str) -> int:
        with db.transaction(self.engine, db.Context("grid", audience)) as connection:
            return int(connection.execute(text("SELECT count(*) FROM facts.network")).scalar_one())

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
    return Room(engine, monkeypatch)


def test_facts_of_a_road_are_new_at_once_and_its_network_stays(room: Room) -> None:
    assert (room.names(), room.built) == (STRAIGHT, 1)
    room.run("UPDATE facts.road SET op_status = 'closed', name = 'shut' WHERE name = 'straight'")
    found = room.ask()
    assert ({f["properties"]["road"] for f in found["routes"][0]["features"]}, room.built) == ({"round"}, 1)
    assert found["network_complete"] is True
    room.run("UPDATE facts.road SET oneway = true WHERE name = 'round'")  # from (0, 0) on, and not back
    assert (room.names(), room.built) == ({"round"}, 1)


def test_a_few_roads_that_are_added_are_in_the_next_answer(room: Room, gridded: Callable) -> None:
    room.ask()
    assert gridded("roads", [road("shorter", (0, 0), (3, 0))]).created == 1
    assert (room.ask()["network_complete"], room.built) == (True, 2)


def test_among_many_roads_the_earlier_network_answers_until_a_job_has_built_the_new_one(
    room: Room, gridded: Callable
) -> None:
    room.large()
    assert (room.state(), room.built) == ("missing", 0)
    room.build()
    before = room.ask()
    assert (room.state(), room.built, before["network_complete"]) == ("ready", 0, True)
    assert gridded("roads", [road("shorter", (0, 0), (3, 0))]).created == 1
    for _ in range(2):
        meanwhile = room.ask()
        assert (meanwhile["network_as_of"], meanwhile["network_complete"]) == (before["network_as_of"], False)
    assert room.state() == "behind"
    room.build()
    assert (room.ask()["network_complete"], room.state(), room.built) == (True, "ready", 0)


def test_what_is_kept_answers_as_what_was_built(room: Room) -> None:
    room.run("UPDATE facts.road SET oneway = true, op_status = 'restricted' WHERE name = 'round'")
    built = room.ask()
    room.large()
    room.build()
    room.kept = access.NetworkCache()
    found = room.ask()
    assert room.built == 1, "the second was read from the database"
    assert {**found, "network_as_of": ""} == {**built, "network_as_of": ""}


def test_what_is_kept_is_its_room_s_alone_and_gone_when_a_road_is_hidden(room: Room, urls: Urls) -> None:
    room.large()
    room.build("hct")
    assert [room.stored(who) for who in ("hct", "internal", "public")] == [1, 0, 0]
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.audience SET clearance = 'GREEN' WHERE key = 'hct'"))
    assert room.stored("hct") == 0, "a room that is shown less from now on is not shown what it was shown"
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.audience SET clearance = 'AMBER' WHERE key = 'hct'"))
    assert room.stored("hct") == 1
    room.run("UPDATE facts.road SET op_status = 'closed' WHERE name = 'straight'")
    assert room.stored("hct") == 1
    room.run("UPDATE facts.road SET handling = 'RED' WHERE name = 'straight'")
    with owner.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.network")).scalar_one() == 0
    owner.dispose()
    assert room.state("hct") == "missing"


def test_a_road_that_is_hidden_while_the_job_builds_is_not_kept(room: Room) -> None:
    room.large()
    room.build("hct", lambda: room.run("UPDATE facts.road SET handling = 'RED' WHERE name = 'straight'"))
    assert (room.stored("hct"), room.state("hct")) == (0, "missing")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE facts.road SET handling = 'RED' WHERE name = 'straight'",
        "DELETE FROM facts.road WHERE name = 'straight'",
    ],
)
def test_a_road_that_is_hidden_or_gone_is_not_told_for_a_moment(room: Room, gridded: Callable, change: str) -> None:
    assert room.names("hct") == STRAIGHT
    room.large()  # an earlier network serves if it may
    assert gridded("roads", [road("elsewhere", (7, 0), (8, 0))]).created == 1
    room.run(change)
    assert room.names("hct") == {"round"}
    assert room.ask("hct")["network_complete"] is True


def test_a_road_that_is_drawn_otherwise_is_waited_for(room: Room) -> None:
    assert room.names() == STRAIGHT
    room.large()
    room.run("UPDATE facts.road SET geom = ST_Multi(ST_Translate(geom, 5, 0)) WHERE name = 'straight'")
    assert room.names() == {"round"}


def test_a_room_that_is_shown_less_from_now_on_waits_for_its_own_network(room: Room, urls: Urls) -> None:
    room.run("UPDATE facts.road SET handling = 'AMBER' WHERE name = 'straight'")
    assert room.names("hct") == STRAIGHT
    room.large()
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.audience SET clearance = 'GREEN' WHERE key = 'hct'"))
    owner.dispose()
    assert "straight" not in str(room.ask("hct"))


def test_rooms_do_not_share_a_network(room: Room) -> None:
    room.run("UPDATE facts.road SET handling = 'RED' WHERE name = 'straight'")
    assert [room.names(who) for who in ("internal", "hct", "internal")] == [STRAIGHT, {"round"}, STRAIGHT]


def test_the_doors_have_a_large_network_built_by_a_job_of_the_room(room: Room) -> None:
    room.large()
    spots = {"type": "MultiPoint", "coordinates": [*SPOTS]}
    with TestClient(create_app(Settings(), room.engine), raise_server_exceptions=False) as client:
        here = "/operations/grid"
        asked = client.get(f"{here}/network", headers={"Prefer": "respond-async"})
        assert (asked.status_code, asked.json()["kind"]) == (202, "network")
        assert client.get(f"{here}/network").json()["edges"] == 2, "waited for"
        done = client.get(asked.headers["location"]).json()
        assert (done["state"], done["result"]) == ("done", {"edges": 2})
        # a room that only reads has its own, and waits for it where it asks for a way
        found = client.post(
            f"{here}/routes?audience=hct", json={"waypoints": spots, "departure": "2026-03-01T08:00:00Z"}
        )
        assert (found.status_code, len(found.json()["routes"]), found.json()["network_complete"]) == (200, 1, True)
        kinds = [job["kind"] for job in client.get(f"{here}/jobs?audience=hct").json()]
        assert (kinds, room.built) == (["network"], 0)
        assert client.get(f"{here}/network?as_of=2026-01-01").status_code == 400


def test_a_job_that_is_stopped_says_so_to_whoever_waits_for_its_network(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.large()
    waits, waited = threading.Event(), jobs.waited

    async def told(*arguments: Any) -> jobs.Job:
        waits.set()
        return await waited(*arguments)

    monkeypatch.setattr(jobs, "waited", told)
    with TestClient(create_app(Settings(), room.engine, worker=False), raise_server_exceptions=False) as client:
        here = "/operations/grid"
        job = client.get(f"{here}/network", headers={"Prefer": "respond-async"}).json()
        again = client.get(f"{here}/network", headers={"Prefer": "respond-async"}).json()
        assert again["id"] == job["id"], "one builds for all who ask"
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(client.get, f"{here}/network")
            assert waits.wait(60)
            assert client.delete(f"{here}/jobs/{job['id']}").status_code == 202
            found = asked.result(60)
    assert (found.status_code, "stopped" in found.json()["detail"]) == (409, True)
