"""Severity of a district, state of a road on a day, what must be said with it: counted by hand on Gridland."""

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from sqlalchemy import Engine, text

from geoapp import db, export
from geoapp.draw import features, panel
from geoapp.draw.counts import by_class
from geoapp.draw.tile import tile
from geoapp.scope import Scope
from layers import get
from tests.gridland import TODAY, square
from tests.ingest.test_access_facts import CONSTRAINTS, ROADS, SEEN, way

INSIDE = Scope("grid", member="tester")


def looked(engine: Engine, name: str, scope: Scope = INSIDE) -> list[dict[str, Any]]:
    with db.transaction(engine, scope.context()) as connection:
        return features.rows(connection, get(name), scope)


def on(*days: str) -> Scope:
    """The scope of a day, or from one day to another."""
    return Scope("grid", period=(date.fromisoformat(days[0]), date.fromisoformat(days[-1])), member="tester")


@pytest.fixture
def constrained(gridded: Callable) -> Callable:
    """By hand: GD0000 is named (3) and a point lies in it (1); GD0001 is named as well (5, over at the end of
    September). A way runs along row 4 from column 2 to 4 (4). A square stands on four districts, a quarter each (2).
    A point lies on the corner where four others meet (1)."""
    table = "\n".join([
        CONSTRAINTS, "interference,3,2026-09-01,,GD0000,,,,C1", "hostilities,1,2026-09-01,,,5.05,10.05,,C2",
        "hostilities,5,2026-09-01,2026-09-30,GD0001,,,,C3", "physical_environment,1,2026-09-01,,,5.8,10.8,,C4",
    ])  # fmt: skip
    assert gridded("constraints", table, "constraints.csv").created == 4
    drawn = [
        (way((2.5, 4.5), (4.5, 4.5)), {"id": "W", "category": "explosive_hazards", "severity": 4, "reported_on": "2026-09-01"}),
        (square(6.5, 2.5), {"id": "S", "category": "denial_of_needs", "severity": 2, "reported_on": "2026-09-01"}),
    ]  # fmt: skip
    assert gridded("constraints", drawn).created == 2
    return gridded


def test_a_district_has_the_highest_severity_that_touches_or_names_it(constrained: Callable, engine: Engine) -> None:
    found = {
        r["pcode"]: (r["severity"], r["n"], r["categories"])
        for r in looked(engine, "access_severity", on("2026-10-01"))
    }
    assert found == {
        "GD0000": (3, 2, "hostilities, interference"),
        **{f"GD00{c}4": (4, 1, "explosive_hazards") for c in (2, 3, 4)},
        **{f"GD01{c}{r}": (2, 1, "denial_of_needs") for c in (6, 7) for r in (2, 3)},
        **{f"GD01{c}{r}": (1, 1, "physical_environment") for c in (7, 8) for r in (7, 8)},
    }
    september = {r["pcode"]: r["severity"] for r in looked(engine, "access_severity", on("2026-09-15", "2026-10-15"))}
    assert september == {pcode: found[pcode][0] for pcode in found} | {"GD0001": 5}
    shapes = {
        name: len(looked(engine, name)) for name in ("access_constraints", "constrained_areas", "constrained_roads")
    }
    assert shapes == {"access_constraints": 6, "constrained_areas": 3, "constrained_roads": 1}


def test_rooms_without_constraints_have_no_severity_either(constrained: Callable, engine: Engine) -> None:
    layers = ("access_constraints", "constrained_areas", "constrained_roads", "access_severity")
    for room in ("cmwg_mixed", "military_counterpart", "public"):
        scope = Scope("grid", room, member="tester")
        assert [looked(engine, name, scope) for name in layers] == [[], [], [], []]
        with db.transaction(engine, scope.context()) as connection:
            assert tile(connection, get("access_severity"), scope, 6, 33, 31) == b""
            assert panel.labels(connection, scope, list(layers)) == []
            described = {layer["name"]: layer for layer in panel.panel(connection, scope)["layers"]}
        assert {(described[name]["access"], described[name]["count"]) for name in layers} == {("withheld", None)}


def test_a_point_is_drawn_once_though_its_area_lies_in_many_tiles(constrained: Callable, engine: Engine) -> None:
    inside = INSIDE.within((10.6, 5.2, 10.69, 5.4))
    west = {r["id"] for r in looked(engine, "constrained_areas", inside)}
    assert len(west) == 1
    assert looked(engine, "access_constraints", inside) == []


def test_labels_stand_inside_their_areas(constrained: Callable, engine: Engine) -> None:
    with db.transaction(engine, INSIDE.context()) as connection:
        found = panel.labels(connection, INSIDE, ["constrained_areas", "access_severity"])
    at = {(label["layer"], round(label["lon"], 3), round(label["lat"], 3)): label["text"] for label in found}
    assert at["access_severity", 10.05, 5.05] == "3"
    assert at["constrained_areas", 10.7, 5.3] == "2"


def test_a_road_has_the_status_of_its_newest_report_in_force(gridded: Callable, engine: Engine) -> None:
    assert gridded("roads", ROADS, "roads.geojson").created == 5
    table = "\n".join([
        SEEN,
        "R1,E1,,,,restricted,2026-08-01,First,truck,,",
        "R2,E1,,,,closed,2026-10-01,Second,,2026-10-10,",
        "R3,T1,,,,open,2026-09-20,Third,,,10",
    ])  # fmt: skip
    assert gridded("road_reports", table, "reports.csv").created == 3

    def state(key: str, scope: Scope) -> tuple[Any, ...]:
        names = {"E1": "East road", "T1": "Twin road", "W1": "West road"}
        row = next(
            r for r in looked(engine, "roads", scope) if r["name"] == names[key] and r["op_status"] != "unspecified"
        )
        return row["op_status"], str(row["observed_on"] or ""), row["status_source"], row["stale"], row["class"]

    assert state("E1", on("2026-07-01")) == ("open", "", None, None, "open")
    assert state("E1", on("2026-08-31")) == ("restricted", "2026-08-01", "First", False, "restricted")
    assert state("E1", on("2026-09-01")) == ("restricted", "2026-08-01", "First", True, "stale")
    assert state("E1", on("2026-10-05")) == ("closed", "2026-10-01", "Second", False, "closed")
    # the last day of a period counts; the second report holds no longer, and the first has gone stale
    assert state("E1", on("2026-10-05", "2026-10-12")) == ("restricted", "2026-08-01", "First", True, "stale")
    assert TODAY == date(2026, 10, 18)
    assert state("E1", INSIDE)[0] == "restricted"
    assert state("T1", on("2026-09-30"))[3:] == (False, "open")
    assert state("T1", on("2026-10-01"))[3:] == (True, "stale")
    assert state("T1", on("2026-09-01")) == ("closed", "", None, None, "closed")
    assert state("W1", INSIDE) == ("open", "", None, None, "open")
    # what a report says goes with the report's handling; a room that may not have it is told what the road's file says
    handling = {r["name"]: r["handling"] for r in looked(engine, "roads", INSIDE)}
    assert (handling["East road"], handling["West road"]) == ("GREEN", "CLEAR")
    public = looked(engine, "roads", Scope("grid", "public", period=on("2026-10-05").period, member="tester"))
    assert [(r["op_status"], r["status_source"]) for r in public if r["name"] == "East road"] == [("open", None)]
    with db.transaction(engine, INSIDE.context()) as connection:
        counts = by_class(connection, [get("roads")], on("2026-10-05"))["roads"]
        assert counts == {"open": 2, "closed": 1, "stale": 1, "unspecified": 1}
        before = connection.execute(text("SELECT now() - interval '1 hour'")).scalar_one()
    assert looked(engine, "roads", Scope("grid", as_of=before, member="tester")) == []


def test_a_status_is_drawn_as_it_was_known(gridded: Callable, engine: Engine) -> None:
    gridded("roads", ROADS, "roads.geojson")
    gridded("road_reports", f"{SEEN}\nR1,E1,,,,closed,2026-10-10,First,,,", "reports.csv")
    with db.transaction(engine, INSIDE.context()) as connection:
        known = connection.execute(text("SELECT now()")).scalar_one()
    gridded("road_reports", f"{SEEN}\nR1,E1,,,,open,2026-10-10,First,,,", "reports.csv")
    then = Scope("grid", as_of=known + timedelta(microseconds=1), member="tester")
    east = [[r["op_status"] for r in looked(engine, "roads", s) if r["name"] == "East road"] for s in (then, INSIDE)]
    assert east == [["closed"], ["open"]]


# ---- what must be said -------------------------------------------------------------------------------------------------

FREE = "Land without a polygon is not known to be free of explosive hazards."


@pytest.mark.parametrize("some", [True, False])
def test_every_file_of_hazards_says_that_other_land_is_not_known_to_be_free(
    gridded: Callable, engine: Engine, tmp_path: Path, some: bool
) -> None:
    if some:
        states = ("open", "worked on", "reduced", "cancelled", "cleared")
        area = [(square(n, 0), {"id": f"H{n}", "type": "CHA", "status": state}) for n, state in enumerate(states)]
        assert gridded("hazards", area).created == 5
        counts = {r["class"] for r in looked(engine, "hazards")}
        assert counts == {"CHA-open", "CHA-worked_on", "CHA-reduced", "cancelled", "cleared"}
        assert counts <= {rule.value for rule in get("hazards").style.rules}
    scope = Scope("grid", purpose="export", member="tester")
    for suffix in (".gpkg", ".geojson", ".csv"):
        export.write(engine, scope, [get("hazards")], tmp_path / f"hazards{suffix}")
    about = pyogrio.read_info(tmp_path / "hazards.gpkg", layer="hazards")
    assert about["dataset_metadata"]["warning"] == about["layer_metadata"]["warning"] == FREE
    assert json.loads((tmp_path / "hazards.geojson").read_text(encoding="utf-8"))["about"]["warning"] == FREE
    with (tmp_path / "hazards.csv").open(encoding="utf-8-sig", newline="") as file:
        head, tags, *rows = csv.reader(file)
    assert head[tags.index("#meta+warning")] == FREE
    assert [len(row) for row in (tags, *rows)] == [len(head)] * (6 if some else 1)


def test_a_file_of_everything_says_every_warning_once(gridded: Callable, engine: Engine, tmp_path: Path) -> None:
    layers = [get(name) for name in ("access_constraints", "constrained_areas", "hazards", "roads")]
    export.write(engine, Scope("grid", purpose="export", member="tester"), layers, tmp_path / "all.gpkg")
    said = pyogrio.read_info(tmp_path / "all.gpkg", layer="roads")["dataset_metadata"]["warning"]
    assert said == f"No constraint recorded does not mean that there is access. {FREE}"
