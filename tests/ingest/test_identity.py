"""A row of a known identifier that is elsewhere and something else is told and held back; what was known stays."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geoapp.db import Context, transaction
from tests.gridland import HEAD, incident, point, square

Feature = tuple[dict[str, Any], dict[str, Any]]
WHO = {"first": ("Alpha Force", "military"), "second": ("Bravo Relief", "civil")}


def _at(place: int) -> dict[str, Any]:
    return {"type": "Point", "coordinates": point(place, 3)}


def _line(place: int) -> dict[str, Any]:
    lon, lat = point(place, 3)
    return {"type": "LineString", "coordinates": [[lon, lat], [lon + 0.03, lat + 0.01]]}


def area(key: str, place: int, word: str) -> Feature:
    actor, domain = WHO[word]
    return square(place, 3), {"source_key": key, "actor": actor, "domain": domain, "handling": "GREEN"}


def hazard(key: str, place: int, word: str) -> Feature:
    return square(place, 3), {"haz_id": key, "name": f"{word} field", "hazard_type": "SHA"}


def arrangement(key: str, place: int, word: str) -> Feature:
    more = {"valid_from": "2026-01-01", "valid_to": "2026-02-01"}
    return square(place, 3), {"arr_id": key, "arrangement_type": "pause", "name": f"{word} pause"} | more


def level(key: str, place: int, word: str) -> Feature:
    return square(place, 3), {"sls id": key, "name": f"{word} area", "security_level": 3}


def zone(key: str, place: int, word: str) -> Feature:
    more = {"likelihood": 3, "impact": 3, "valid_to": "2026-12-01"}
    return square(place, 3), {"zone id": key, "name": f"{word} zone"} | more


def unit(key: str, place: int, word: str) -> Feature:
    number = f"XX{int(key[1:]):02}"
    return square(place, 3), {"adm1_pcode": number, "adm1_name": word, "adm0_pcode": "XX", "version": "v01"}


def site(key: str, place: int, word: str) -> Feature:
    return _at(place), {"site id": key, "name": f"{word} store"}


def constraint(key: str, place: int, word: str) -> Feature:
    more = {"category": "hostilities", "severity": 3, "reported_on": "2026-02-01"}
    return _at(place), {"con_id": key, "name": f"{word} bridge"} | more


def road(key: str, place: int, word: str) -> Feature:
    return _line(place), {"source_key": key, "name": f"{word} road", "highway": "primary"}


def event(key: str, place: int, word: str) -> Feature:
    return _at(place), {"event id": key, "date": "2026-03-01", "event type": f"{word} kind"}


KNOWN = {
    "areas": (area, "facts.area", "SELECT a.name FROM facts.actor AS a WHERE a.id = t.actor_id"),
    "hazards": (hazard, "facts.hazard_area", "t.name"),
    "arrangements": (arrangement, "facts.arrangement", "t.name"),
    "security_levels": (level, "facts.security_area", "t.name"),
    "risk_zones": (zone, "facts.risk_zone", "t.name"),
    "boundaries": (unit, "calc.boundary", "t.name"),
    "sites": (site, "facts.site", "t.name"),
    "constraints": (constraint, "facts.access_constraint", "t.name"),
    "roads": (road, "facts.road", "t.name"),
    "incidents": (event, "facts.incident", "t.event_type"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KNOWN)
def test_what_moves_and_changes_at_once_is_held_back(
    kind: str, bring: Callable, engine: Engine, context: Context
) -> None:
    made, table, called = KNOWN[kind]

    def known() -> list[str]:
        with transaction(engine, context) as connection:
            return sorted(connection.execute(text(f"SELECT ({called}) FROM {table} AS t")).scalars())

    words = ["first"] * 5
    assert bring(kind, [made(f"K{n}", n, word) for n, word in enumerate(words, 10)], "first.geojson").created == 5
    before = known()
    second = [
        made("K10", 10, "first"),
        made("K11", 21, "first"),  # moved
        made("K12", 12, "second"),  # changed
        made("K13", 23, "second"),  # both: another thing
        made("K30", 30, "second"),
    ]
    for check in (True, False):
        report = bring(kind, second, "second.geojson", check=check)
        assert (report.lands, report.rejected, report.created, report.updated) == (True, 1, 1, 2)
        told = next(group for group in report.as_dict()["groups"] if group["code"] == "another-thing")
        assert told["rows"] == len(told["examples"]) == 1
        assert "13" in told["examples"][0]["value"]
        assert "place" in told["cause"]
    assert report.rejected_rows.rows == 1
    assert sum("first" in word.lower() or "alpha" in word.lower() for word in known()) == 4  # K10, K11, K13, K14
    assert len(known()) == len(before) + 1
    said = bring(kind, second, "second.geojson", options={"moved": True})
    assert (said.rejected, said.updated, said.unchanged) == (0, 1, 4)


def test_a_file_whose_identifiers_mean_other_things_does_not_land(bring: Callable) -> None:
    assert bring("sites", [site(f"K{n}", n, "first") for n in range(6)], "a.geojson").landed
    report = bring("sites", [site(f"K{n}", n + 20, "second") for n in range(6)], "b.geojson")
    assert not report.landed
    assert {group["code"] for group in report.as_dict()["groups"]} == {"another-thing", "too-many-rejected"}


def test_spelling_a_field_filled_in_and_a_small_correction_are_no_other_thing(bring: Callable) -> None:
    def named(name: str, lon: float, **more: str) -> Feature:
        return {"type": "Point", "coordinates": [lon, 5]}, {"site id": "K7", "name": name} | more

    assert bring("sites", [named("Hôpital Al-Shifa", 10)], "a.geojson").landed
    for again in (named("HOPITAL AL SHIFA", 12), named("Other", 12.005), named("Other", 14, operator="Relief")):
        report = bring("sites", [again], "b.geojson")
        assert (report.landed, report.updated, report.findings) == (True, 1, [])


def test_a_correction_of_the_publisher_lands_and_is_told(bring: Callable) -> None:
    head = bring("incidents", "\n".join(_acled(1, "1700000000")), "a.csv")
    assert head.created == 2
    report = bring("incidents", "\n".join(_acled(7, "1800000000", type="Riots,Mob violence")), "b.csv")
    assert (report.landed, report.rejected, report.updated) == (True, 0, 1)
    assert [group["code"] for group in report.as_dict()["groups"]] == ["moved-and-changed"]
    older = bring("incidents", "\n".join(_acled(1, "1700000000")), "c.csv")
    assert (older.updated, older.as_dict()["groups"]) == (0, [])


def test_what_moves_far_and_is_called_the_same_lands_and_is_told_when_it_says_something_else(bring: Callable) -> None:
    def also(kind: str, before: Feature, after: Feature) -> list[str]:
        assert bring(kind, [before], "a.geojson").created == 1
        report = bring(kind, [after], "b.geojson")
        assert (report.landed, report.rejected, report.updated) == (True, 0, 1)
        return [f"{finding.code}: {finding.message}" for finding in report.findings]

    shape, known = constraint("K1", 10, "old")
    told = also("constraints", (shape, known), (_at(20), known | {"severity": 5}))
    assert len(told) == 1
    assert told[0].startswith("moved-and-changed: K1 (old bridge, ")
    assert "111 km from where it was: place and severity have changed at once" in told[0]
    shape, known = zone("Z1", 10, "old")
    assert (
        "place, likelihood, basis have"
        in also(
            "risk_zones",
            (shape, known | {"basis": "Shelling"}),
            (square(20, 3), known | {"likelihood": 5, "basis": "Mines"}),
        )[0]
    )
    shape, known = site("S1", 10, "old")
    assert also("sites", (shape, known | {"status": "open"}), (_at(20), known)) == [], "left out is no change"
    assert bring("roads", [road(f"R{n}", n, "first") for n in (1, 9)], "roads.geojson").landed
    head = "report id,road id,road status,observed on"
    assert bring("road_reports", f"{head}\nV-1,R1,closed,2026-03-01", "a.csv").created == 1
    report = bring("road_reports", f"{head}\nV-1,R9,closed,2026-04-01", "b.csv")
    assert ["moved-and-changed" in finding.code for finding in report.findings] == [True]


def _acled(column: int, timestamp: str, **more: str) -> list[str]:
    return [HEAD, incident(1, "2026-02-10", column, 2, timestamp=timestamp, **more), incident(2, "2026-02-10", 3, 3)]


def test_a_report_of_a_known_number_on_another_road_is_held_back(bring: Callable) -> None:
    assert bring("roads", [road(f"R{n}", n, "first") for n in range(8)], "roads.geojson").landed
    head = "report id,road id,road status,observed on"
    first = [head, *(f"V-{n},R{n},closed,2026-03-01" for n in range(4))]
    assert bring("road_reports", "\n".join(first), "a.csv").created == 4
    second = [head, "V-0,R4,open,2026-04-01", *(f"V-{n},R{n},open,2026-04-01" for n in range(1, 4))]
    report = bring("road_reports", "\n".join(second), "b.csv")
    assert (report.landed, report.rejected, report.updated) == (True, 1, 3)
    assert [group["code"] for group in report.as_dict()["groups"]] == ["another-thing"]
