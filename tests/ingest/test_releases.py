"""Boundaries that follow each other: releases of a COD-AB by their first day, and shapes as cartographers send them."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, text

import layers
from geoapp import db, gazetteer, geometry, ingest
from geoapp.access.reach import _PLACES
from geoapp.coordinates import degrees
from geoapp.draw import features
from geoapp.overlay import risk
from geoapp.overlay.trends import Span, trends
from geoapp.record.suggested import suggest_zones
from geoapp.scope import Scope
from tests.gridland import area, square


def unit(code: str, name: str, shape: dict[str, Any], version: str, day: str | None) -> Any:
    return shape, {"adm2_pcode": code, "adm2_name": name, "adm1_pcode": code[:4], "adm1_name": "West", "adm0_pcode": "TL",
                   "version": version, "valid_on": day}  # fmt: skip


def release(version: str, day: str | None) -> list[Any]:
    """Beta, a little wider in later releases, and Alpha: whole in v01, split into two with codes of their own in later ones."""
    whole = [unit("TL0101", "Alpha", square(0, 0, 2, 2), version, day)]
    halves = [unit("TL0103", "Alpha North", square(0, 1, 2, 1), version, day),
              unit("TL0104", "Alpha South", square(0, 0, 2, 1), version, day)]  # fmt: skip
    return [
        *(whole if version == "v01" else halves),
        unit("TL0102", "Beta", square(0, 2, 2, 2 if version == "v01" else 2.01), version, day),
    ]


INCIDENTS = (
    "id,date,type,latitude,longitude\nA-1,2026-06-01,Robbery,5.15,10.1\nB-1,2026-06-01,Robbery,5.05,10.1\n"
    "C-1,2026-06-01,Robbery,5.3,10.1\nD-1,2025-06-01,Robbery,5.05,10.1\nE-1,1999-06-01,Robbery,5.05,10.1\n"
)


def in_force(engine: Engine, context: db.Context, day: str) -> list[str]:
    """The units of the files; the province that is joined from them is another test's."""
    with db.transaction(engine, context) as connection:
        rows = connection.execute(
            text("SELECT pcode FROM facts.boundary WHERE valid @> CAST(:day AS date) AND made_from IS NULL ORDER BY 1"),
            {"day": day},
        )
        return list(rows.scalars())


V01, V02 = ["TL0101", "TL0102"], ["TL0102", "TL0103", "TL0104"]


@pytest.mark.parametrize("order", [("v01", "v02"), ("v02", "v01")])
def test_releases_follow_each_other_by_date(
    bring: Callable, engine: Engine, context: db.Context, order: tuple[str, str]
) -> None:
    days = {"v01": "2024-01-01", "v02": "2026-01-01"}
    reports = [bring("boundaries", release(version, days[version]), f"{version}.geojson") for version in order]
    assert in_force(engine, context, "2025-12-31") == V01
    assert in_force(engine, context, "2026-01-01") == V02
    if order[0] == "v01":
        messages = " ".join(f.message for f in reports[1].findings if f.code == "recoded")
        assert "TL0101" in messages
        assert "TL0103 Alpha North, TL0104 Alpha South" in messages
    again = bring("boundaries", release("v01", days["v01"]), "v01.geojson")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert bring("incidents", INCIDENTS, "i.csv").landed
    with db.transaction(engine, context) as connection:
        rows = connection.execute(
            text("SELECT DISTINCT source_event_id, pcode FROM facts.incident ORDER BY 1"),
        )
        found = {row.source_event_id: row.pcode for row in rows}
    assert found == {"A-1": "TL0103", "B-1": "TL0104", "C-1": "TL0102", "D-1": "TL0101", "E-1": "TL0101"}


def test_a_release_that_is_withdrawn_gives_the_earlier_one_back(
    bring: Callable, engine: Engine, context: db.Context
) -> None:
    assert bring("boundaries", release("v01", "2024-01-01"), "v01.geojson").landed
    later = bring("boundaries", release("v02", "2026-01-01"), "v02.geojson")
    ingest.withdraw(engine, context, later.batch)
    assert in_force(engine, context, "2026-06-01") == V01


def test_releases_without_a_day_are_told(bring: Callable) -> None:
    assert bring("boundaries", release("v01", None), "v01.geojson").landed
    later = bring("boundaries", release("v02", None), "v02.geojson")
    assert "releases-not-in-order" in {f.code for f in later.findings}


def test_property_names_that_are_hxl_tags(bring: Callable, engine: Engine, context: db.Context) -> None:
    features = [(square(0, 0), {"#adm2+code+v_pcode": "TL0101", "#adm2+name": "Alpha", "#adm1+code+v_pcode": "TL01",
                                "#adm1+name": "West", "#date+start": "2024-01-01"})]  # fmt: skip
    report = bring("boundaries", features, "hxl.geojson")
    assert report.landed, report.as_dict()
    with db.transaction(engine, context) as connection:
        asked = "SELECT pcode, name, parent_pcode, lower(valid) FROM calc.boundary WHERE made_from IS NULL"
        row = connection.execute(text(asked)).one()
    assert [str(value) for value in row] == ["TL0101", "Alpha", "TL01", "2024-01-01"]


# shapes


def test_shapes_that_are_cut_at_180_degrees_land(bring: Callable) -> None:
    both = {"type": "MultiPolygon", "coordinates": [[[[179, -17], [180, -17], [180, -16], [179, -16], [179, -17]]],
            [[[-180, -17], [-179, -17], [-179, -16], [-180, -16], [-180, -17]]]]}  # fmt: skip
    report = bring("hazards", [(both, {"source_key": "h", "name": "both sides", "haz_type": "CHA"})], "h.geojson")
    assert (report.landed, report.created) == (True, 1), report.as_dict()
    across = {"type": "Polygon", "coordinates": [[[-179, 0], [179, 0], [179, 1], [-179, 1], [-179, 0]]]}
    assert not bring("hazards", [(across, {"source_key": "g", "name": "x", "haz_type": "CHA"})], "g.geojson").landed


def wavy(corners: int, *, star: bool = False) -> Any:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False) * (5001 if star else 1)
    far = 1 + 0.2 * np.sin(40 * turn)
    return shapely.polygons(np.column_stack([far * np.cos(turn), far * np.sin(turn)]))


def test_a_province_of_many_vertices_lands_within_a_metre(bring: Callable) -> None:
    shape = wavy(60_500)
    prepared = geometry.prepare(np.array([shape], dtype=object), "polygon")
    assert prepared.problem[0] == "simplified"
    assert prepared.geom[0].hausdorff_distance(shape) < 1.5e-5
    feature = unit("TL0101", "Alpha", json.loads(shapely.to_geojson(shape)), "v01", "2024-01-01")
    report = bring("boundaries", [feature], "v01.geojson")
    assert (report.landed, report.created) == (True, 1)
    assert "within a metre" in next(f.message for f in report.findings if f.code == "simplified")


@pytest.mark.parametrize("shape", [wavy(60_001, star=True), wavy(260_000)], ids=["crosses itself", "too many"])
def test_what_would_be_work_without_a_bound_is_refused(shape: Any) -> None:
    prepared = geometry.prepare(np.array([shape], dtype=object), "polygon")
    assert prepared.problem[0] == "too-many-vertices"
    assert prepared.geom[0] is None


@pytest.mark.parametrize(
    ("text_", "value"), [("12°19'60.0\"N", 12 + 20 / 60), ("12°60'S", -13.0), ("12 19 60 W", -12 - 20 / 60)]
)
def test_sixty_seconds_are_the_next_minute(text_: str, value: float) -> None:
    assert degrees(text_) == pytest.approx(value)
    with pytest.raises(ValueError, match="61"):
        degrees("12°19'61\"N")


@pytest.fixture
def followed(bring: Callable) -> Callable:
    """v01 from 2024, v02 from 2026: Alpha is TL0101 until then, and TL0103 and TL0104 from then on."""
    for version, day in (("v01", "2024-01-01"), ("v02", "2026-01-01")):
        assert bring("boundaries", release(version, day), f"{version}.geojson").landed
    return bring


@pytest.mark.parametrize(
    ("day", "units"), [("2020-06-01", V01), ("2025-12-31", V01), ("2026-01-01", V02), ("2026-10-18", V02)]
)
def test_what_is_known_around_and_what_is_reached_stand_on_the_units_of_the_day(
    followed: Callable, engine: Engine, context: db.Context, day: str, units: list[str]
) -> None:
    everywhere = shapely.to_wkb(shapely.geometry.shape(square(0, 0, 2, 4)))
    with db.transaction(engine, context) as connection:
        around = risk.look(connection, everywhere, date.fromisoformat(day))["districts"]
        reached = connection.execute(_PLACES, {"day": day}).mappings().all()
    assert sorted(row["pcode"] for row in around) == units
    assert sorted(row["kind"] for row in reached) == units


def test_gaps_and_suggestions_are_of_no_unit_that_has_ended(
    followed: Callable, engine: Engine, context: db.Context
) -> None:
    assert followed("presence", "Organisation,Cluster,Admin2 P-code\nHands,Health,TL0102\n", "3w.csv").landed
    head = "event id,date,type,latitude,longitude,admin2 pcode,killed\n"
    lines = [
        f"{code}-{n},2026-10-0{n},Battles,5.15,10.1,{code},9" for code in ("TL0101", "TL0103") for n in range(1, 8)
    ]
    assert followed("incidents", head + "\n".join(lines), "i.csv").landed
    with db.transaction(engine, context) as connection:
        assert suggest_zones(connection, least=1) == 1
        offered = connection.execute(
            text("SELECT source_key FROM facts.risk_zone WHERE status = 'suggested'")
        ).scalars()
        assert list(offered) == ["suggestion-TL0103"]
        gaps = features.rows(connection, layers.get("gaps"), Scope("grid", "internal"))
    assert sorted(str(row["pcode"]) for row in gaps) == ["TL0103", "TL0104"]


def shown(connection: Any, layer: str, day: str | None) -> list[dict[str, Any]]:
    """The layer's records for the 90 days up to `day`; of all days without one."""
    last = date.fromisoformat(day) if day else None
    period = (last - timedelta(days=90), last) if last else None
    return features.rows(connection, layers.get(layer), Scope("grid", "internal", period=period))


def test_what_is_counted_on_units_is_counted_once_on_the_unit_of_the_day(
    followed: Callable, engine: Engine, context: db.Context
) -> None:
    """Beta is in both releases, and in v02 a little wider; Alpha is in the first only."""
    for version, day in (("v01", "2024-01-01"), ("v02", "2026-01-01")):
        province = {"adm1_pcode": "TL01", "adm1_name": "West", "adm0_pcode": "TL", "version": version, "valid_on": day}
        assert followed("boundaries", [(square(0, 0, 2, 4), province)], f"adm1-{version}.geojson").landed
    both = [
        area("m", "Brigade", "military", square(0, 0, 2, 2), date_to=""),
        area("c", "Aid", "civil", square(0, 0, 1, 2), date_to=""),
    ]
    assert followed("areas", both, "areas.geojson").landed
    head = (
        "id,type_of_violence,dyad_name,side_a,side_b,where_prec,where_coordinates,adm_1,adm_2,latitude,longitude,country,"
        "event_clarity,date_prec,date_start,date_end,best,low,high\n"
    )
    lines = [f"{n},1,A - B,A,B,{known},Place,,,{lat},10.1,Testland,1,1,{day},{day},1,1,1" for n, known, lat, day in (
        (1, 1, 5.05, "2025-11-01"), (2, 1, 5.3, "2025-11-02"), (3, 1, 5.15, "2026-02-01"), (4, 1, 5.3, "2026-02-02"),
        (5, 3, 5.05, "2025-11-03"), (6, 3, 5.3, "2026-02-04"), (7, 4, 5.3, "2026-02-05"))]  # fmt: skip
    assert followed("incidents", head + "\n".join(lines), "i.csv").landed
    works = ["Hands,Health,TL0102,2025-01-01", "Feet,Health,TL0102,2025-01-01", "Old,Food Security,TL0101,2025-01-01"]
    assert followed("presence", "Organisation,Cluster,Admin2 P-code,Start date\n" + "\n".join(works), "3w.csv").landed
    closed = "category,severity,date,pcode,name\ninterference,3,2025-06-01,TL0101,held\n"
    assert followed("constraints", closed, "c.csv").landed
    with db.transaction(engine, context) as connection:

        def named(layer: str, day: str | None, *fields: str) -> list[Any]:
            found = [tuple(row[field] for field in fields) for row in shown(connection, layer, day)]
            return sorted(found)

        before, after = "2025-12-15", "2026-03-15"
        assert named("boundaries", before, "pcode") == [("TL01",), *((code,) for code in V01)]
        assert named("boundaries", after, "pcode") == [("TL01",), *((code,) for code in V02)]
        assert named("incident_counts", before, "name", "n") == [("Alpha", 2), ("Beta", 1)]
        assert named("incident_counts", after, "name", "n") == [("Alpha North", 1), ("Beta", 2)]
        old = "Alpha (until 2025-12-31)"
        assert named("incident_counts", None, "name", "n") == [(old, 2), ("Alpha North", 1), ("Beta", 3)]
        assert named("presence_counts", before, "name", "n") == [("Alpha", 1), ("Beta", 2)]
        assert named("presence_counts", after, "name", "n") == [(old, 1), ("Beta", 2)]
        assert named("presence", after, "actor", "place") == [("Feet", "Beta"), ("Hands", "Beta"), ("Old", old)]
        assert named("doubles", before, "district", "n") == named("doubles", after, "district", "n") == [("Beta", 2)]
        assert named("gaps", after, "pcode", "sector") == [("TL0102", "FSC"), ("TL0103", "HEA"), ("TL0104", "HEA")]
        assert named("access_severity", before, "pcode", "severity") == [("TL0101", 3)]
        assert named("access_severity", after, "pcode", "severity") == [("TL0103", 3), ("TL0104", 3)]
        assert named("rough_unit_counts", before, "name", "n") == [("Alpha", 1)]
        assert named("rough_unit_counts", after, "name", "n") == [("Beta", 1), ("West", 1)]
        assert named("rough_unit_counts", None, "name", "n") == [(old, 1), ("Beta", 1), ("West", 1)]
        assert named("rough_incidents", after, "drawn_as") == [("district",), ("province",)]
        assert named("overlaps", before, "districts") == []
        assert named("overlaps", after, "districts") == [("Alpha North, Alpha South",)] * 3
        span = Span.ending(date(2026, 3, 1), 6)
        rows = {row["pcode"]: (row["district"], row["n"]) for row in trends(connection, span)["rows"]}
        assert rows == {"TL0101": (old, 2), "TL0102": ("Beta", 3), "TL0103": ("Alpha North", 1)}
        for words, day, found in (("alpha", before, ["Alpha"]), ("alpha", after, ["Alpha North", "Alpha South"]),
                                  ("beta", after, ["Beta"])):  # fmt: skip
            period = (date.fromisoformat(day), date.fromisoformat(day))
            places = gazetteer.listed(connection, words, Scope("grid", "internal", period=period))
            assert [place.name for place in places] == found


# provinces of districts


def test_provinces_are_joined_from_districts_until_real_ones_come(
    bring: Callable, engine: Engine, context: db.Context
) -> None:
    """Four districts of two squares each: two provinces of four squares, as wide as their districts together."""

    def district(code: str, column: int, row: int) -> Any:
        return square(column, row, 2, 1), {"adm2_pcode": code, "adm2_name": code, "adm1_pcode": code[:4], "adm1_name":
            {"TL01": "West", "TL02": "East"}[code[:4]], "adm0_pcode": "TL", "version": "v01", "valid_on": "2024-01-01"}  # fmt: skip

    def provinces() -> list[Any]:
        with db.transaction(engine, context) as connection:
            return [tuple(row) for row in connection.execute(text("""
                SELECT b.pcode, b.name, b.made_from, lower(b.valid)::text, ST_AsText(ST_Envelope(f.geom)) = ST_AsText(f.geom)
                    OR ST_Equals(ST_Envelope(f.geom), f.geom), ST_NumGeometries(f.geom), round(ST_Area(f.geom)::numeric, 6)::float8
                FROM calc.boundary AS b JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
                WHERE b.level = 1 ORDER BY 1"""))]  # fmt: skip

    districts = [district("TL0101", 0, 0), district("TL0102", 0, 1), district("TL0201", 2, 0), district("TL0202", 2, 1)]
    first = bring("boundaries", districts, "adm2.geojson")
    assert (first.created, [f.code for f in first.findings]) == (4, ["provinces-made"])
    assert "TL01 West, TL02 East" in first.findings[0].message
    made = [("TL01", "West", 2, "2024-01-01", True, 1, 0.04), ("TL02", "East", 2, "2024-01-01", True, 1, 0.04)]
    assert provinces() == made
    again = bring("boundaries", districts, "adm2.geojson")
    assert (again.unchanged, again.findings) == (4, [])
    known = (
        "id,type_of_violence,side_a,side_b,where_prec,latitude,longitude,country,date_prec,date_start,date_end,best\n"
    )
    assert bring("incidents", f"{known}1,1,A,B,4,5.05,10.3,Testland,1,2026-02-01,2026-02-01,1", "i.csv").landed
    with db.transaction(engine, context) as connection:
        rows = features.rows(connection, layers.get("rough_unit_counts"), Scope("grid", "internal"))
        assert [(row["name"], row["n"]) for row in rows] == [("East", 1)]
    half = (square(0, 0, 3, 2), {"adm1_pcode": "TL01", "adm1_name": "Left", "adm0_pcode": "TL", "version": "v02"})
    real = bring("boundaries", [half], "adm1.geojson")
    assert [f.code for f in real.findings] == ["provinces-replaced"]
    assert provinces() == [("TL01", "Left", None, None, True, 1, 0.06)]
    done = ingest.withdraw(engine, context, real.batch)
    assert (done["restored"], provinces()) == (2, made), "the joined ones come back at once"
    assert bring("boundaries", districts, "adm2.geojson").findings == []
    ingest.withdraw(engine, context, first.batch)
    assert provinces() == [], "and go with their districts"
