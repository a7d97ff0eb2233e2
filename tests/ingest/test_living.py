"""Sources change and take back what they said: imports in any order end in the same table, counts are those of a recount,
nobody's correction is lost, and what was deleted stays deleted until the deletion is withdrawn."""

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from geoapp import db, ingest, overlay
from geoapp.model import kept_names
from tests.gridland import HEAD, incident

FEED = "event_id_cnty,deleted_timestamp\n"


def events(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def table(connection: Connection) -> list[tuple]:
    return [tuple(row) for row in connection.execute(text("""
        SELECT source, source_event_id, valid::text, source_ts, event_type, actors::text, fatalities, notes_raw, pcode,
            geo_precision, ST_AsText(geom), same_as_event
        FROM calc.incident ORDER BY 1, 2
    """))]  # fmt: skip


def counts(connection: Connection) -> tuple[list[tuple], list[tuple]]:
    bins = connection.execute(
        text("SELECT z, x, y, month, handling::text, n FROM facts.incident_bin ORDER BY 1, 2, 3, 4, 5")
    )
    tallies = connection.execute(
        text(
            "SELECT pcode, month, event_type, placed, handling::text, n, fatalities FROM facts.incident_tally ORDER BY 1, 2, 3, 4, 5"
        )
    )
    return [tuple(r) for r in bins], [tuple(r) for r in tallies]


def recounted(connection: Connection) -> tuple[list[tuple], list[tuple]]:
    """The counts as they would be if everything were counted anew; nothing is kept of it."""
    operation_id = connection.execute(text("SELECT calc.operation()")).scalar_one()
    with connection.begin_nested() as kept:
        connection.execute(text("DELETE FROM facts.incident_bin"))
        connection.execute(text("DELETE FROM facts.incident_tally"))
        overlay.add_incidents(connection, operation_id, "(SELECT * FROM calc.incident)")
        found = counts(connection)
        kept.rollback()
    return found


def names(connection: Connection) -> list[tuple]:
    """By which words incidents are found, and of how many of which rows; of each the newest alone."""
    return [tuple(row) for row in connection.execute(text("""
        SELECT placed, field, name, handling::text, finest, n, ids[1] FROM facts.incident_name ORDER BY 1, 2, 3, 4, 5
    """))]  # fmt: skip


def named_anew(connection: Connection) -> list[tuple]:
    """The same, read from the incidents; nothing is kept of it."""
    with connection.begin_nested() as kept:
        connection.execute(text("DELETE FROM facts.incident_name"))
        connection.execute(text(kept_names.fill("calc.incident")))
        found = names(connection)
        kept.rollback()
    return found


def inside(connection: Connection) -> list[tuple]:
    stored = connection.execute(text("SELECT id, incidents FROM facts.overlap WHERE incidents IS NOT NULL ORDER BY id"))
    return [tuple(r) for r in stored]


def is_whole(engine: Engine, context: db.Context) -> list[tuple]:
    """The table, after the counts of cells, districts and overlaps were compared with a recount."""
    with db.transaction(engine, context) as connection, db.coarser_forms(connection):
        assert names(connection) == named_anew(connection)
    with db.transaction(engine, context) as connection:
        assert counts(connection) == recounted(connection)
        before = inside(connection)
        overlay.count_inside(
            connection, connection.execute(text("SELECT calc.operation()")).scalar_one(), [o for o, _ in before]
        )
        assert inside(connection) == before
        return table(connection)


def test_the_feed_of_deleted_events(engine: Engine, context: db.Context, gridded: Callable) -> None:
    whole = is_whole(engine, context)
    report = gridded(
        "deletions",
        FEED + "GRD1,1700000000\nGRD5,1700000001\nGRD2,1600000000\nXXX1,1700000000\n",
        "d.csv",
        source="exercise",
    )
    assert (report.landed, report.created, report.rows) == (True, 4, 4)
    assert [f.message for f in report.findings if f.code == "events-removed"] == [
        "2 events were removed; 1 of the file are not here; 1 are newer and were kept."
    ]
    assert [f.row for f in report.findings if f.code == "newer-than-its-deletion"] == [4]
    left = is_whole(engine, context)
    assert [row[1] for row in left] == ["GRD2", "GRD3", "GRD4"]
    with db.transaction(engine, context) as connection:
        kept = connection.execute(text("SELECT count(*) FROM facts.history WHERE subject = 'incident'")).scalar()
    assert kept == 2

    old = gridded("incidents", events(*(incident(n, "2026-02-10", 2, 2) for n in (1, 5))), "old.csv", source="exercise")
    assert (old.created, old.updated, old.unchanged) == (0, 0, 2)
    assert [(f.code, f.row) for f in old.findings] == [("deleted-at-source", 2), ("deleted-at-source", 3)]
    assert is_whole(engine, context) == left

    again = gridded("deletions", FEED + "GRD1,1700000000\n", "d2.csv", source="exercise")
    assert (again.created, again.unchanged) == (0, 1)

    done = ingest.withdraw(engine, context, report.batch)
    assert done == {"removed": 0, "restored": 2}
    assert is_whole(engine, context) == whole


def test_what_is_newer_than_its_deletion_comes_back(engine: Engine, context: db.Context, gridded: Callable) -> None:
    report = gridded("deletions", FEED + "GRD1,1700000000\n", "d.csv", source="exercise")
    line = incident(1, "2026-02-11", 2, 2, timestamp="1700000009")
    assert gridded("incidents", events(line), "new.csv", source="exercise").created == 1
    after = is_whole(engine, context)
    assert ingest.withdraw(engine, context, report.batch) == {"removed": 0, "restored": 0}
    assert is_whole(engine, context) == after


def test_two_deletions_of_one_event(engine: Engine, context: db.Context, gridded: Callable) -> None:
    whole = is_whole(engine, context)
    first = gridded("deletions", FEED + "GRD1,1700000000\n", "d.csv", source="exercise")
    second = gridded("deletions", FEED + "GRD1,1700000005\n", "e.csv", source="exercise")
    ingest.withdraw(engine, context, first.batch)
    assert "GRD1" not in [row[1] for row in is_whole(engine, context)]
    ingest.withdraw(engine, context, second.batch)
    assert is_whole(engine, context) == whole


def test_an_import_that_was_withdrawn_does_not_come_back_with_it(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    before = is_whole(engine, context)
    brought = gridded("incidents", events(incident(77, "2026-02-10", 2, 2)), "a.csv", source="exercise")
    deleted = gridded("deletions", FEED + "GRD77,1700000000\n", "d.csv", source="exercise")
    ingest.withdraw(engine, context, brought.batch)
    ingest.withdraw(engine, context, deleted.batch)
    assert is_whole(engine, context) == before


@pytest.mark.parametrize(
    ("content", "name"),
    [("event_id_cnty\nGRD1\nGRD2\n", "d.csv"), ("GRD1\nGRD2\n", "d.txt"), ('["GRD1", "GRD2"]', "d.json"),
     ('{"status": 200, "count": 2, "data": [{"event_id_cnty": "GRD1", "deleted_timestamp": 1800000000},'
      ' {"event_id_cnty": "GRD2", "deleted_timestamp": "1800000000"}]}', "d.json")],
)  # fmt: skip
def test_lists_of_deleted_events(
    engine: Engine, context: db.Context, gridded: Callable, content: str, name: str
) -> None:
    report = gridded("deletions", content, name, source="exercise")
    assert (report.landed, report.rows, report.created) == (True, 2, 2), report.as_dict()
    assert [row[1] for row in is_whole(engine, context)] == ["GRD3", "GRD4", "GRD5"]


def test_deletions_are_of_their_source_only(engine: Engine, context: db.Context, gridded: Callable) -> None:
    report = gridded("deletions", FEED + "GRD1,1800000000\n", "d.csv")
    assert report.landed
    assert len(is_whole(engine, context)) == 5


def test_what_is_no_list_of_deletions_is_refused(gridded: Callable) -> None:
    assert not gridded("deletions", "place,who\nVelmar,somebody\n", "d.csv").landed
    report = gridded("deletions", FEED + "GRD1,soon\nGRD2,\n,1800000000\n", "d.csv", source="exercise")
    assert not report.landed
    assert {"not-a-moment", "no-moment", "no-id"} & {f.code for f in report.findings}


def by_hand(engine: Engine, context: db.Context, change: str) -> None:
    with db.transaction(engine, context) as connection:
        connection.execute(text(f"UPDATE facts.incident SET {change}, batch_id = NULL WHERE source_event_id = 'GRD1'"))


def test_a_correction_by_hand_yields_to_a_newer_row_only(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    by_hand(engine, context, "location = 'Old Bridge'")

    def again(stamp: str) -> tuple[int, list[tuple[str, int | None]], str]:
        line = incident(1, "2026-02-10", 2, 2, timestamp=stamp)
        report = gridded("incidents", events(line), "a.csv", source="exercise")
        with db.transaction(engine, context) as connection:
            place = connection.execute(
                text("SELECT location FROM calc.incident WHERE source_event_id = 'GRD1'")
            ).scalar()
        return report.updated, [(f.code, f.row) for f in report.findings], str(place)

    assert again("1700000000") == (0, [("kept-by-hand", 2)], "Old Bridge")
    assert again("1600000000") == (0, [("kept-by-hand", 2)], "Old Bridge")
    assert again("1700000001") == (1, [], "Place 1")
    is_whole(engine, context)


def linked(engine: Engine, context: db.Context, report: str, event: str) -> None:
    """Say by hand that one event is another report of another, as the counts must then be."""
    with db.transaction(engine, context) as connection:
        operation_id = connection.execute(text("SELECT calc.operation()")).scalar_one()
        overlay.subtract_incidents(
            connection, operation_id, f"(SELECT * FROM calc.incident WHERE source_event_id = '{report}')"
        )
        connection.execute(
            text(
                "UPDATE facts.incident SET same_as_source = 'exercise', same_as_event = :event WHERE source_event_id = :report"
            ),
            {"event": event, "report": report},
        )
        overlay.count_inside(connection, operation_id, [overlap for overlap, _ in inside(connection)])


def test_another_report_of_an_event_stays_that_and_is_not_counted(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    linked(engine, context, "GRD2", "GRD1")
    line = incident(2, "2026-03-10", 4, 4, timestamp="1700000005")
    assert gridded("incidents", events(line), "a.csv", source="exercise").updated == 1
    rows = {row[1]: row[-1] for row in is_whole(engine, context)}
    assert rows["GRD2"] == "GRD1"
    with db.transaction(engine, context) as connection:
        total = connection.execute(text("SELECT sum(n) FROM facts.incident_bin WHERE z = 0")).scalar()
    assert total == 3


def test_the_report_of_a_deleted_event_is_the_event_then(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    linked(engine, context, "GRD2", "GRD1")
    linked(engine, context, "GRD5", "GRD1")
    whole = is_whole(engine, context)
    report = gridded("deletions", FEED + "GRD1,1700000000\n", "d.csv", source="exercise")
    rows = {row[1]: row[-1] for row in is_whole(engine, context)}
    assert (rows["GRD2"], rows["GRD5"]) == (None, "GRD2")
    ingest.withdraw(engine, context, report.batch)
    assert is_whole(engine, context) == whole


def version(number: int, stamp: int) -> str:
    """An event as it was at a moment: where, when and what all follow from the moment."""
    return incident(number, f"2026-02-{10 + stamp:02d}", stamp % 10, number % 10, timestamp=str(1700000000 + stamp))


STEPS = st.lists(
    st.one_of(
        st.lists(st.tuples(st.just("event"), st.integers(1, 4), st.integers(0, 9)), min_size=1, max_size=4),
        st.lists(st.tuples(st.just("deletion"), st.integers(1, 4), st.integers(0, 9)), min_size=1, max_size=3),
    ),
    min_size=2, max_size=3,
)  # fmt: skip


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_files_in_any_order_end_in_the_same_table(
    engine: Engine, context: db.Context, gridded: Callable, tmp_path: Path, steps: list, seed: int
) -> None:
    ends = []
    orders = list(itertools.permutations(range(len(steps))))
    random.Random(seed).shuffle(orders)
    for turn, places in enumerate(orders[:2]):
        source = f"order{turn}"
        for place in places:
            kind = "incidents" if steps[place][0][0] == "event" else "deletions"
            lines = [
                version(n, at) if kind == "incidents" else f"GRD{n},{1700000000 + at}" for _, n, at in steps[place]
            ]
            text_ = events(*lines) if kind == "incidents" else FEED + "\n".join(lines)
            path = tmp_path / f"{place}.csv"
            path.write_text(text_, encoding="utf-8")
            assert ingest.run(engine, context, kind, path, source=source).landed
        ends.append([row[1:] for row in is_whole(engine, context) if row[0] == source])
        with db.transaction(engine, context) as connection:
            operation_id = connection.execute(text("SELECT calc.operation()")).scalar_one()
            mine = f"(SELECT * FROM calc.incident WHERE source = '{source}')"
            overlay.subtract_incidents(connection, operation_id, mine)
            connection.execute(text("DELETE FROM facts.incident WHERE source = :source"), {"source": source})
            connection.execute(text("DELETE FROM facts.incident_deletion WHERE source = :source"), {"source": source})
            connection.execute(text("UPDATE facts.overlap SET incidents = NULL WHERE incidents IS NOT NULL"))
            overlay.count_few(connection, operation_id)
    assert all(end == ends[0] for end in ends)
    assert [row[0] for row in ends[0]] == sorted(surviving(steps))


def surviving(steps: list) -> set[str]:
    """Which events are left: those whose newest state is newer than their newest deletion."""
    newest: dict[tuple[str, int], int] = {}
    for kind, number, at in itertools.chain.from_iterable(steps):
        newest[kind, number] = max(newest.get((kind, number), -1), at)
    return {f"GRD{n}" for (kind, n), at in newest.items() if kind == "event" and at > newest.get(("deletion", n), -1)}
