"""Whatever is written in whatever order: what rooms are told is what it would be if all of it were made anew."""

import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from geoapp import db
from geoapp.writing import lock_operation
from tests.layers.writes import CONTEXT, READERS, WRITES, change_site, say, write_site


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
def follows(engine: Engine, seed: int) -> None:
    choose = random.Random(seed)
    with db.transaction(engine, CONTEXT) as connection:  # small districts come and go with the writes below
        say(connection, "cmwg_mixed", "sites", {"precision": "admin2", "least": 2})
    for _ in range(choose.randint(1, 8)):
        chance = choose.random()
        if chance < 0.1:  # written by bare SQL, and not followed until somebody records
            with engine.begin() as connection:
                db.set_context(connection, CONTEXT)
                change_site(connection, choose)
        else:
            with db.transaction(engine, CONTEXT) as connection:
                lock_operation(connection)
                for _ in range(choose.choice((1, 1, 2))):
                    choose.choice(WRITES)(connection, choose)
    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection)
    with db.transaction(engine, CONTEXT) as connection:
        kept = everything(connection)
        for room in READERS:
            db.set_context(connection, db.Context("grid", room, purpose="form"))
            for table in ("form_made", "form_place", "form"):
                connection.execute(text(f"DELETE FROM facts.{table} WHERE audience = :room"), {"room": room})
        db.set_context(connection, CONTEXT)
        lock_operation(connection)
    with db.transaction(engine, CONTEXT) as connection:
        anew = everything(connection)
    assert kept.keys() == anew.keys()
    assert {key: (kept[key], anew[key]) for key in kept if kept[key] != anew[key]} == {}


def test_what_is_kept_is_what_would_be_made_anew(engine: Engine, gridded: Callable) -> None:
    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection)
        for number in range(12):
            write_site(connection, random.Random(number))
    follows(engine)
