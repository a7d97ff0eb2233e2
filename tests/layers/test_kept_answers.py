"""An answer is made once for all who ask for it at the same moment, and anew once what it was made from has changed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from geoapp import db
from geoapp.draw.panel import frame
from geoapp.draw.versions import AnswerCache, kept
from geoapp.scope import Scope

SCOPE = Scope("grid", member="tester")
COUNT = text("SELECT count(*) FROM facts.site")


def test_twenty_who_ask_at_once_are_answered_by_one_and_a_change_is_seen(engine: Engine, gridded: Callable) -> None:
    cache, made = AnswerCache(), []

    def ask(room: str = "internal") -> int:
        scope = Scope("grid", room, member="tester")
        with db.transaction(engine, scope.context()) as connection:

            def make() -> int:
                made.append(room)
                time.sleep(0.05)  # long enough for the others to come
                return int(connection.execute(COUNT).scalar_one())

            return kept(cache, connection, scope, "sites", ("site",), make)

    with ThreadPoolExecutor(10) as pool:
        before = set(pool.map(lambda _: ask(), range(20)))
    assert (len(before), len(made)) == (1, 1)
    assert ask("public") == 0  # another room has an answer of its own
    assert made == ["internal", "public"]
    with db.transaction(engine, SCOPE.context()) as connection:
        connection.execute(
            text("""
            INSERT INTO facts.site (operation_id, source_key, name, facility_type, geom, handling)
            VALUES (calc.operation(), 'new', 'New', 'other', ST_SetSRID(ST_Point(10.1, 5.1), 4326), 'AMBER')""")
        )
    assert ask() == before.pop() + 1


def test_what_a_map_opens_with_is_looked_for_once(engine: Engine, gridded: Callable) -> None:
    """Ten people open the same map at the same moment."""
    cache, asked = AnswerCache(), []
    event.listen(engine, "before_cursor_execute", lambda *about: asked.append(about[2]))

    def opened(_: int) -> dict[str, Any]:
        with db.transaction(engine, SCOPE.context()) as connection:
            return frame(connection, SCOPE, cache)

    with ThreadPoolExecutor(10) as pool:
        first, *others = pool.map(opened, range(10))
    assert all(each == first for each in others)
    assert sum("ST_Extent" in statement for statement in asked) == 1


def test_what_fails_keeps_nobody_waiting_and_nothing_is_kept_of_it(engine: Engine, gridded: Callable) -> None:
    cache = AnswerCache()
    with db.transaction(engine, SCOPE.context()) as connection:
        with pytest.raises(ZeroDivisionError):
            kept(cache, connection, SCOPE, "number", (), lambda: 1 // 0)
        assert kept(cache, connection, SCOPE, "number", (), lambda: 3) == 3
    assert cache._making == {}
