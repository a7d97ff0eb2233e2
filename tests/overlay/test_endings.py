"""An overlap that ends closes itself, says why, keeps what was written on it, and is open again when it comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geoapp import db, ingest, record
from geoapp.draw.notes import notes
from geoapp.scope import Scope
from tests.gridland import TODAY, area, square
from tests.overlay.test_overlaps import listed, pairs

PAIR = frozenset(("First Brigade", "Water Aid Group"))
NOUN = record.NOUNS["areas_of_operation"]


@pytest.fixture
def writing(engine: Engine, context: db.Context) -> Callable[..., Any]:
    def run(work: Callable[..., Any], *args: Any) -> Any:
        with db.transaction(engine, context) as connection:
            return work(connection, *args)

    return run


def area_of(connection: Any, key: str) -> Any:
    return connection.execute(
        text("SELECT id, version FROM facts.area WHERE source_key = :key"), {"key": f"areas:{key}"}
    ).one()


def discussed(engine: Engine, writing: Callable) -> dict[str, Any]:
    """The overlap of First Brigade and Water Aid Group, with an owner and a note."""
    row = pairs(listed(engine))[PAIR]
    writing(record.change_overlap, row["id"], {"owner": "L. Anders", "note": "We meet on Mondays."}, row["version"])
    return row


def ended(engine: Engine, audience: str = "internal") -> dict[frozenset[str], dict]:
    """The overlaps that ended otherwise than by their days."""
    return {
        pair: row for pair, row in pairs(listed(engine, audience, "ended_overlaps")).items() if row["ended"] != "over"
    }


def reshape(connection: Any, key: str, shape: dict[str, Any]) -> None:
    found = area_of(connection, key)
    record.reshape_area(connection, found.id, shape, found.version)


def date(connection: Any, key: str, first: str, last: str) -> None:
    found = area_of(connection, key)
    record.change(connection, NOUN, found.id, None, {"period_start": first, "period_end": last}, found.version)


def test_shapes_that_part_and_meet_again(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = discussed(engine, writing)
    writing(reshape, "c1", square(8, 8, 1, 1))
    assert PAIR not in pairs(listed(engine))
    (told,) = ended(engine).values()
    assert (told["code"], told["ended"], told["ended_on"]) == (before["code"], "ground", TODAY)
    assert (told["owner"], told["note"], told["note_count"], told["status"]) == (
        "L. Anders", "We meet on Mondays.", 1, "new",
    )  # fmt: skip
    assert told["km2"] == before["km2"]
    writing(reshape, "c1", square(2, 2, 4, 4))
    assert ended(engine) == {}
    again = pairs(listed(engine))[PAIR]
    same = ("id", "code", "km2", "share_a", "share_b", "days", "incidents", "risk", "districts")
    assert {name: again[name] for name in same} == {name: before[name] for name in same}
    assert (again["owner"], again["note_count"], again["reopened_on"]) == ("L. Anders", 1, TODAY)


def test_days_that_part(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = discussed(engine, writing)
    writing(date, "c1", "2026-08-01", "2026-12-31")
    assert {row["ended"] for row in ended(engine).values()} == {"days"}
    writing(date, "c1", "2026-01-01", "2026-06-30")
    assert pairs(listed(engine))[PAIR]["code"] == before["code"]
    assert ended(engine) == {}


def test_one_actor_comes_under_the_other(engine: Engine, gridded: Callable, writing: Callable) -> None:
    discussed(engine, writing)
    found = writing(area_of, "c1")
    writing(record.change, NOUN, found.id, None, {"actor": "First Battalion"}, found.version)
    assert {row["ended"] for row in ended(engine).values()} == {"actors"}


def test_an_area_that_is_taken_away_takes_no_discussion_with_it(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    """Four overlaps of Water Aid Group: the one somebody wrote on stays, and the next area of that group takes it over."""
    before = discussed(engine, writing)
    gone = writing(area_of, "c1")
    writing(record.remove, NOUN, gone.id, gone.version)
    assert not any("Water Aid Group" in pair for pair in pairs(listed(engine)))
    assert {pair: (row["code"], row["ended"]) for pair, row in ended(engine).items()} == {
        PAIR: (before["code"], "area")
    }
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        thread = notes(connection, Scope("grid", member="tester"), before["id"], frozenset())
    assert [note["text"] for note in thread["notes"]] == ["We meet on Mondays."]
    given = {"actor": "Water Aid Group", "period_start": "2026-03-01", "period_end": "2026-04-30"}
    first, _ = writing(record.add, NOUN, square(7, 7, 1, 1), given)
    assert [row["ended"] for row in ended(engine).values()] == ["area"], "it meets nobody there"
    writing(record.add, NOUN, square(3, 3, 2, 2), given)
    back = pairs(listed(engine))[PAIR]
    assert (back["code"], back["id"], back["owner"], back["note_count"]) == (
        before["code"],
        before["id"],
        "L. Anders",
        1,
    )
    assert (str(back["period_start"]), back["reopened_on"]) == ("2026-03-01", TODAY)
    assert ended(engine) == {}
    assert first


def test_another_actor_takes_nothing_over(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = discussed(engine, writing)
    gone = writing(area_of, "c1")
    writing(record.remove, NOUN, gone.id, gone.version)
    writing(record.add, NOUN, square(2, 2, 4, 4), {"actor": "Late Comers", "period_end": "2026-06-30"})
    assert before["code"] not in {row["code"] for row in listed(engine)}
    assert set(ended(engine)) == {PAIR}


def test_two_areas_in_place_of_one_are_two_places_of_the_same_overlap(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    """Two areas of the group that was taken away land by one file: both are places of the row that was written on."""
    before = discussed(engine, writing)
    gone = writing(area_of, "c1")
    writing(record.remove, NOUN, gone.id, gone.version)
    both = [area(key, "Water Aid Group", "civil", square(2, row, 1, 1)) for key, row in (("w1", 2), ("w2", 3))]
    assert gridded("areas", both).landed
    row = pairs(listed(engine))[PAIR]
    assert (row["code"], row["owner"], row["places"]) == (before["code"], "L. Anders", 2)
    assert ended(engine) == {}


def test_an_import_that_is_taken_back_and_lands_again(
    engine: Engine, context: db.Context, gridded: Callable, writing: Callable
) -> None:
    newcomers = [area("x1", "Newcomers", "military", square(5, 5, 1, 1))]
    report = gridded("areas", newcomers)
    pair = frozenset(("Newcomers", "Water Aid Group"))
    row = pairs(listed(engine))[pair]
    writing(record.change_overlap, row["id"], {"status": "agreed"}, row["version"])
    assert report.batch
    ingest.withdraw(engine, context, report.batch)
    with db.transaction(engine, context) as connection:
        left = connection.execute(
            text(
                "SELECT o.ended, p.status FROM facts.overlap_pair AS p JOIN facts.overlap AS o ON o.pair_id = p.id WHERE p.id = :id"
            ),
            {"id": row["id"]},
        ).one()
    assert left == ("area", "agreed")
    assert gridded("areas", newcomers).landed
    again = pairs(listed(engine))[pair]
    assert (again["code"], again["status"], again["reopened_on"]) == (row["code"], "agreed", TODAY)


def test_nothing_is_kept_of_one_that_nobody_wrote_on(engine: Engine, gridded: Callable, writing: Callable) -> None:
    writing(reshape, "c1", square(8, 8, 1, 1))
    gone = writing(area_of, "m1")
    writing(record.remove, NOUN, gone.id, gone.version)
    assert ended(engine) == {}


def lasting(engine: Engine) -> None:
    """Every overlap of Gridland to the end of the year, so that none is closed by its days."""
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        connection.execute(text("UPDATE facts.overlap SET period = daterange(lower(period), '2027-01-01')"))


def test_days_that_are_over_close_it(engine: Engine, owner: Engine, gridded: Callable, writing: Callable) -> None:
    """All overlaps of Gridland end by 30 June; today is 18 October, and then the last of May."""
    over = pairs(listed(engine, layer="ended_overlaps"))
    assert set(over) == set(pairs(listed(engine)))
    assert {(row["ended"], str(row["ended_on"])) for row in over.values()} >= {("over", "2026-07-01")}
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts.operation NO FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql("UPDATE facts.operation SET today = '2026-05-31'")
        connection.exec_driver_sql("ALTER TABLE facts.operation FORCE ROW LEVEL SECURITY")
    then = pairs(listed(engine, layer="ended_overlaps"))
    assert {str(row["period_end"]) for row in then.values()} == {"2026-04-30"}


def test_a_room_is_told_no_more_of_it_than_of_the_overlap(engine: Engine, gridded: Callable, writing: Callable) -> None:
    """Only RED sees Secret Force; no owner is told to the HCT; the public is told of no overlap."""
    row = pairs(listed(engine))[frozenset(("Secret Force", "Water Aid Group"))]
    writing(record.change_overlap, row["id"], {"owner": "CANARY"}, row["version"])
    discussed(engine, writing)
    gone = writing(area_of, "c1")
    writing(record.remove, NOUN, gone.id, gone.version)
    assert len(ended(engine)) == 2
    (hct,) = ended(engine, "hct").values()
    assert {hct["actor_a"], hct["actor_b"]} == PAIR
    assert hct["owner"] is None
    assert listed(engine, "public", "ended_overlaps") == []
