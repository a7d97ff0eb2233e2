"""The register has one row for a pair of actors: of the pieces of ground that a room is shown, through merges and splits."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from geoapp import audiences, db, errors, record
from geoapp.draw.notes import notes
from geoapp.draw.places import places
from geoapp.record import merges
from geoapp.scope import Scope
from tests.gridland import area, square
from tests.overlay.test_overlaps import km2, listed, pairs

PAIR = frozenset(("First Brigade", "Water Aid Group"))


def run(engine: Engine, work: Callable[..., Any], *args: Any, room: str = "internal") -> Any:
    with db.transaction(engine, db.Context("grid", room, member="tester")) as connection:
        return work(connection, *args)


def told(engine: Engine, id_: int, room: str = "internal") -> tuple[dict[str, Any], list[str]]:
    """The places of an overlap and its notes, as a room is told them."""
    scope = Scope("grid", room)
    with db.transaction(engine, scope.context()) as connection:
        of = audiences.room(connection, scope)
        said = notes(connection, scope, id_, of.hidden("overlaps"))
        return places(connection, scope, id_, of), [note["text"] for note in said["notes"] or ()]


def test_two_pieces_are_one_row_and_a_room_is_told_of_those_it_is_shown(engine: Engine, gridded: Callable) -> None:
    """First Brigade has another 2×2 squares from (3, 3), for RED alone: with Water Aid Group 4 + 4 squares, one of them twice."""
    before = pairs(listed(engine))[PAIR]
    run(engine, record.change_overlap, before["id"], {"note": "Before the second."}, before["version"])
    hct_before = listed(engine, "hct")
    second = area(
        "m3",
        "First Brigade",
        "military",
        square(3, 3, 2, 2),
        date_from="2025-12-01",
        date_to="2026-02-28",
        handling="RED",
    )
    report = gridded("areas", [second], "more.geojson")
    assert (report.overlaps["arise"], report.overlaps["change"]) == (1, 1), "Town Police stand on one of its squares"
    row = pairs(listed(engine))[PAIR]
    assert (row["id"], row["code"], row["places"], row["days"]) == (before["id"], before["code"], 2, 181)
    assert row["km2"] == pytest.approx(km2(square(2, 2, 2, 2)) + km2(square(3, 3, 2, 2)) - km2(square(3, 3)), rel=1e-3)
    assert (before["handling"], row["handling"]) == ("GREEN", "RED")
    # in a period that only one of them has a day in the other is not told
    assert pairs(listed(engine, period=(date(2026, 5, 1), date(2026, 5, 31))))[PAIR]["km2"] == before["km2"]
    run(engine, record.change_overlap, row["id"], {"note": "Now of both."}, row["version"])
    # a room that may see the first alone is told what it was told, and no word of a note on both
    assert listed(engine, "hct") == hct_before
    here, said = told(engine, row["id"], "hct")
    assert [place["km2"] for place in here["places"]] == [before["km2"]]
    assert said == ["Before the second."]
    inside, all_ = told(engine, row["id"])
    assert len(inside["places"]) == 2
    assert all_ == ["Now of both.", "Before the second."]
    # one that may see none knows of no row: not by its number, not by its notes
    with db.transaction(engine, db.Context("grid", "hct")) as connection:
        numbers = set(connection.execute(text("SELECT number FROM facts.overlap_pair")).scalars())
        words = connection.execute(text("SELECT count(*) FROM facts.overlap_note")).scalar_one()
    assert numbers == {int(each["code"][3:]) for each in hct_before}
    assert words == 1
    # nor which kinds of pieces a row has that it is shown
    with db.transaction(engine, db.Context("grid", "hct")) as connection:
        assert set(connection.execute(text("SELECT shown FROM calc.overlap_pair")).scalars()) == {None}
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("SELECT shown FROM facts.overlap_pair"))
    secret = pairs(listed(engine))[frozenset(("Secret Force", "Water Aid Group"))]["id"]
    for ask in (secret, 10**9):
        with pytest.raises(errors.NotFound):
            told(engine, ask, "hct")
    # and when the first becomes RED as well, nothing of the pair is left there, its notes neither
    run(
        engine,
        lambda c: c.execute(text("UPDATE facts.overlap SET handling = 'RED' WHERE pair_id = :id"), {"id": row["id"]}),
    )
    assert PAIR not in pairs(listed(engine, "hct"))
    with db.transaction(engine, db.Context("grid", "hct")) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.overlap_note")).scalar_one() == 0
        assert before["id"] not in connection.execute(text("SELECT id FROM facts.overlap_pair")).scalars().all()


def test_a_merge_joins_rows_and_undoing_it_parts_them_again(engine: Engine, gridded: Callable) -> None:
    gridded("areas", [area("x1", "Second Brigade", "military", square(5, 2, 1, 1))], "more.geojson")
    found = pairs(listed(engine))
    old, new = found[PAIR], found[frozenset(("Second Brigade", "Water Aid Group"))]
    run(engine, record.change_overlap, new["id"], {"owner": "L. Anders", "note": "With the Second."}, new["version"])
    run(engine, record.change_overlap, old["id"], {"status": "agreed", "note": "With the First."}, old["version"])
    before = listed(engine)

    def actors(connection: Any) -> Any:
        rows = connection.execute(text("SELECT name, id, version FROM facts.actor")).all()
        return {row.name: row for row in rows}

    of = run(engine, actors)
    first, second = of["First Brigade"], of["Second Brigade"]
    step = run(engine, merges.merge, first.id, second.id, first.version)
    assert (step["ends"], step["joins"], step["begins"]) == ([], [new["code"]], [])
    row = pairs(listed(engine))[PAIR]
    assert len(listed(engine)) == len(before) - 1
    assert (row["id"], row["code"], row["also"], row["places"], row["status"]) == (
        old["id"],
        old["code"],
        new["code"],
        2,
        "agreed",
    )
    assert row["km2"] == pytest.approx(old["km2"] + new["km2"], rel=1e-3)
    # the number that was joined leads to the row that was kept, and what was noted on both is told there
    there, said = told(engine, new["id"])
    assert (there["id"], there["joined"], said) == (old["id"], [new["code"]], ["With the First.", "With the Second."])
    now = run(engine, record.change_overlap, new["id"], {"due": "2026-11-01"}, row["version"])
    assert now["id"] == old["id"]
    run(engine, record.change_overlap, old["id"], {"due": None}, now["version"])
    run(engine, merges.undo, first.id, step["step"])
    strip = {"version", "changed_on"}
    parted = [{k: v for k, v in each.items() if k not in strip} for each in listed(engine)]
    assert parted == [{k: v for k, v in each.items() if k not in strip} for each in before]
    assert told(engine, new["id"])[1] == ["With the Second."]


def test_several_rows_are_written_on_together_or_not_at_all(engine: Engine, gridded: Callable) -> None:
    rows = listed(engine)[:3]
    versions = {row["id"]: row["version"] for row in rows}
    run(engine, record.change_overlap, rows[2]["id"], {"owner": "R. Okan"}, rows[2]["version"])
    with pytest.raises(errors.PreconditionFailed) as refused:
        run(engine, record.change_overlaps, versions, {"status": "agreed", "due": "2026-11-01"})
    assert [each["id"] for each in refused.value.extra["current"]] == [rows[2]["id"]]
    assert {row["status"] for row in listed(engine)} == {"new"}
    versions[rows[2]["id"]] += 1
    run(engine, record.change_overlaps, versions, {"status": "agreed", "due": "2026-11-01"})
    assert sorted(row["status"] for row in listed(engine))[:3] == ["agreed"] * 3
