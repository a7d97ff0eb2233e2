"""Overlaps that can be counted by hand, and that stay themselves when shapes change."""

from collections.abc import Callable

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import db, geometry, overlay, record
from geoapp.draw import features
from geoapp.overlay.overlaps import days_together
from geoapp.scope import Scope
from geoapp.writing import lock_operation
from layers import get
from tests.gridland import area, square


def km2(shape: dict) -> float:
    import numpy as np

    return float(geometry.area_km2(np.array([shapely.geometry.shape(shape)], dtype=object))[0])


def listed(engine: Engine, audience: str = "internal", layer: str = "overlaps", **more: object) -> list[dict]:
    scope = Scope("grid", audience, member="tester", **more)  # type: ignore[arg-type]
    with db.transaction(engine, scope.context()) as connection:
        return features.rows(connection, get(layer), scope)


def pairs(rows: list[dict]) -> dict[frozenset[str], dict]:
    return {frozenset((r["actor_a"], r["actor_b"])): r for r in rows}


def test_who_overlaps_with_whom(engine: Engine, gridded: Callable) -> None:
    assert set(pairs(listed(engine))) == {
        frozenset(p)
        for p in (
            ("First Brigade", "Water Aid Group"), ("Town Police", "Water Aid Group"), ("Secret Force", "Water Aid Group"),
            ("First Brigade", "Health Hands"), ("First Battalion", "Health Hands"), ("First Brigade", "Well Diggers"),
            ("First Battalion", "Well Diggers"), ("First Brigade", "Pump Friends"), ("First Battalion", "Pump Friends"),
        )
    }  # fmt: skip


def test_ground_days_shares_and_what_is_inside(engine: Engine, gridded: Callable) -> None:
    row = pairs(listed(engine))[frozenset(("First Brigade", "Water Aid Group"))]
    assert row["km2"] == pytest.approx(km2(square(2, 2, 2, 2)), rel=1e-3)
    assert [row["share_a"], row["share_b"]] == pytest.approx([0.25, 0.25], abs=1e-3)
    assert (str(row["period_start"]), str(row["period_end"]), row["days"]) == ("2026-01-01", "2026-06-30", 181)
    assert row["incidents"] == 2
    assert row["risk"] == 4
    assert row["relation"] == "civil_military"
    assert row["districts"] == "Square 2-2, Square 2-3, Square 3-2, Square 3-3"


def test_presence_has_a_part_per_district(engine: Engine, gridded: Callable) -> None:
    found = pairs(listed(engine))
    assert found[frozenset(("First Brigade", "Health Hands"))]["km2"] == pytest.approx(
        km2(square(0, 0, 1, 3)), rel=1e-3
    )
    assert found[frozenset(("First Battalion", "Health Hands"))]["km2"] == pytest.approx(
        km2(square(0, 0, 1, 2)), rel=1e-3
    )
    assert found[frozenset(("First Brigade", "Health Hands"))]["days"] == 89


def test_doubles_and_gaps(engine: Engine, gridded: Callable) -> None:
    (double,) = listed(engine, layer="doubles")
    assert (double["pcode"], double["sector"], double["actors"]) == ("GD0000", "WSH", "Pump Friends, Well Diggers")
    assert (str(double["period_start"]), str(double["period_end"])) == ("2026-04-01", "2026-04-30")
    gaps = listed(engine, layer="gaps")
    assert len(gaps) == 200 - 4  # 100 districts × 2 sectors, less three with health and one with water


def test_the_same_files_again_change_nothing(engine: Engine, gridded: Callable) -> None:
    from tests.gridland import FILES

    before = listed(engine)
    for kind, content, name in FILES:
        report = gridded(kind, content, name, **({"source": "exercise"} if kind == "incidents" else {}))
        assert report.landed
        assert (report.created, report.updated) == (0, 0), kind
    assert listed(engine) == before


def test_an_edited_shape_keeps_its_overlap(engine: Engine, context: db.Context, gridded: Callable) -> None:
    row = pairs(listed(engine))[frozenset(("First Brigade", "Water Aid Group"))]
    with db.transaction(engine, context) as connection:
        record.change_overlap(
            connection, row["id"], {"status": "in_coordination", "owner": "L. Anders"}, row["version"]
        )
        id_, version = connection.execute(
            text("SELECT id, version FROM facts.area WHERE source_key = 'areas:c1'")
        ).one()
        record.reshape_area(connection, id_, square(3, 3, 3, 3), version)
    after = pairs(listed(engine))[frozenset(("First Brigade", "Water Aid Group"))]
    assert (after["code"], after["status"], after["owner"]) == (row["code"], "in_coordination", "L. Anders")
    assert after["km2"] == pytest.approx(km2(square(3, 3, 1, 1)), rel=1e-3)
    with db.transaction(engine, context) as connection:
        version = connection.execute(text("SELECT version FROM facts.area WHERE id = :i"), {"i": id_}).scalar_one()
        record.reshape_area(connection, id_, square(8, 8, 1, 1), version)
    assert frozenset(("First Brigade", "Water Aid Group")) not in pairs(listed(engine))
    with db.transaction(engine, context) as connection:
        kept = connection.execute(
            text("""SELECT p.owner, o.ground_id FROM calc.overlap_pair AS p JOIN facts.overlap AS o ON o.pair_id = p.id
                WHERE p.id = :i"""),
            {"i": row["id"]},
        ).one()
        assert kept == ("L. Anders", None)
        record.reshape_area(connection, id_, square(2, 2, 4, 4), version + 1)
    assert pairs(listed(engine))[frozenset(("First Brigade", "Water Aid Group"))]["owner"] == "L. Anders"


def test_as_it_was_known_before(engine: Engine, context: db.Context, gridded: Callable) -> None:
    from datetime import UTC, datetime

    known = datetime.now(UTC)
    before = listed(engine)
    with db.transaction(engine, context) as connection:
        id_, version = connection.execute(
            text("SELECT id, version FROM facts.area WHERE source_key = 'areas:c1'")
        ).one()
        record.reshape_area(connection, id_, square(3, 3, 3, 3), version)
    assert listed(engine) != before
    then = listed(engine, as_of=known)
    assert {(r["code"], r["km2"]) for r in then} == {(r["code"], r["km2"]) for r in before}


def test_all_at_once_is_as_one_by_one(engine: Engine, context: db.Context, gridded: Callable) -> None:
    before = listed(engine)
    with db.transaction(engine, context) as connection:
        operation = lock_operation(connection, "area")
        ids = [r[0] for r in connection.execute(text("SELECT id FROM facts.area"))]
        connection.execute(text("DELETE FROM facts.overlap"))
        for id_ in ids:
            overlay.refresh(connection, operation, [id_])
        overlay.count_inside(
            connection, operation, [r[0] for r in connection.execute(text("SELECT id FROM facts.overlap"))]
        )
    strip = ("id", "code", "version", "changed_on")
    plain = [{k: v for k, v in r.items() if k not in strip} for r in listed(engine)]
    assert sorted(map(str, plain)) == sorted(str({k: v for k, v in r.items() if k not in strip}) for r in before)


def test_against_geopandas(engine: Engine, bring: Callable) -> None:
    shapes = [
        area(f"k{i}", f"Actor {i}", "military" if i % 2 else "civil", square(i * 0.7, (i * 37 % 11) * 0.6, 2.3, 1.7))
        for i in range(24)
    ]
    assert bring("areas", shapes).landed
    frame = gpd.GeoDataFrame(
        {"n": range(24)}, geometry=[shapely.geometry.shape(s[0]) for s in shapes], crs=4326
    ).to_crs(6933)  # fmt: skip
    joined = gpd.overlay(frame, frame, how="intersection", keep_geom_type=True)
    joined = joined[joined.n_1 < joined.n_2]
    ours = listed(engine)
    assert len(ours) == len(joined)
    assert sum(r["km2"] for r in ours) == pytest.approx(joined.area.sum() / 1e6, rel=1e-4)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: (min(p), max(p) + 1)), min_size=1))
@settings(max_examples=60, deadline=None)
def test_days_are_those_of_the_union(periods: list[tuple[int, int]]) -> None:
    assert days_together(periods) == len({d for a, b in periods for d in range(a, b)})


def test_withdrawing_a_batch(engine: Engine, context: db.Context, gridded: Callable) -> None:
    from geoapp import ingest

    before = listed(engine)
    report = gridded("areas", [area("x1", "Newcomers", "military", square(2, 2, 1, 1)),
                               area("m1", "First Brigade", "military", square(0, 0, 1, 1), parent="Army")])  # fmt: skip
    assert (report.created, report.updated) == (1, 1)
    assert frozenset(("Newcomers", "Water Aid Group")) in pairs(listed(engine))
    assert report.batch
    ingest.withdraw(engine, context, report.batch)
    ids = ("id", "code", "version", "changed_on")
    assert sorted(str({k: v for k, v in r.items() if k not in ids}) for r in listed(engine)) == sorted(
        str({k: v for k, v in r.items() if k not in ids}) for r in before
    )
