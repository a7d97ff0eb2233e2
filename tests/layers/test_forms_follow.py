"""Whatever is written in whatever order: what rooms are told is what it would be if all of it were made anew."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text

from geoapp import db
from geoapp.forms import KEPT
from geoapp.writing import lock_operation
from layers._sql import DAY, UNIT_NAME, UNIT_OF_CODE, UNIT_ON
from tests.gridland import TODAY
from tests.layers.writes import CONTEXT, READERS, WRITES, change_site, say, write_road, write_site

_ROADS = text("""
    INSERT INTO facts.audience_rule (operation_id, audience, subject, precision, withheld)
    VALUES (calc.operation(), 'hct', 'roads', 'exact', '{practicability}')
""")
"""A rule that nobody can make today; whoever made it would be told what is stale."""


def set_day(owner: Engine, day: date) -> None:
    """Have the exercise play on another day."""
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.operation SET today = :day WHERE key = 'grid'"), {"day": day})


def another_day(owner: Engine, choose: random.Random) -> None:
    set_day(owner, TODAY + timedelta(days=choose.choice((0, 1, -1, 45, -45, -180, -200, 300))))


def everything(connection: Connection) -> dict[Any, Any]:
    """All that is kept for every room."""
    found = {}
    for room in READERS:
        db.set_context(connection, db.Context("grid", room, purpose="form"))
        for row in connection.execute(text("""
            SELECT f.audience, f.layer, f.row_id, f.handling::text, f.valid::text, f.row, f.reads, ST_AsText(ST_Normalize(f.geom), 9) AS geom,
                ST_AsText(ST_Normalize(f.low), 2) AS low
            FROM facts.form AS f UNION ALL
            SELECT p.audience, p.layer || ' lies', p.row_id, NULL, p.told::text || p.counted || p.least, to_jsonb(p.organisations),
                NULL, p.unit, NULL FROM facts.form_place AS p
        """)):  # fmt: skip
            found[tuple(row[:3]) + ((row.geom,) if row.layer.endswith(" lies") else ())] = tuple(row[3:])
    return found


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def follows(engine: Engine, owner: Engine, seed: int) -> None:
    choose = random.Random(seed)
    with db.transaction(engine, CONTEXT) as connection:  # small districts come and go with the writes below
        say(connection, "cmwg_mixed", "sites", {"precision": "admin2", "least": 2})
    for _ in range(choose.randint(1, 8)):
        chance = choose.random()
        if chance < 0.1:  # written by bare SQL, and not followed until somebody records
            with engine.begin() as connection:
                db.set_context(connection, CONTEXT)
                change_site(connection, choose)
        elif chance < 0.25:
            another_day(owner, choose)
        else:
            with db.transaction(engine, CONTEXT) as connection:
                lock_operation(connection, "area")
                for _ in range(choose.choice((1, 1, 2))):
                    choose.choice(WRITES)(connection, choose)
    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection, "area")
    with db.transaction(engine, CONTEXT) as connection:
        kept = everything(connection)
        for room in READERS:
            db.set_context(connection, db.Context("grid", room, purpose="form"))
            for table in ("form_made", "form_place", "form"):
                connection.execute(text(f"DELETE FROM facts.{table} WHERE audience = :room"), {"room": room})
        db.set_context(connection, CONTEXT)
        lock_operation(connection, "area")
    with db.transaction(engine, CONTEXT) as connection:
        anew = everything(connection)
    assert kept.keys() == anew.keys()
    assert {key: (kept[key], anew[key]) for key in kept if kept[key] != anew[key]} == {}


def test_what_is_kept_is_what_would_be_made_anew(engine: Engine, owner: Engine, gridded: Callable) -> None:
    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection, "area")
        for number in range(12):
            write_site(connection, random.Random(number))
        write_road(connection)
        connection.execute(_ROADS)
        say(connection, "public", "presence", {"precision": "admin2", "least": 2})
        say(connection, "hct", "access_constraints", {"precision": "admin2"})
    follows(engine, owner)


def test_another_day_makes_only_those_forms_anew_that_it_changes(
    engine: Engine, owner: Engine, gridded: Callable
) -> None:
    made: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        made.append(statement)

    def begun() -> dict[str, dict[str, Any]]:
        made.clear()
        with db.transaction(engine, CONTEXT) as connection:
            lock_operation(connection, "area")
        with db.transaction(engine, CONTEXT) as connection:
            return {
                layer: {key: row for key, row in everything(connection).items() if layer in key}
                for layer in ("road_reports", "presence_counts")
            }

    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection, "area")
        write_road(connection)
        connection.execute(_ROADS)
        say(connection, "public", "presence", {"precision": "admin2", "least": 1})
    anew = "DELETE FROM facts.form_made"
    before = begun()
    assert anew not in " ".join(made)
    set_day(owner, date(2026, 4, 15))
    after = begun()
    assert anew not in " ".join(made), "no layer is made as a whole"
    assert not before["presence_counts"] and after["presence_counts"]
    (was,), (now,) = before["road_reports"].values(), after["road_reports"].values()
    assert [was[2]["stale"], now[2]["stale"]] == [True, False]
    made.clear()
    begun()
    assert "jsonb_to_recordset" not in " ".join(made), "and the day is followed once"


def test_what_depends_on_the_day_says_so() -> None:
    for layer in KEPT:
        if layer.coarse:
            sql = layer.coarse.sql or layer.sql
            for released in (UNIT_ON, UNIT_OF_CODE, UNIT_NAME):
                for unit in "buen":
                    sql = sql.replace(released.format(unit, DAY), "")
            dated = "calc.today()" in sql or layer.coarse.counts is not None
            assert dated == (layer.coarse.turned is not None), layer.name
