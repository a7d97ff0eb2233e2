"""What a room is told in place of records: counted by hand, and nothing finer than its rule by any SQL."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import psycopg
import pytest
import shapely
from sqlalchemy import Engine, event, text

from geoapp import db, record
from geoapp.cluster import Urls
from geoapp.draw import features
from geoapp.errors import BadRequest, Forbidden, PreconditionFailed
from geoapp.scope import Scope
from layers import get
from tests.gridland import area, square

CONTEXT = db.Context("grid", member="tester")
ROOM = "cmwg_mixed"


def rule(engine: Engine, subject: str, precision: str, room: str = ROOM, **more: Any) -> None:
    """Have the room told a subject so from now on."""
    with db.transaction(engine, CONTEXT) as connection:
        found = {
            entry["subject"]: entry["version"]
            for entry in record.rule_history(connection, room)
            if entry["until"] is None
        }
        record.set_rule(connection, room, subject, {"precision": precision, **more}, found.get(subject, 0))


def told(engine: Engine, layer: str, room: str = ROOM, **scope: Any) -> list[dict[str, Any]]:
    """What the room is told of a layer, each with its shape as `geom`."""
    asked = Scope("grid", room, **scope)
    with db.transaction(engine, asked.context()) as connection:
        found, _ = features.geojson(connection, get(layer), asked)
    read = [orjson.loads(each) for each in found]
    return [each["properties"] | {"geom": shapely.geometry.shape(each["geometry"])} for each in read]


def is_square(shape: Any, *where: float) -> bool:
    return bool(shapely.equals(shapely.normalize(shape), shapely.normalize(shapely.geometry.shape(square(*where)))))


def test_a_zone_is_its_district(engine: Engine, gridded: Callable) -> None:
    zone = [(square(2.25, 2.25, 0.5, 0.5), {"name": "Small", "likelihood": 4, "impact": 4, "valid_from": "2026-05-01",
                                            "valid_to": "2026-10-30", "handling": "GREEN"})]  # fmt: skip
    assert gridded("risk_zones", zone, "small.geojson").landed
    found = told(engine, "risk_zones")
    assert len(found) == 2
    for each in found:
        assert is_square(each["geom"], 2, 2)
        assert each["name"] is each["basis"] is each["km2"] is each["author"] is None
        assert each["valid_to"] == "2026-10-30"
    assert {each["name"] for each in told(engine, "risk_zones", "internal")} == {"Crossing", "Small"}


def test_a_zone_that_ended_is_told_of_the_days_it_held(engine: Engine, gridded: Callable) -> None:
    from datetime import date

    zone = [(square(4, 4), {"name": "Past", "likelihood": 4, "impact": 4, "valid_from": "2026-01-01",
                            "valid_to": "2026-02-28", "handling": "GREEN"})]  # fmt: skip
    assert gridded("risk_zones", zone, "past.geojson").landed
    assert len(told(engine, "risk_zones")) == 1
    assert len(told(engine, "risk_zones", period=(date(2026, 1, 1), date(2026, 2, 10)))) == 1


def test_forces_are_told_as_recorded_and_humanitarians_by_district(engine: Engine, gridded: Callable) -> None:
    found = told(engine, "areas_of_operation")
    assert sorted(each["actor"] for each in found) == [
        "Civil",
        "Civil",
        "First Battalion",
        "First Brigade",
        "Town Police",
    ]
    civil = [each for each in found if each["domain"] == "civil"]
    assert all(each["name"] is each["acronym"] is each["source"] is None for each in civil)
    assert {(each["period_start"], each["period_end"]) for each in civil} == {
        ("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31"),
    }  # fmt: skip
    shapes = {each["period_start"]: each["geom"] for each in civil}
    assert is_square(shapes["2026-01-01"], 2, 2, 4, 4) and is_square(shapes["2026-07-01"], 0, 0, 4, 4)


def test_an_overlap_is_told_no_better_than_either_side(engine: Engine, gridded: Callable) -> None:
    found = told(engine, "overlaps")
    inside = told(engine, "overlaps", "internal")
    seen = [each for each in inside if each["handling"] == "GREEN"]
    # two of areas; of presence Health Hands, Well Diggers and Pump Friends with either force: three organisations in GD0000
    assert len(found) == len(seen) == 8
    for each in found:
        assert {each["actor_a"], each["actor_b"]} <= {"Civil", "Military", "Police"}
        assert each["km2"] is each["share_a"] is each["incidents"] is each["districts"] is each["code"] is None
    of_areas = [each for each in found if each["period_start"]]
    assert sorted(each["domains"] for each in of_areas) == ["civil|military", "civil|police"]
    assert is_square(next(each["geom"] for each in of_areas if "military" in each["domains"]), 2, 2, 2, 2)
    assert all(is_square(each["geom"], 0, 0) for each in found if each not in of_areas)


def test_small_districts_are_left_out_and_no_days_are_told(engine: Engine, gridded: Callable) -> None:
    rule(engine, "areas_of_operation.civil", "admin2", labels="category", least=3)
    assert [each for each in told(engine, "areas_of_operation") if each["domain"] == "civil"] == []
    more = [area(f"n{number}", f"Group {number}", "civil", square(3, 3)) for number in range(2)]
    assert gridded("areas", more, "more.geojson").landed
    found = [each for each in told(engine, "areas_of_operation") if each["domain"] == "civil"]
    # square 3,3 has Water Aid Group, Late Comers and two groups: nothing else has three
    assert len(found) == 4
    assert all(is_square(each["geom"], 3, 3) and each["period_start"] is None for each in found)


def test_presence_is_counted_where_three_are(engine: Engine, gridded: Callable) -> None:
    rows = ["Organisation,Cluster,Admin2 P-code,Start date,End date,Handling"]
    rows += [f"Org {n},Health,GD0011,2026-01-01,2027-12-31,GREEN" for n in range(3)]
    rows += [f"Org {n},Health,GD0012,2026-01-01,2027-12-31,GREEN" for n in range(2)]
    assert gridded("presence", "\n".join(rows), "green.csv").landed
    (found,) = told(engine, "presence_counts")
    assert (found["pcode"], found["n"], found["sectors"]) == ("GD0011", 3, None)
    for layer in ("presence", "doubles", "gaps"):
        assert told(engine, layer) == []


BY_INDEX = {"sites", "areas_of_operation", "risk_zones", "hazards", "arrangements", "road_reports", "access_constraints",
            "security_levels", "overlaps"}  # fmt: skip
"""The layers with forms whose records are rows of a table; the others are counted in districts, and sorted then."""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def paged(engine: Engine, layer: str, room: str, limit: int, offset: int) -> tuple[list[bytes], list[dict[str, Any]]]:
    """A page of items, and the steps by which the database made it."""
    scope, steps = Scope("grid", room), list[dict[str, Any]]()

    def look(connection: Any, cursor: Any, sql: str, binds: Any, *_: Any) -> None:
        if "ST_AsGeoJSON" in sql:
            beside = connection.connection.driver_connection.cursor()
            beside.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", binds)
            steps.extend(nodes(beside.fetchone()[0][0]["Plan"]))

    with db.transaction(engine, scope.context()) as connection:
        event.listen(connection, "before_cursor_execute", look)
        found, _ = features.geojson(connection, get(layer), scope, limit=limit, offset=offset)
    return found, steps


def test_a_page_is_read_by_index_and_no_row_beyond_it(engine: Engine, gridded: Callable, urls: Urls) -> None:
    """Records or forms: neither is read as a whole and sorted for some of it."""
    rule(engine, "sites", "exact", labels="category")
    rows = "\n".join(f"Site {n},clinic,{5 + n / 1000:.5f},10.2,Org {n},GREEN" for n in range(1500))
    assert gridded("sites", f"name,type,latitude,longitude,operator,handling\n{rows}", "sites.csv").landed
    with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("ANALYZE facts.site, facts.form")
    for room in ("internal", ROOM):
        told, steps = [], list[dict[str, Any]]()
        for offset in range(0, 1500, 500):
            found, steps = paged(engine, "sites", room, 500, offset)
            told += found
            assert max(step["Actual Rows"] for step in steps) <= offset + 500
            assert any(step.get("Index Name") == ("pk_site" if room == "internal" else "pk_form") for step in steps)
        assert told == paged(engine, "sites", room, 2000, 0)[0] and len(told) == 1500
        assert sorted(told, key=lambda each: orjson.loads(each)["id"]) == told
        assert all(orjson.loads(each)["properties"]["operator"] is None for each in told) == (room == ROOM)
        for name in BY_INDEX:
            _, steps = paged(engine, name, room, 3, 0)
            sorts = [step["Sort Key"] for step in steps if step["Node Type"] == "Sort"]
            assert steps and not [keys for keys in sorts if keys[0].endswith("id")], (name, sorts)


def test_points_are_counted_by_district_or_cell(engine: Engine, gridded: Callable) -> None:
    sites = "\n".join(
        ["name,type,latitude,longitude,operator,handling"]
        + [f"Site {n},clinic,{5.21 + n / 100:.5f},10.21000,Org {n},GREEN" for n in range(3)]
        + ["Lone,clinic,5.75000,10.75000,Org 9,GREEN"]
    )
    assert gridded("sites", sites, "sites.csv").landed
    assert told(engine, "sites") == told(engine, "counted_records") == []
    rule(engine, "sites", "admin2")
    assert told(engine, "sites") == []
    found = {each["unit"]: each["n"] for each in told(engine, "counted_records")}
    assert found == {"GD0022": 3, "GD0177": 1}
    rule(engine, "sites", "admin2", least=3)
    assert {each["unit"]: each["n"] for each in told(engine, "counted_records")} == {"GD0022": 3}
    rule(engine, "sites", "mgrs10")
    cells = told(engine, "counted_records")
    assert sum(each["n"] for each in cells) == 4
    import mgrs

    for each in cells:
        middle = each["geom"].centroid
        assert each["unit"].replace(" ", "") == mgrs.MGRS().toMGRS(middle.y, middle.x, MGRSPrecision=1)
    rule(engine, "sites", "settlement", withheld=["operator"])
    found = told(engine, "sites")
    assert len(found) == 4
    assert {round(each["geom"].x, 6) for each in found} == {10.215, 10.755}
    assert {each["name"] for each in found} == {None}


def test_the_lock_holds_for_any_sql(engine: Engine, gridded: Callable) -> None:
    """As the serving role in the room: neither rows nor history nor footprints of what it is told in another form."""
    rule(engine, "hazards", "admin2")
    hazard = [(square(6.2, 6.2, 0.1, 0.1), {"name": "Field", "hazard_type": "CHA", "handling": "GREEN"})]
    assert gridded("hazards", hazard, "hazards.geojson").landed
    assert len(told(engine, "hazards")) == 1
    with db.transaction(engine, db.Context("grid", ROOM)) as connection:
        for table in ("risk_zone", "hazard_area"):
            assert connection.execute(text(f"SELECT count(*) FROM facts.{table}")).scalar() == 0
        assert (
            connection.execute(
                text("SELECT count(*) FROM facts.footprint WHERE subject IN ('risk_zones', 'hazards')")
            ).scalar()
            == 0
        )
        assert connection.execute(text("SELECT count(*) FROM facts.area WHERE domain = 'civil'")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM facts.overlap")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM facts.ground")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM facts.actor WHERE domain = 'civil'")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM facts.form WHERE audience <> 'cmwg_mixed'")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM facts.form")).scalar()
        everything = str(connection.execute(text("SELECT jsonb_agg(f.row) FROM facts.form AS f")).scalar())
    assert not {"Crossing", "Field", "Water Aid", "Late Comers"} & {
        w for w in ("Crossing", "Field", "Water Aid", "Late Comers") if w in everything
    }


def test_a_change_by_whatever_hand_takes_the_form_back(engine: Engine, gridded: Callable) -> None:
    with engine.begin() as connection:
        db.set_context(connection, CONTEXT)
        connection.execute(text("UPDATE facts.risk_zone SET handling = 'RED'"))
    assert told(engine, "risk_zones") == []


def test_withdrawn_records_are_told_to_nobody(engine: Engine, gridded: Callable) -> None:
    from geoapp import ingest

    zone = [(square(7, 7), {"name": "Brief", "likelihood": 4, "impact": 4, "valid_from": "2026-05-01",
                            "valid_to": "2026-10-30", "handling": "GREEN"})]  # fmt: skip
    report = gridded("risk_zones", zone, "brief.geojson")
    assert len(told(engine, "risk_zones")) == 2
    ingest.withdraw(engine, CONTEXT, report.batch)
    (left,) = told(engine, "risk_zones")
    assert is_square(left["geom"], 2, 2)


def test_a_rule_has_a_version_and_a_history(engine: Engine, gridded: Callable) -> None:
    rule(engine, "risk_zones", "withheld", reason="Not yet agreed")
    assert told(engine, "risk_zones") == []
    rule(engine, "risk_zones", "exact")
    assert [each["name"] for each in told(engine, "risk_zones")] == ["Crossing"]
    with db.transaction(engine, CONTEXT) as connection:
        now, before = record.rule_history(connection, ROOM)
        assert (now["precision"], now["version"], now["until"], now["by"]) == ("exact", 2, None, "tester")
        assert (before["precision"], before["reason"], before["until"]) == ("withheld", "Not yet agreed", now["since"])
        with pytest.raises(PreconditionFailed):
            record.set_rule(connection, ROOM, "risk_zones", {"precision": "count"}, 1)
        for subject, said in (("zones", {"precision": "exact"}), ("sites", {"precision": "village"}),
                              ("sites", {"precision": "exact", "withheld": ["secrets"]}),
                              ("incidents", {"precision": "settlement", "dates": "month"}),
                              ("sites", {"precision": "exact", "least": -1})):  # fmt: skip
            with pytest.raises(BadRequest):
                record.set_rule(connection, ROOM, subject, said, 0)
        with pytest.raises(BadRequest, match="records"):
            record.set_rule(connection, "internal", "sites", {"precision": "exact"}, 0)
        record.remove_rule(connection, ROOM, "risk_zones", 2)
    assert len(told(engine, "risk_zones")) == 1 and told(engine, "risk_zones")[0]["name"] is None
    for room in (ROOM, "hct"):
        with pytest.raises(Forbidden), db.transaction(engine, db.Context("grid", room)) as connection:
            record.set_rule(connection, ROOM, "sites", {"precision": "exact"}, 0)
    with db.transaction(engine, db.Context("grid", "hct")) as connection:
        assert record.rule_history(connection, ROOM) == []
