"""Arrangements, security levels, constraints and reports on roads come in from files; what is wrong in them is told row by row."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geoapp import db, ingest
from geoapp.db import Context
from tests.gridland import STEP, square

CONSTRAINTS = "category,severity,reported_on,valid_to,admin2 pcode,latitude,longitude,source,id"


def way(*places: tuple[float, float]) -> dict[str, Any]:
    """A line through places of the grid, in squares."""
    return {
        "type": "LineString",
        "coordinates": [[round(10 + c * STEP, 6), round(5 + r * STEP, 6)] for c, r in places],
    }


ROADS = [
    (way((0, 0.5), (3, 0.5)), {"source_key": "W1", "name": "West road", "fclass": 2, "opstatus": 1}),
    (way((3, 0.5), (6, 0.5)), {"source_key": "W2", "name": "West road", "fclass": 2, "opstatus": 1}),
    (way((0, 5.5), (2, 5.5)), {"source_key": "T1", "name": "Twin road", "fclass": 3, "opstatus": 3}),
    (way((5, 5.5), (7, 5.5)), {"source_key": "T2", "name": "Twin road", "fclass": 3, "opstatus": 0}),
    (way((8, 0), (8, 4)), {"source_key": "E1", "name": "East road", "fclass": 2, "opstatus": 1}),
]  # fmt: skip
"""West road has two pieces that meet; two roads that do not meet bear the name of Twin road."""


def rows(engine: Engine, sql: str, audience: str = "internal") -> list[tuple[Any, ...]]:
    with db.transaction(engine, Context("grid", audience, member="tester")) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def codes_of(report: Any) -> set[tuple[str, int | None]]:
    return {(f.code, f.row) for f in report.findings}


# ---- arrangements ----------------------------------------------------------------------------------------------------


def arrangement(kind: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return square(1, 1, 2, 2), {
        "id": f"A-{kind}", "name": f"The {kind}", "type": kind, "parties": "One Party; Other Party",
        "start": "2026-10-01", "end": "2026-10-20", "source": "Minutes",
    } | more  # fmt: skip


def test_arrangements_land_once_and_can_be_withdrawn(bring: Callable, engine: Engine, context: Context) -> None:
    file = [arrangement("pause"), arrangement("couloir humanitaire"), arrangement("ceasefire", end=None)]
    report = bring("arrangements", file)
    assert (report.landed, report.created, report.findings) == (True, 3, [])
    found = rows(
        engine, "SELECT arrangement_type, valid::text, handling::text, parties FROM calc.arrangement ORDER BY 1"
    )
    assert found == [
        ("ceasefire", "[2026-10-01,)", "AMBER", "One Party; Other Party"),
        ("humanitarian_corridor", "[2026-10-01,2026-10-21)", "AMBER", "One Party; Other Party"),
        ("humanitarian_pause", "[2026-10-01,2026-10-21)", "AMBER", "One Party; Other Party"),
    ]
    again = bring("arrangements", file)
    assert (again.created, again.updated, again.unchanged, again.batch) == (0, 0, 3, report.batch)
    changed = bring("arrangements", [arrangement("pause", end="2026-10-25")])
    assert (changed.updated, changed.created) == (1, 0)
    ingest.withdraw(engine, context, changed.batch)
    assert rows(engine, "SELECT upper(valid)::text FROM facts.arrangement WHERE source_key = 'A-pause'") == [
        ("2026-10-21",)
    ]
    ingest.withdraw(engine, context, report.batch)
    assert rows(engine, "SELECT count(*) FROM facts.arrangement") == [(0,)]


def test_a_pause_or_corridor_without_an_end_is_refused(bring: Callable) -> None:
    file = [arrangement("ceasefire", id=f"A{n}", name=f"Ceasefire {n}") for n in range(8)]
    report = bring("arrangements", [*file, arrangement("corridor", end=None), arrangement("notification", end=None)])
    assert report.created == 8
    assert codes_of(report) == {("no-end", 10), ("no-end", 11)}
    assert "'corridor' has a last day" in report.findings[0].message


def test_an_arrangement_of_an_unknown_type_is_told(bring: Callable) -> None:
    report = bring("arrangements", [arrangement("peace"), arrangement("pause", start="2026-11-01")])
    assert codes_of(report) >= {("unknown-arrangement-type", 2), ("ends-before-it-begins", 3)}
    assert not report.landed


# ---- security levels ---------------------------------------------------------------------------------------------------


LEVELS = {
    "4": 4, "IV": 4, "iv": 4, "Substantial": 4, "Level IV": 4, "SLS 4": 4, "4 - Substantial": 4, "1": 1, "Minimal": 1,
    "VI": 6, "Extreme": 6, "Moderate": 3,
}  # fmt: skip


def test_a_security_level_is_read_however_it_is_written(bring: Callable, engine: Engine) -> None:
    report = bring("security_levels", [(square(n, 0), {"name": w, "security_level": w}) for n, w in enumerate(LEVELS)])
    assert (report.landed, report.created, report.findings) == (True, len(LEVELS), [])
    found = rows(engine, "SELECT name, security_level, handling::text FROM facts.security_area")
    assert {(name, level) for name, level, _ in found} == set(LEVELS.items())
    assert {handling for *_, handling in found} == {"AMBER"}


def test_what_is_no_security_level_is_told(bring: Callable) -> None:
    good = [(square(n % 10, n // 10), {"name": f"A{n}", "security_level": "2"}) for n in range(20)]
    bad = ("VII", "7", "0", "very high", "-1", "2.5")
    report = bring(
        "security_levels", good + [(square(n, 9), {"name": w, "security_level": w}) for n, w in enumerate(bad)]
    )
    assert (report.landed, report.created, report.rejected) == (True, 20, 6)
    assert [(f.code, f.row, f.message) for f in report.findings] == [
        ("outside-the-scale", row, f"'{w}' is no security level from 1 (I, Minimal) to 6 (VI, Extreme).")
        for row, w in enumerate(bad, 22)
    ]


# ---- constraints -------------------------------------------------------------------------------------------------------


def test_constraints_stand_on_units_points_lines_and_areas(gridded: Callable, engine: Engine) -> None:
    table = "\n".join([
        CONSTRAINTS,
        "interference,3,2026-10-01,,GD0000,,,OCHA,C1",
        "Presence of mines and UXO,5,2026-10-02,2026-12-31,,5.15,10.25,OCHA,C2",
        "Restriction of movement within the country,2,2026-10-03,,gd0011,,,OCHA,C3",
    ])  # fmt: skip
    report = gridded("constraints", table, "constraints.csv")
    assert (report.landed, report.created, report.findings) == (True, 3, [])
    drawn = [
        (way((0, 0.5), (3, 0.5)), {"id": "C4", "category": "hostilities", "severity": 4, "reported_on": "2026-10-01"}),
        (square(4, 4, 2, 1), {"id": "C5", "category": "denial_of_needs", "severity": 5, "reported_on": "2026-10-01"}),
    ]  # fmt: skip
    assert gridded("constraints", drawn).created == 2
    found = rows(engine, """
        SELECT source_key, category, severity, scale, pcode, valid::text, ST_GeometryType(geom), handling::text
        FROM facts.access_constraint ORDER BY 1
    """)  # fmt: skip
    assert found == [
        ("C1", "interference", 3, "0-5", "GD0000", "[2026-10-01,)", "ST_MultiPolygon", "AMBER"),
        ("C2", "explosive_hazards", 5, "0-5", None, "[2026-10-02,2027-01-01)", "ST_Point", "AMBER"),
        ("C3", "internal_movement_restriction", 2, "0-5", "GD0011", "[2026-10-03,)", "ST_MultiPolygon", "AMBER"),
        ("C4", "hostilities", 4, "0-5", None, "[2026-10-01,)", "ST_MultiLineString", "AMBER"),
        ("C5", "denial_of_needs", 5, "0-5", None, "[2026-10-01,)", "ST_MultiPolygon", "AMBER"),
    ]
    same = rows(engine, """
        SELECT count(*) FROM facts.access_constraint AS c JOIN facts.boundary AS b USING (operation_id, pcode)
        JOIN facts.footprint AS f ON f.id = b.footprint_id WHERE c.geom = f.geom
    """)  # fmt: skip
    assert same == [(2,)]
    assert gridded("constraints", table, "constraints.csv").unchanged == 3


def test_restriction_of_movement_in_a_place_is_within_the_country_and_told_where_the_words_fit_two(
    gridded: Callable, engine: Engine
) -> None:
    words = ("Restriction of movement", "Restriction of movement of organisations", "Movement restrictions",
             "Restriction of movement within the country", "Restriction of movement into the country")  # fmt: skip
    table = "\n".join(
        [CONSTRAINTS] + [f"{said},3,2026-10-01,9999-12-31,GD000{n},,,,C{n}" for n, said in enumerate(words)]
    )
    report = gridded("constraints", table, "constraints.csv")
    assert codes_of(report) == {("category-two-ways", 2), ("category-two-ways", 3), ("category-two-ways", 4)}
    found = rows(engine, "SELECT category, upper(valid) FROM facts.access_constraint ORDER BY source_key")
    assert found == [("internal_movement_restriction", None)] * 4 + [("entry_restriction", None)]


def test_the_three_steps_of_ocha_keep_their_words_and_are_told(gridded: Callable, engine: Engine) -> None:
    table = "\n".join([CONSTRAINTS] + [
        f"interference,{word},2026-10-01,,GD000{n},,,,C{n}" for n, word in enumerate(("Low", "Medium", "High"))
    ])  # fmt: skip
    report = gridded("constraints", table, "constraints.csv")
    assert codes_of(report) == {("three-steps", 2)}
    found = rows(engine, "SELECT severity, scale FROM facts.access_constraint ORDER BY source_key")
    assert found == [(1, "low-medium-high"), (2, "low-medium-high"), (3, "low-medium-high")]


def test_high_beside_extreme_is_of_the_finer_scale(gridded: Callable, engine: Engine) -> None:
    table = "\n".join(
        [CONSTRAINTS, "interference,High,2026-10-01,,GD0000,,,,C1", "interference,Extreme,2026-10-01,,GD0001,,,,C2"]
    )
    report = gridded("constraints", table, "constraints.csv")
    assert report.findings == []
    assert rows(engine, "SELECT severity, scale FROM facts.access_constraint ORDER BY source_key") == [
        (3, "0-5"),
        (5, "0-5"),
    ]


BAD = [
    ("interference,7,2026-10-01,,GD0000,,,,B0", "outside-the-scale"),
    ("interference,worst,2026-10-01,,GD0000,,,,B1", "outside-the-scale"),
    ("interference,,2026-10-01,,GD0000,,,,B2", "no-severity"),
    ("rudeness,3,2026-10-01,,GD0000,,,,B3", "unknown-category"),
    ("interference,3,,,GD0000,,,,B4", "no-reported-on"),
    ("interference,3,2026-10-01,2026-09-01,GD0000,,,,B5", "ends-before-it-begins"),
    ("interference,3,2026-10-01,,,,,,B6", "no-place"),
    ("interference,3,2026-10-01,,,95,10.2,,B7", "off-the-map"),
    ("interference,3,2026-10-01,,,here,10.2,,B8", "not-a-coordinate"),
    ("interference,3,2026-10-01,,,10.25,5.15,,B9", "swapped-axes"),
    ("interference,3,2026-10-01,,GD9999,,,,B10", "unknown-pcode"),
]


def test_bad_constraints_are_told_and_the_good_ones_land(gridded: Callable) -> None:
    good = [f"interference,3,2026-10-01,,GD00{n // 10}{n % 10},,,,G{n}" for n in range(50)]
    report = gridded("constraints", "\n".join([CONSTRAINTS, *good, *(line for line, _ in BAD)]), "constraints.csv")
    assert (report.landed, report.created, report.rejected) == (True, 50, len(BAD)), report.findings
    told = [(f.row, f.code, f.severity) for f in report.findings]
    assert sorted(told) == [(row, code, "error") for row, (_, code) in enumerate(BAD, 52)]


def test_constraints_without_any_place_are_no_file_of_constraints(gridded: Callable) -> None:
    report = gridded("constraints", "category,severity,reported_on\ninterference,3,2026-10-01", "constraints.csv")
    assert [f.code for f in report.findings] == ["missing-columns"]


# ---- reports on roads --------------------------------------------------------------------------------------------------

SEEN = "id,road,road_name,lat,lon,status,observed_on,source,vehicles,valid_to,stale_days"


@pytest.fixture
def roaded(gridded: Callable) -> Callable:
    assert gridded("roads", ROADS, "roads.geojson").created == 5
    return gridded


def reports(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, """
        SELECT p.source_key, r.source_key, p.op_status FROM facts.road_report AS p
        JOIN facts.road AS r ON r.id = p.road_id ORDER BY 1
    """)  # fmt: skip


def test_a_report_finds_its_road_by_number_name_or_place(roaded: Callable, engine: Engine) -> None:
    table = "\n".join([
        SEEN,
        "R1,E1,,,,Inaccessible,2026-10-10,Logistics Cluster,,,",
        "R2,,west-ROAD,,,partly inaccessible,2026-10-11,Logistics Cluster,light truck,2026-10-31,14",
        "R3,,,5.5505,10.15,3,2026-10-12,Logistics Cluster,,,",
        "R4,,Twin road,5.55,10.6,open,2026-10-12,Logistics Cluster,,,",
    ])  # fmt: skip
    report = roaded("road_reports", table, "reports.csv")
    assert (report.landed, report.created, report.rejected) == (True, 5, 0), report.findings
    assert reports(engine) == [
        ("R1", "E1", "closed"), ("R2", "W1", "restricted"), ("R2 on W2", "W2", "restricted"), ("R3", "T1", "closed"),
        ("R4", "T2", "open"),
    ]  # fmt: skip
    assert [(f.code, f.row, f.message) for f in report.findings] == [
        ("road-by-place", 4, "Taken for Twin road (T1), 55 m from the place."),
        ("road-by-place", 5, "Taken for Twin road (T2), 1 m from the place."),
    ]
    details = (
        "SELECT practicability, valid::text, stale_days, handling::text FROM facts.road_report WHERE source_key = 'R2'"
    )
    assert rows(engine, details) == [(4, "[2026-10-11,2026-11-01)", 14, "GREEN")]
    again = roaded("road_reports", table, "reports.csv")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 5)


def test_a_line_is_a_report_on_every_piece_that_it_runs_along(roaded: Callable, engine: Engine) -> None:
    seen = {"report_id": "L1", "status": "closed", "observed_on": "2026-10-10"}
    report = roaded("road_reports", [(way((0.5, 0.5003), (5.5, 0.5003)), seen)])
    assert reports(engine) == [("L1", "W1", "closed"), ("L1 on W2", "W2", "closed")]
    assert report.findings[0].message.startswith("Taken for 2 pieces of road along the line")


def test_a_report_that_is_corrected_leaves_no_piece_behind(roaded: Callable, engine: Engine) -> None:
    roaded("road_reports", f"{SEEN}\nR1,,West road,,,closed,2026-10-10,,,,", "reports.csv")
    assert [r[1] for r in reports(engine)] == ["W1", "W2"]
    roaded("road_reports", f"{SEEN}\nR1,W2,,,,closed,2026-10-10,,,,", "reports.csv")
    assert reports(engine) == [("R1", "W2", "closed")]


UNUSABLE = [
    ("B0,X9,,,,closed,2026-10-10,,,,", "unknown-road"),
    ("B1,,Nowhere road,,,closed,2026-10-10,,,,", "unknown-road"),
    ("B2,,Twin road,,,closed,2026-10-10,,,,", "road-name-twice"),
    ("B3,,,5.553,10.15,closed,2026-10-10,,,,", "no-road-near"),
    ("B4,,,,,closed,2026-10-10,,,,", "no-road"),
    ("B5,E1,,,,muddy,2026-10-10,,,,", "unknown-status"),
    ("B6,E1,,,,closed,,,,,", "no-observed-on"),
    ("B7,E1,,,,closed,2026-10-10,,,2026-10-01,", "ends-before-it-begins"),
    ("B8,E1,,,,closed,2026-10-10,,,,soon", "not-a-number"),
]


def test_reports_that_cannot_be_used_are_told(roaded: Callable) -> None:
    good = [f"G{n},E1,,,,open,2026-09-{n:02d},,,," for n in range(1, 31)]
    report = roaded("road_reports", "\n".join([SEEN, *good, *(line for line, _ in UNUSABLE)]), "reports.csv")
    assert (report.landed, report.created, report.rejected) == (True, 30, len(UNUSABLE)), report.findings
    told = [(f.row, f.code, f.severity) for f in report.findings]
    assert sorted(told) == [(row, code, "error") for row, (_, code) in enumerate(UNUSABLE, 32)]


def test_reports_are_withdrawn_as_a_whole(roaded: Callable, engine: Engine, context: Context) -> None:
    report = roaded("road_reports", f"{SEEN}\nR1,E1,,,,closed,2026-10-10,,,,", "reports.csv")
    assert ingest.withdraw(engine, context, report.batch) == {"removed": 1, "restored": 0}
    assert reports(engine) == []


# ---- who may see them --------------------------------------------------------------------------------------------------


def test_rooms_that_may_not_see_constraints_see_none(gridded: Callable, engine: Engine) -> None:
    line = "interference,3,2026-10-01,,GD0000,,,,C1"
    gridded("constraints", f"{CONSTRAINTS}\n{line}", "constraints.csv", handling="CLEAR")
    shape = json.loads(json.dumps(square(0, 0)))
    gridded("security_levels", [(shape, {"name": "West", "security_level": 2, "handling": "CLEAR"})])
    gridded("arrangements", [arrangement("pause", handling="CLEAR")])
    seen = {
        room: tuple(
            rows(engine, f"SELECT count(*) FROM facts.{table}", room)[0][0]
            for table in ("access_constraint", "security_area", "arrangement")
        )
        for room in ("internal", "hct", "cmwg_mixed", "military_counterpart", "public")
    }
    assert seen == {
        "internal": (1, 1, 1), "hct": (1, 1, 1), "cmwg_mixed": (0, 1, 1), "military_counterpart": (0, 0, 1), "public": (0, 0, 0)
    }  # fmt: skip
