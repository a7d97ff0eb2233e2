"""Counts by district, month and type: a recount of the events gives the same, and a room is told its own."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, text

from geoapp import db, overlay
from geoapp.errors import BadRequest
from tests.gridland import INCIDENTS, incident


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
    assert found["n"] == sum(r[2] for r in rows)
    assert found["n"] + found["before"] == sum(m["n"] for m in found["months"])
    assert all(r["change"] == r["n"] - r["before"] for r in found["rows"])


def test_hidden_events_change_nothing_that_others_are_told(engine: Engine, gridded: Callable) -> None:
    span = overlay.Span.ending(date(2026, 3, 31), 3)
    before, inside = told(engine, span, "public"), told(engine, span)["n"]
    assert gridded("incidents", "\n".join([INCIDENTS.split("\n")[0], incident(99, "2026-03-01", 3, 3)]), "more.csv",
                   source="exercise", handling="RED").landed  # fmt: skip
    assert told(engine, span, "public") == before
    assert told(engine, span)["n"] == inside + 1
