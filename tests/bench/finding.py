"""The one search over a million incidents: what is typed letter by letter, with errors, by number, and what nothing is called."""

import time
from collections.abc import Callable
from statistics import median, quantiles

from sqlalchemy import Engine

from geoapp import audiences, db, record
from geoapp.draw.finding import find
from geoapp.draw.versions import AnswerCache
from geoapp.scope import Scope

ASKED = (
    "pl",
    "place",
    "place 12",
    "Place 1234",
    "plase 1234",
    "XXX123456",
    "armed clash",
    "armd clash",
    "nowhere",
    "1999",
)


def searches(engine: Engine, line: Callable[[str, str], None]) -> None:
    """Prints what the first search after a change takes, and the middle and the 95th of 100 of the later ones."""
    scope, cache = Scope("bench", "internal", member="bench"), AnswerCache()
    took = []
    for turn in range(1 + 10):
        for q in ASKED:
            began = time.perf_counter()
            with db.transaction(engine, scope.context()) as connection:
                find(connection, scope, audiences.room(connection, scope), cache, q)
            took.append(time.perf_counter() - began)
            if turn == 0 and q == ASKED[0]:
                line("the first search of a process", f"{took[0]:.2f} s")
    later = took[len(ASKED) :]
    event = {"event_type": "Protests", "occurred_from": "2018-01-01", "location": "Newly named"}
    with db.transaction(engine, scope.context()) as connection:
        record.add(connection, record.NOUNS["incidents"], {"type": "Point", "coordinates": [24.5, 4.5]}, event)
    for q in ("newly named", "place 12"):
        began = time.perf_counter()
        with db.transaction(engine, scope.context()) as connection:
            hits = find(connection, scope, audiences.room(connection, scope), cache, q)
        line(
            f"a search after one was written: {q!r}",
            f"{(time.perf_counter() - began) * 1000:.0f} ms, {len(hits)} groups",
        )
    began = time.perf_counter()
    with db.transaction(engine, scope.context()) as connection:
        find(connection, scope, audiences.room(connection, scope), cache, "number 123456", within=True)
    line("the same with the notes of all incidents", f"{time.perf_counter() - began:.2f} s")
    line(
        "a search after that",
        f"{median(later) * 1000:.0f} ms, p95 {quantiles(later, n=20)[-1] * 1000:.0f} ms (goal ≤ 50)",
    )
    slowest = max(zip(later, ASKED * 10, strict=True))
    line("the slowest of these", f"{slowest[0] * 1000:.0f} ms: {slowest[1]!r}")
