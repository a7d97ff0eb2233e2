"""Overlaps of a region on Dask-GeoPandas: within an operation they are the database's, across a border they are counted."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from geoapp import db, record
from geoapp.cluster import Urls
from geoapp.draw import features
from geoapp.overlay import region
from geoapp.scope import Scope
from layers import get
from tests import gridland
from tests.conftest import bringer


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_within_an_operation_it_is_what_the_database_keeps(engine: Engine, gridded: Callable, audience: str) -> None:
    scope = Scope("grid", audience, member="tester")
    with db.transaction(engine, scope.context()) as connection:
        kept = connection.execute(
            text("""
            SELECT o.area_a, o.area_b, o.relation, lower(o.period) AS starts, upper(o.period) - 1 AS ends, o.days,
                round(o.km2::numeric, 2)::float8 AS km2 FROM facts.overlap AS o WHERE o.ground_id IS NOT NULL""")
        ).all()
        assert (len(features.rows(connection, get("overlaps"), scope)) > 0) is (audience == "internal")
    found = region.overlaps(engine, [scope.context()], partitions=3)
    ours = sorted(tuple(row) for row in kept)
    theirs = sorted(
        (r.area_a, r.area_b, r.relation, r.period_start.date(), r.period_end.date(), r.days, round(r.km2, 2))
        for r in found.itertuples()
    )
    assert theirs == ours
    assert bool(ours) is (audience == "internal")


def test_across_a_border(engine: Engine, gridded: Callable, urls: Urls, tmp_path: Path) -> None:
    """Beyond Gridland's border a unit stands on two squares of First Brigade's ground, and First Brigade itself."""
    owner = create_engine(urls.owner)
    record.add_operation(owner, "beyond", "Beyond", exercise=True, today=gridland.TODAY)
    owner.dispose()
    there = db.Context("beyond", member="tester")
    areas = [
        gridland.area("x1", "Border Guard", "paramilitary", gridland.square(-1, 0, 2, 2)),
        gridland.area("x2", "First Brigade", "military", gridland.square(0, 0, 2, 2)),
    ]
    assert bringer(engine, there, tmp_path)("areas", areas, "beyond.geojson").landed
    found = region.overlaps(engine, [db.Context("grid", member="tester"), there])
    across = {(r.actor_a, r.actor_b): r for r in found.itertuples() if r.operation_a != r.operation_b}
    assert ("First Brigade", "Border Guard") in across
    assert not any(a == b for a, b in across)
    shared = across["First Brigade", "Border Guard"]
    within = [{r.actor_a, r.actor_b} for r in found.itertuples() if r.operation_a == r.operation_b == "beyond"]
    assert within == [{"Border Guard", "First Brigade"}]
    assert (shared.days, shared.period_start.date()) == (181, date(2026, 1, 1))
    assert shared.relation == "military_paramilitary"


def test_nothing_is_nothing(engine: Engine) -> None:
    assert len(region.overlaps(engine, [db.Context("grid", member="tester")])) == 0
