"""Counts by district, month and type: a recount of the events gives the same, and a room is told its own."""

from collections.abc import Callable
from datetime import date

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

from geoapp import db, overlay, upgrade
from geoapp.cluster import Urls
from geoapp.errors import BadRequest
from tests.gridland import INCIDENTS, incident

ABROAD = "\n".join([INCIDENTS.split("\n")[0], incident(50, "2026-03-20", 60, 60)])
"""One that lies in no district."""


def told(engine: Engine, span: overlay.Span, audience: str = "internal") -> dict:
    with db.transaction(engine, db.Context("grid", audience)) as connection:
        return overlay.trends(connection, span)


def test_a_span_is_whole_months() -> None:
    span = overlay.Span.ending(date(2026, 1, 17), 3)
    assert span == overlay.Span(date(2025, 8, 1), date(2025, 11, 1), date(2026, 2, 1))
    for months in (0, 61):
        with pytest.raises(BadRequest):
            overlay.Span.ending(date(2026, 1, 1), months)


def test_the_counts_are_those_of_the_events(engine: Engine, gridded: Callable) -> None:
    span = overlay.Span.ending(date(2026, 4, 30), 2)
    assert gridded("incidents", ABROAD, "abroad.csv", source="exercise").landed
    found = told(engine, span)
    with db.transaction(engine, db.Context("grid")) as connection:
        recount = text("""
            SELECT i.pcode, i.event_type, count(*) FILTER (WHERE lower(i.valid) >= :start),
                count(*) FILTER (WHERE lower(i.valid) < :start)
            FROM facts.incident AS i
            WHERE i.finest = 0 AND i.pcode IS NOT NULL AND lower(i.valid) >= :earlier AND lower(i.valid) < :stop GROUP BY 1, 2
        """)
        rows = connection.execute(recount, {"earlier": span.earlier, "start": span.start, "stop": span.stop}).all()
    assert {(r["pcode"], r["event_type"], r["n"], r["before"]) for r in found["rows"]} == {tuple(r) for r in rows}
    assert (found["n"], found["nowhere"]["n"]) == (sum(r[2] for r in rows) + 1, 1)
    assert (found["unplaced"], found["districts"]) == (1, len({r[0] for r in rows if r[2]}))
    assert found["n"] + found["before"] == sum(m["n"] for m in found["months"]) == sum(s["n"] for s in found["series"])
    assert [(s["month"], s["event_type"], s["n"]) for s in found["series"]] == [
        ("2026-02", "Battles", 1), ("2026-03", "Battles", 4)
    ]  # fmt: skip
    assert all(r["change"] == r["n"] - r["before"] for r in found["rows"])


def test_a_room_without_counts_is_told_nothing(engine: Engine, gridded: Callable, urls: Urls) -> None:
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts.audience NO FORCE ROW LEVEL SECURITY")
        changed = connection.execute(
            text("UPDATE facts.audience SET rules = rules || '{\"incidents\": \"withheld\"}' WHERE key = 'public'")
        )
        assert changed.rowcount == 1
    owner.dispose()
    span = overlay.Span.ending(date(2026, 4, 30), 2)
    assert told(engine, span, "hct")["n"] > 0
    found = told(engine, span, "public")
    assert (found["n"], found["nowhere"]["n"], found["rows"], found["months"], found["series"]) == (0, 0, [], [], [])


def test_what_was_counted_before_there_were_counts_of_no_district(
    engine: Engine, gridded: Callable, urls: Urls
) -> None:
    """The migration fills in what an earlier import left out."""
    assert gridded("incidents", ABROAD, "abroad.csv", source="exercise").landed
    with db.transaction(engine, db.Context("grid")) as connection:
        whole = connection.execute(text("SELECT * FROM facts.incident_tally ORDER BY 1, 2, 3, 4, 5, 6")).all()
    assert any(row.pcode == "" for row in whole)
    owner = create_engine(urls.owner)
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    with owner.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA calc CASCADE")
        config.attributes["connection"], config.attributes["rebuild"] = connection, False
        command.downgrade(config, "2026_11_24")
        config.attributes["rebuild"] = True
        command.upgrade(config, "head")
        connection.commit()
    owner.dispose()
    upgrade.register(urls.owner, urls.app)
    with db.transaction(engine, db.Context("grid")) as connection:
        assert connection.execute(text("SELECT * FROM facts.incident_tally ORDER BY 1, 2, 3, 4, 5, 6")).all() == whole


def test_hidden_events_change_nothing_that_others_are_told(engine: Engine, gridded: Callable) -> None:
    span = overlay.Span.ending(date(2026, 3, 31), 3)
    before, inside = told(engine, span, "public"), told(engine, span)["n"]
    assert gridded("incidents", "\n".join([INCIDENTS.split("\n")[0], incident(99, "2026-03-01", 3, 3)]), "more.csv",
                   source="exercise", handling="RED").landed  # fmt: skip
    assert told(engine, span, "public") == before
    assert told(engine, span)["n"] == inside + 1
