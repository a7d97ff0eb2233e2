"""When somebody passes, and what holds then: nights and days in Gridland, whose sun is forty minutes before UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.access.passage import Window, dark, day_of, hours_of, moment_of, spans
from tests.access.test_route import EAST_KM, road, way
from tests.gridland import square

EVENING = datetime(2026, 3, 1, 16, 50, tzinfo=UTC)
"""Half an hour before night begins in Gridland (10° east: 18:00 by the sun is 17:20 UTC)."""


def zone(name: str, shape: dict[str, Any], first: str, last: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return shape, {"name": name, "likelihood": 4, "impact": 4, "threat_category": "crime", "valid_from": first,
                   "valid_to": last} | more  # fmt: skip


def by_the_sun(engine: Engine) -> None:
    """Zones named for a time of day hold in it only."""
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        connection.execute(
            text("UPDATE facts.risk_zone SET time_of_day = lower(substr(name, 4)) WHERE name LIKE 'By %'")
        )


@given(st.floats(0, 400_000), st.floats(-180, 180))
def test_night_is_twelve_hours_of_the_sun(at: float, lon: float) -> None:
    assert dark(at, lon) != dark(at + 12, lon)
    assert dark(hours_of(datetime(2026, 6, 1, 0, tzinfo=UTC)) - lon / 15, lon)


@settings(max_examples=200)
@given(st.floats(0, 400_000), st.floats(0.001, 200), st.floats(-180, 180), st.booleans())
def test_spans_are_the_whole_stretch_in_order_and_change_only_where_something_may(
    begins: float, hours: float, lon: float, night: bool
) -> None:
    made = list(spans(begins, hours, lon, night))
    gone = [s for s in made if not s.stands]
    assert abs(sum(s.end - s.start for s in gone) - 1) < 1e-6
    assert abs(sum(s.ends - s.begins for s in gone) - hours) < 1e-4
    assert made[0].begins == begins
    for one, other in zip(made, made[1:], strict=False):
        assert one.ends == other.begins
        assert one.end == other.start
    for span in (s for s in gone if s.ends - s.begins > 1e-6):
        middle = (span.begins + span.ends) / 2
        assert dark(middle, lon) == span.dark
        assert day_of(span.begins) == day_of(max(middle, span.begins))
        assert night or not span.dark
    assert len(made) < 8 + hours / 2


@given(st.integers(0, 1_000_000), st.floats(0, 300), st.floats(-180, 179))
def test_a_window_has_every_day_and_night_of_its_journey(leaves: int, hours: float, lon: float) -> None:
    departure = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=leaves)
    window = Window.of(departure, hours, lon, lon + 1)
    begins = hours_of(departure)
    for step in range(41):
        at = begins + hours * step / 40
        assert window.first <= day_of(at) <= window.last
        assert window.dark or not dark(at, lon + 0.5)
        assert window.light or dark(at, lon + 0.5)


def test_a_moment_survives_its_hours() -> None:
    assert moment_of(hours_of(EVENING)) == EVENING
    assert Window(date(2026, 3, 1), date(2026, 3, 3), light=True, dark=True).days()[1] == date(2026, 3, 2)


def test_a_journey_over_midnight_is_told_by_the_day_of_passage(ask: Callable, roads: Callable) -> None:
    """Nine squares at 20 km/h take five hours: what ends today and what begins tomorrow are told where they are met."""
    slow = [road("long", *((c, 12) for c in range(10)), gnralspeed=20)]
    assert roads("roads", slow).landed
    assert roads("risk_zones", [
        zone("Today here", square(0, 12, 10, 1), "2026-02-01", "2026-03-01"),
        zone("From tomorrow", square(0, 12, 10, 1), "2026-03-02", "2026-03-09", likelihood=5, impact=5),
    ]).landed  # fmt: skip
    found = ask((0, 12), (9, 12), departure=datetime(2026, 3, 1, 22, tzinfo=UTC))["routes"][0]
    steps = [f["properties"] for f in found["features"]]
    assert [[z["name"] for z in s["zones"]] for s in steps] == [["Today here"], ["From tomorrow"]]
    assert steps[0]["leaves"] == steps[1]["arrives"] == "2026-03-02T00:00:00+00:00"
    assert abs(steps[0]["km"] - 40) < 0.1  # two hours at 20 km/h
    assert (steps[0]["arrives"], found["arrives"]) == ("2026-03-01T22:00:00+00:00", steps[1]["leaves"])
    assert found["km_by_risk"] == {5: round(steps[1]["km"], 2), 3: round(steps[0]["km"], 2)}
    assert (found["night_km"], all(s["night"] for s in steps)) == (found["km"], True)
    blocked = ask((0, 12), (9, 12), departure=datetime(2026, 3, 1, 22, tzinfo=UTC), risk_level=5)
    assert (blocked["routes"], blocked["judged_for"]) == ([], ["2026-03-01", "2026-03-02"])
    assert blocked["blocked"]["would_open"][0]["names"] == ["From tomorrow"]
    early = ask((0, 12), (9, 12), departure=datetime(2026, 3, 1, 8, tzinfo=UTC), risk_level=5)
    assert [z["name"] for s in way(early) for z in s["zones"]] == ["Today here"]


def test_a_zone_of_the_night_is_met_by_night_only(ask: Callable, roads: Callable, engine: Engine) -> None:
    assert roads("risk_zones", [
        zone("By night", square(0, 7, 10, 1), "2026-01-01", "2026-06-30"),
        zone("By day", square(0, 7, 10, 1), "2026-01-01", "2026-06-30", likelihood=2, impact=2),
    ]).landed  # fmt: skip
    by_the_sun(engine)
    told = lambda found: [z["name"] for s in way(found) for z in s["zones"]]  # noqa: E731
    assert told(ask((2, 7), (8, 7))) == ["By day"]
    assert told(ask((2, 7), (8, 7), departure=EVENING)) == ["By day", "By night"]
    evening = way(ask((2, 7), (8, 7), departure=EVENING))
    assert evening[0]["leaves"][:16] in ("2026-03-01T17:18", "2026-03-01T17:19")  # 18:00 by the sun at 10.25° east
    assert [s["night"] for s in evening] == [False, True]
    # forbidding is for the whole journey: by day it goes straight through, in the evening there is no way out of the zone
    level = {"risk_level": 3}
    assert round(ask((2, 7), (8, 7), **level)["routes"][0]["km"] / EAST_KM) == 6
    blocked = ask((2, 7), (8, 7), departure=EVENING, **level)
    assert (blocked["routes"], blocked["blocked"]["would_open"][0]["names"]) == ([], ["By night"])


def test_without_travel_by_night_the_convoy_stands_where_night_begins(
    ask: Callable, roads: Callable, engine: Engine
) -> None:
    assert roads("risk_zones", [
        zone("By night", square(0, 7, 10, 1), "2026-01-01", "2026-06-30"),
    ]).landed  # fmt: skip
    by_the_sun(engine)
    by_night = ask((2, 7), (8, 7), departure=EVENING)["routes"][0]
    found = ask((2, 7), (8, 7), departure=EVENING, night=False)["routes"][0]
    assert (by_night["stops"], found["night_km"], len(found["stops"])) == ([], 0, 1)
    assert by_night["night_km"] > 30
    assert found["hours"] == by_night["hours"]
    stop = found["stops"][0]
    assert abs(found["elapsed_hours"] - found["hours"] - stop["hours"]) < 0.01
    assert stop["hours"] == 12
    assert [z["name"] for z in stop["zones"]] == ["By night"]
    steps = [f["properties"] for f in found["features"]]
    assert (len(steps), steps[0]["leaves"], steps[1]["arrives"]) == (2, stop["from"], stop["until"])
    assert abs(stop["km"] - steps[1]["from_km"]) < 0.01
    waited = ask((2, 7), (3, 7), departure=EVENING + timedelta(hours=3), night=False)["routes"][0]
    assert (waited["stops"][0]["km"], waited["night_km"]) == (0, 0)


@pytest.mark.parametrize("leaves", [datetime(2026, 3, 1, h, tzinfo=UTC) for h in (0, 9, 17)])
def test_what_is_told_adds_up_at_any_hour(ask: Callable, leaves: datetime) -> None:
    for night in (True, False):
        found = ask((0, 0), (6, 3), (9, 9), departure=leaves, night=night)["routes"][0]
        steps = [f["properties"] for f in found["features"]]
        assert abs(sum(s["hours"] for s in steps) - found["hours"]) < 0.01
        assert abs(sum(s["km"] for s in steps) - found["km"]) < 0.02
        nights = sum(s["hours"] for s in found["stops"])
        assert abs(found["elapsed_hours"] - found["hours"] - nights) < 0.02
        for one, other in zip(steps, steps[1:], strict=False):
            assert abs(one["from_km"] + one["km"] - other["from_km"]) < 0.01
            assert one["leaves"] <= other["arrives"]
