"""geopandas finds the overlaps that are recorded, and one that was tampered with is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from typer.testing import CliRunner

from geoapp import db, overlay
from geoapp.cli import operations  # noqa: F401 - a shell of one command takes no name of it
from geoapp.cli import overlaps as command
from geoapp.cli.app import app
from geoapp.cluster import Urls
from geoapp.overlay.peer import recomputed


def test_every_difference_is_named(
    engine: Engine, gridded: Callable, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction(engine, db.Context("grid")) as connection:
        total, found = overlay.compare(connection)
        recorded = connection.execute(
            text("SELECT id, area_a, area_b FROM facts.overlap ORDER BY area_a, area_b")
        ).all()
    assert (total, found) == (len(recorded), [])
    assert total >= 4
    owner = create_engine(urls.owner)
    changes = ("km2 = km2 * 1.01", "period = daterange(lower(period) + 1, upper(period))", "ground_id = NULL")
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts.overlap NO FORCE ROW LEVEL SECURITY")
        for change, row in zip(changes, recorded, strict=False):
            connection.execute(text(f"UPDATE facts.overlap SET {change} WHERE id = :id"), {"id": row.id})
        connection.exec_driver_sql("ALTER TABLE facts.overlap FORCE ROW LEVEL SECURITY")
    owner.dispose()
    with db.transaction(engine, db.Context("grid")) as connection:
        _, found = overlay.compare(connection)
    assert [(each.what, each.areas) for each in found] == [
        (what, (row.area_a, row.area_b)) for what, row in zip(("area", "period", "missing"), recorded, strict=False)
    ]

    @contextmanager
    def opened() -> Iterator[tuple[None, None, Engine]]:
        yield None, None, engine

    monkeypatch.setattr(command, "opened", opened)
    said = CliRunner().invoke(app, ["overlaps", "-O", "grid", "--peer", "geopandas"])
    assert (said.exit_code, "3 differences" in said.output) == (1, True), said.output
    refused = CliRunner().invoke(app, ["overlaps", "-O", "grid", "--peer", "geopandas", "--audience", "hct"])
    assert refused.exit_code == 1
    assert "differences" not in refused.output


@given(
    st.lists(
        st.tuples(*[st.integers(0, 4)] * 2, st.integers(1, 3), st.integers(0, 9), st.booleans()), min_size=2, max_size=7
    )
)
@settings(max_examples=25, deadline=None, database=None)
def test_squares_are_counted(squares: list[tuple[int, int, int, int, bool]]) -> None:
    """Squares of whole hundredths of a degree on days: what they share can be counted."""
    from datetime import date, timedelta

    day = date(2026, 1, 1)
    parts = [
        {"area": n, "actor": n, "presence": presence, "lineage": [n], "starts": day + timedelta(first), "ends": day + timedelta(first + 5),
         "geom": shapely.box(x, y, x + size, y + size).wkb}
        for n, (x, y, size, first, presence) in enumerate(squares)
    ]  # fmt: skip
    expected = {}
    for a, (x, y, size, first, presence) in enumerate(squares):
        for b, (x2, y2, size2, first2, presence2) in enumerate(squares[a + 1 :], a + 1):
            wide, high = min(x + size, x2 + size2) - max(x, x2), min(y + size, y2 + size2) - max(y, y2)
            if min(wide, high) > 0 and abs(first - first2) < 5 and not (presence and presence2):
                expected[a, b] = (day + timedelta(max(first, first2)), day + timedelta(min(first, first2) + 5))
    assert {pair: (each.starts, each.ends) for pair, each in recomputed(parts).items()} == expected
