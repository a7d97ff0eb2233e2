"""What is told of the way besides ground and zones: reports on roads, seasons, constraints, arrangements, checkpoints,
incidents, and which room is told what."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import access, db
from geoapp.app import create_app
from geoapp.errors import BadRequest
from geoapp.settings import Settings
from tests.access.test_route import EAST_KM, way
from tests.gridland import area, incident, point, square

GRID = db.Context("grid", member="tester")


@pytest.fixture
def put(engine: Engine) -> Callable[..., int]:
    """Writes one row under the policies; its id."""

    def run(table: str, **values: Any) -> int:
        made = {"source_key": f"t{len(values)}-{values}"[:200], "handling": "GREEN"} | values
        sql = {"operation_id": "calc.operation()"} | {name: f":{name}" for name in made}
        if "geom" in made:
            sql["geom"] = "ST_GeomFromText(:geom, 4326)"
        for name, kind in (("valid", "daterange"), ("handling", "facts.handling")):
            if name in made:
                sql[name] = f"CAST(:{name} AS {kind})"
        with db.transaction(engine, GRID) as connection:
            asked = f"INSERT INTO facts.{table} ({', '.join(sql)}) VALUES ({', '.join(sql.values())}) RETURNING id"
            return int(connection.execute(text(asked), made).scalar_one())

    return run


def one(engine: Engine, sql: str, **values: Any) -> Any:
    with db.transaction(engine, GRID) as connection:
        return connection.execute(text(sql), values).scalar()


@pytest.fixture
def report(engine: Engine, put: Callable) -> Callable[..., int]:
    def run(name: str, status: str, observed: str, **more: Any) -> int:
        number = one(engine, "SELECT id FROM facts.road WHERE name = :name", name=name)
        return int(put("road_report", road_id=number, op_status=status, observed_on=observed, **more))

    return run


def test_the_newest_report_that_holds_stands_before_the_roads_own(ask: Callable, report: Callable) -> None:
    before = way(ask((1.2, 9), (2.8, 9)))[0]
    assert (before["status"], before["reported"], before["status_source"]) == ("open", False, "the road's own record")
    report("row 9", "closed", "2026-02-20", valid="[2026-02-20,2026-02-25)", source="Over by then")
    report("row 9", "open", "2026-01-10", valid="[2026-01-10,)", source="Older")
    report("row 9", "restricted", "2026-02-01", valid="[2026-02-01,)", source="Logistics", reason="physical_environment",
           stale_days=14)  # fmt: skip
    found = ask((1.2, 9), (2.8, 9))["routes"][0]
    step = way({"routes": [found]})[0]
    assert (step["status"], step["status_source"], step["status_reason"]) == (
        "restricted",
        "Logistics",
        "physical_environment",
    )
    assert (step["status_recorded"], step["status_age_days"], step["stale"]) == ("2026-02-01", 28, True)
    assert (found["km_restricted"], found["km_stale"]) == (found["km"], found["km"])
    assert round(found["hours"], 2) == round(found["km"] / 30, 2)  # a restricted road is gone at half the speed
    fresh = way(ask((1.2, 9), (2.8, 9), departure=datetime(2026, 2, 10, 8, tzinfo=UTC)))[0]
    assert (fresh["status_age_days"], fresh["stale"]) == (9, False)
    shut = ask((1.2, 9), (2.8, 9), departure=datetime(2026, 2, 22, 8, tzinfo=UTC))
    assert shut["blocked"]["would_open"][0]["reason"] == "closed"


def test_a_road_reported_closed_from_midnight_is_closed_for_a_journey_into_that_day(
    ask: Callable, report: Callable
) -> None:
    report("row 9", "closed", "2026-03-01", valid="[2026-03-02,)")
    late = {"departure": datetime(2026, 3, 1, 23, 50, tzinfo=UTC)}
    assert round(ask((1, 9), (4, 9))["routes"][0]["km"] / EAST_KM) == 3
    assert ask((1.2, 9), (4, 9), **late)["routes"] == []
    steps = way(ask((1, 9), (4, 9), closed=False, **late))
    assert [s["status"] for s in steps] == ["open", "closed"]
    assert steps[1]["arrives"] == "2026-03-02T00:00:00+00:00"


def test_a_room_is_told_no_report_that_it_may_not_see(ask: Callable, report: Callable) -> None:
    report("row 9", "restricted", "2026-02-20", source="A secret source", handling="RED")
    assert way(ask((1.2, 9), (2.8, 9)))[0]["status_source"] == "A secret source"
    told = ask((1.2, 9), (2.8, 9), audience="hct")
    assert (way(told)[0]["status"], "secret" in str(told)) == ("open", False)


def test_the_season_chooses_what_carries_the_vehicle(ask: Callable, engine: Engine, report: Callable) -> None:
    one(
        engine, "UPDATE facts.road SET practicability_wet = 3, practicability_dry = 6 WHERE name = 'row 9' RETURNING id"
    )
    for season, vehicle, straight in (("now", 5, True), ("dry", 5, True), ("wet", 5, False), ("wet", 3, True)):
        found = ask((1, 9), (4, 9), season=season, vehicle=vehicle)["routes"][0]
        assert (round(found["km"] / EAST_KM) == 3) == straight, (season, vehicle)
    report("row 9", "open", "2026-02-20", practicability=2)
    assert way(ask((1, 9), (4, 9), vehicle=2))[0]["practicability"] == 2
    assert round(ask((1, 9), (4, 9), vehicle=5)["routes"][0]["km"] / EAST_KM) == 5
    assert round(ask((1, 9), (4, 9), vehicle=5, season="dry")["routes"][0]["km"] / EAST_KM) == 5
    report("row 9", "open", "2026-02-21", practicability=6)
    assert round(ask((1, 9), (4, 9), vehicle=5)["routes"][0]["km"] / EAST_KM) == 3
    assert round(ask((1, 9), (4, 9), vehicle=5, season="wet")["routes"][0]["km"] / EAST_KM) == 5
    with pytest.raises(BadRequest):
        ask((1, 9), (4, 9), season="monsoon")


def test_constraints_are_told_and_kept_out_by_severity(ask: Callable, put: Callable) -> None:
    lon, lat = point(2.5, 9)
    put("access_constraint", category="bureaucratic", name="Permits asked for", severity=2, reported_on="2026-02-01",
        geom=f"POINT({lon} {lat + 0.0004})")  # 44 m off the road # fmt: skip
    put("access_constraint", category="interference", name="Too far off", severity=5, reported_on="2026-02-01",
        geom=f"POINT({lon} {lat + 0.0006})")  # 67 m # fmt: skip
    found = ask((1, 9), (4, 9))["routes"][0]
    assert [(c["name"], c["severity"]) for c in found["constraints"]] == [("Permits asked for", 2)]
    held = [s for s in way({"routes": [found]}) if s["constraints"]]
    assert [round(s["km"], 2) for s in held] == [0.04]  # the chord of a circle of 50 m, 44 m from its middle
    assert round(ask((1, 9), (4, 9), constraint_severity=3)["routes"][0]["km"] / EAST_KM) == 3
    assert round(ask((1, 9), (4, 9), constraint_severity=2)["routes"][0]["km"] / EAST_KM) == 5
    shut = ask((2.2, 9), (2.8, 9), constraint_severity=1)
    assert shut["blocked"]["would_open"][0] | {"at": 0, "roads": 0} == {
        "reason": "access constraint", "road": "row 9", "names": ["Permits asked for"], "at": 0, "roads": 0,
    }  # fmt: skip
    # the mixed working group is shown no constraint, so none stands in its way
    assert round(ask((1, 9), (4, 9), constraint_severity=1, audience="cmwg_mixed")["routes"][0]["km"] / EAST_KM) == 3


def test_arrangements_and_checkpoints_are_told_where_they_are(
    ask: Callable,
    roads: Callable,
    engine: Engine,
    put: Callable,
) -> None:
    assert roads("areas", [
        area("k1", "Town Police", "police", square(5.4, 9.52, 0.2, 0.1), positioning="checkpoint", name="Mill bridge"),
        area("k2", "Town Police", "police", square(6.4, 9.6, 0.2, 0.1), positioning="checkpoint", name="Far gate"),
    ]).landed  # fmt: skip
    ground = one(engine, "SELECT footprint_id FROM facts.risk_zone LIMIT 1")  # square 2,2
    put(
        "arrangement",
        name="Morning pause",
        arrangement_type="pause",
        footprint_id=ground,
        valid="[2026-03-01,2026-03-02)",
    )
    found = ask((4, 9), (8, 9))["routes"][0]
    assert [c["name"] for c in found["checkpoints"]] == ["Mill bridge"]  # 222 m off the road; the other is 1.1 km off
    held = [s["km"] for s in way({"routes": [found]}) if s["checkpoints"]]
    assert 2.2 < sum(held) < 3.3  # the 2.2 km of its side, and up to half a kilometre before and behind
    paused = ask((1, 2), (4, 2))["routes"][0]
    assert [(a["name"], a["type"], a["until"]) for a in paused["arrangements"]] == [
        ("Morning pause", "pause", "2026-03-01")
    ]
    later = ask((1, 2), (4, 2), departure=datetime(2026, 3, 2, 8, tzinfo=UTC))["routes"][0]
    assert later["arrangements"] == []


def test_incidents_near_the_way_are_counted_as_the_room_sees_them(ask: Callable, roads: Callable) -> None:
    head = incident.__globals__["HEAD"]
    lines = [head, incident(21, "2026-09-20", 3, 9), incident(22, "2026-10-02", 3, 9.3), incident(23, "2026-10-03", 3, 9.6),
             incident(24, "2026-05-01", 3, 9), incident(25, "2026-10-05", 3, 9, precision=3)]  # fmt: skip
    assert roads("incidents", "\n".join(lines), "more.csv", source="exercise").landed
    found = ask((2, 9), (4, 9))["routes"][0]["incidents"]
    # 3.3 km off counts, 6.6 km off does not; May is long ago; what is known to the province only is nowhere
    assert found == {"within_km": 5.0, "days": 90, "count": 2, "newest": "2026-10-02"}
    assert ask((2, 9), (4, 9), audience="cmwg_mixed")["routes"][0]["incidents"]["count"] is None


def test_places_in_any_notation_and_a_list_while_typing(engine: Engine, roads: Callable) -> None:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as client:
        get = lambda path, q: client.get(f"/operations/grid/{path}", params={"q": q})  # noqa: E731
        plain = get("place", "5.95, 10.25").json()
        assert plain["mgrs"].startswith("32N ")
        for words in (plain["mgrs"], "5°57'00\"N 10°15'00\"E", "10.25E 5.95N", "5,95; 10,25"):
            found = get("place", words).json()
            assert (round(found["lat"], 3), round(found["lon"], 3)) == (5.95, 10.25), words
        assert [p["name"] for p in get("places", "square 9-").json()["places"]][:2] == ["Square 9-0", "Square 9-1"]
        assert get("places", "square 2-3").json()["places"][0]["what"] == "district"
        assert get("places", "%").json()["places"] == get("places", "").json()["places"] == []
        assert get("places", "95, 10").json()["places"] == []
        assert "MGRS" in get("place", "nowhere").json()["hint"]


def test_the_time_to_notify_is_told_and_keeps_nobody_back(ask: Callable) -> None:
    for day, short in ((17, False), (19, True), (25, False)):  # Gridland is at 18 October
        found = ask((0, 9), (3, 9), departure=datetime(2026, 10, day, 8, tzinfo=UTC))
        assert (found["lead"]["short"], len(found["routes"])) == (short, 1)


def test_the_doors_take_the_new_rules(engine: Engine, roads: Callable) -> None:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as client:
        spots = {"type": "MultiPoint", "coordinates": [point(0, 9), point(3, 9)]}
        body = {"waypoints": spots, "departure": "2026-03-01T16:50:00Z", "season": "wet",
                "forbid": {"night": True, "constraint_severity": 3}}  # fmt: skip
        found = client.post("/operations/grid/routes", json=body)
        assert (found.status_code, found.json()["night_travel"], found.json()["network_complete"]) == (200, False, True)
        for wrong in ({"season": "x"}, {"forbid": {"constraint_severity": 6}}, {"departure": "1000-01-01T00:00:00Z"}):
            assert client.post("/operations/grid/routes", json=body | wrong).status_code == 400, wrong
        assert client.get("/operations/grid/network").json()["network_complete"] is True


def test_an_answer_of_earlier_reports_is_not_kept(
    engine: Engine, roads: Callable, report: Callable, put: Callable
) -> None:
    kept = access.NetworkCache()

    def status() -> tuple[str, int]:
        question = access.RouteRequest((point(1.2, 9), point(2.8, 9)), datetime(2026, 3, 1, 8, tzinfo=UTC))
        with db.transaction(engine, GRID) as connection:
            found = access.ask(connection, kept, question)["routes"][0]
        return found["features"][0]["properties"]["status"], len(found["constraints"])

    assert status() == ("open", 0)
    report("row 9", "restricted", "2026-02-20")
    assert status() == ("restricted", 0)
    lon, lat = point(2.5, 9)
    put("access_constraint", category="interference", severity=2, reported_on="2026-02-01", geom=f"POINT({lon} {lat})")
    assert status() == ("restricted", 1)
