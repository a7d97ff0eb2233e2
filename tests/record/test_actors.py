"""Actors written by hand, merged and split: what follows can be counted, is undone, and holds against the next file."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import db, record
from geoapp.errors import BadRequest, Conflict, NotFound, PreconditionFailed
from geoapp.ingest.withdrawals import withdraw
from tests.gridland import AREAS, PRESENCE, area, square
from tests.overlay.test_overlaps import listed, pairs

NOUN = record.NOUNS["actors"]
HOSTILE = [
    "<script>alert(1)</script>", "'; DROP TABLE facts.actor; --", "\u202eecrof", "{{ 7*7 }}", "a" * 300, "=cmd|' /C calc'!A0",
    "%(x)s :name", "Zażółć 部隊 قوة", '"', "\\x00\\", "${jndi:x}",
]  # fmt: skip


@pytest.fixture
def writing(engine: Engine, context: db.Context) -> Callable[..., Any]:
    def run(work: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with db.transaction(engine, context) as connection:
            return work(connection, *args, **more)

    return run


def ids(engine: Engine) -> dict[str, int]:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        rows = connection.execute(text("SELECT name, id FROM facts.actor")).all()
    return {row.name: row.id for row in rows}


def version(engine: Engine, id_: int) -> int:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        return int(connection.execute(text("SELECT version FROM facts.actor WHERE id = :id"), {"id": id_}).scalar_one())


def state(engine: Engine) -> dict[str, Any]:
    """All that a merging or a splitting may touch, but for versions and times."""
    asked = {
        "actors": "SELECT id, name, parent_id, lineage, merged_into FROM facts.actor ORDER BY id",
        "areas": "SELECT id, actor_id, domain, subject, source_key, km2 FROM facts.area ORDER BY id",
        "parts": "SELECT id, area_id, subject, footprint_id, valid::text FROM facts.area_part ORDER BY id",
        "overlaps": "SELECT p.joined_into IS NULL, p.shown, o.area_a, o.area_b, o.ground_id, o.period::text, o.km2, o.incidents, o.risk,"
        " p.status, p.strategy FROM calc.overlap_pair AS p LEFT JOIN facts.overlap AS o ON o.pair_id = p.id"
        " ORDER BY o.area_a, o.area_b, p.number",
        "notes": "SELECT pair_id, words FROM facts.overlap_note ORDER BY id",
    }  # fmt: skip
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        return {
            name: [tuple(map(str, row)) for row in connection.execute(text(sql))]
            for name, sql in asked.items()
        }  # fmt: skip


def test_what_is_written_is_read_again_and_lost_to_nobody(engine: Engine, gridded: Callable, writing: Callable) -> None:
    new = {
        "name": "Hill Guard", "acronym": "HG", "other_names": "Guard of the Hills; hill guard of old", "domain": "paramilitary",
        "kind": "border_guard", "origin": "national", "parent": "army", "mandate": "Guards the hills", "mission": "peacekeeping",
        "why_mapped": "controls_access,good_offices", "works_in": "LOG,HEA", "method": "Plans by the day",
        "interlocutor": "restricted", "interlocutor_on": "2026-09-24", "interlocutor_by": "HCT", "source": "Minutes",
        "reliability": "b", "credibility": 2, "reviewed_on": "2026-10-01", "review_due": "2026-11-01", "handling": "GREEN",
    }  # fmt: skip
    id_, first = writing(record.add, NOUN, None, new)
    there = writing(record.read, NOUN, id_)
    assert there["geometry"] is None
    assert (
        there["properties"]
        == new | {"parent": "Army", "works_in": "LOG,HEA", "reliability": "B", "credibility": "2", "merged_into": None,
                  "role": None, "interlocutor_note": None}
    )  # fmt: skip
    assert writing(record.change, NOUN, id_, None, {"name": "Hill Watch"}, first) == 2
    with pytest.raises(PreconditionFailed) as caught:
        writing(record.change, NOUN, id_, None, {"acronym": "HW"}, first)
    assert caught.value.extra["current"]["name"] == "Hill Watch"
    assert writing(record.read, NOUN, id_)["properties"]["other_names"] == (
        "Guard of the Hills; hill guard of old; Hill Guard"
    ), "the name it had still leads to it"
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        kept = connection.execute(
            text("SELECT row ->> 'name' FROM calc.history WHERE subject = 'actor' AND row_id = :id"), {"id": id_}
        ).scalars()
        assert list(kept) == ["Hill Guard"]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"name": "  "}, "name"),
        ({"name": "?!"}, "name"),
        ({"name": "first BRIGADE"}, "name"),
        ({"name": "New", "other_names": "Army"}, "other_names"),
        ({"name": "New", "domain": "civil", "kind": "army"}, "kind"),
        ({"name": "New", "domain": "friend"}, "domain"),
        ({"name": "New", "interlocutor": "yes", "interlocutor_by": "HCT"}, "interlocutor_on"),
        ({"name": "New", "interlocutor": "no", "interlocutor_on": "2026-10-01"}, "interlocutor_by"),
        ({"name": "New", "reviewed_on": "2026-10-02", "review_due": "2026-10-01"}, "review_due"),
        ({"name": "New", "parent": "Nobody at all"}, "parent"),
        ({"name": "New", "reliability": "G"}, "reliability"),
        ({"name": "New", "side": "ours"}, "side"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    engine: Engine, gridded: Callable, writing: Callable, given: dict[str, Any], where: str
) -> None:
    before = state(engine)
    with pytest.raises(BadRequest) as caught:
        writing(record.add, NOUN, None, given)
    assert where in [each["where"] for each in caught.value.extra["errors"]]
    assert state(engine) == before


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_it_is_called_is_kept_as_it_was_written(
    engine: Engine, gridded: Callable, writing: Callable, words: str
) -> None:
    if not any(c.isalnum() for c in words):
        with pytest.raises(BadRequest):
            writing(record.add, NOUN, None, {"name": words})
        return
    id_, _ = writing(record.add, NOUN, None, {"name": words, "mandate": words, "interlocutor_note": words})
    told = writing(record.read, NOUN, id_)["properties"]
    assert told["name"] == told["mandate"] == told["interlocutor_note"] == words.strip()
    assert writing(record.named_like, "first")[0]["name"] == "First Battalion"


def test_a_chain_that_leads_back_is_refused_with_its_path(engine: Engine, gridded: Callable, writing: Callable) -> None:
    army = ids(engine)["Army"]
    with pytest.raises(BadRequest) as caught:
        writing(record.change, NOUN, army, None, {"parent": "First Battalion"}, version(engine, army))
    assert caught.value.extra["errors"] == [
        {"where": "parent", "what": "makes a circle: Army → First Battalion → First Brigade → Army"}
    ]
    with pytest.raises(BadRequest) as caught:
        writing(record.change, NOUN, army, None, {"parent": "Army"}, version(engine, army))
    assert "Army → Army" in caught.value.extra["errors"][0]["what"]


def test_who_stands_under_whom_decides_about_overlaps(engine: Engine, gridded: Callable, writing: Callable) -> None:
    """First Battalion lies in First Brigade's ground: 2×2 squares that are shared once it stands elsewhere, for as long as it does."""
    chain, battalion = frozenset(("First Brigade", "First Battalion")), ids(engine)["First Battalion"]
    assert chain not in pairs(listed(engine))
    now = writing(record.change, NOUN, battalion, None, {"parent": None}, version(engine, battalion))
    assert (
        round(
            pairs(listed(engine))[chain]["km2"]
            / pairs(listed(engine))[frozenset(("First Brigade", "Water Aid Group"))]["km2"],
            2,
        )
        == 1
    )
    writing(record.change, NOUN, battalion, None, {"parent": "First Brigade"}, now)
    assert chain not in pairs(listed(engine))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), min_size=1, max_size=12))
def test_no_order_of_changes_makes_a_circle(
    engine: Engine, gridded: Callable, context: db.Context, moves: list[tuple[int, int]]
) -> None:
    class Done(Exception):
        pass

    with pytest.raises(Done), db.transaction(engine, context) as connection:
        made = [record.add(connection, NOUN, None, {"name": f"Unit {n}"})[0] for n in range(6)]
        above: dict[int, int] = {}
        for unit, parent in moves:
            now = record.read(connection, NOUN, made[unit])["version"]
            chain, at = set(), parent
            while at >= 0:
                chain.add(at)
                at = above.get(at, -1)
            given_ = {"parent": f"Unit {parent}" if parent >= 0 else None}
            if unit in chain:
                with pytest.raises(BadRequest):
                    record.change(connection, NOUN, made[unit], None, given_, now)
            else:
                record.change(connection, NOUN, made[unit], None, given_, now)
                above[unit] = parent
        rows = connection.execute(
            text("SELECT id, lineage FROM facts.actor WHERE id = ANY (:ids)"), {"ids": made}
        ).all()
        for id_, lineage in rows:
            line, at = [], made.index(id_)
            while at >= 0:
                line.append(made[at])
                at = above.get(at, -1)
            assert list(lineage) == line
        raise Done


def test_its_domain_takes_its_areas_along(engine: Engine, gridded: Callable, writing: Callable) -> None:
    police = ids(engine)["Town Police"]
    before = pairs(listed(engine))[frozenset(("Town Police", "Water Aid Group"))]
    writing(record.change, NOUN, police, None, {"domain": "paramilitary"}, version(engine, police))
    after = pairs(listed(engine))[frozenset(("Town Police", "Water Aid Group"))]
    assert (after["relation"], after["code"], after["km2"]) == ("civil_paramilitary", before["code"], before["km2"])
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        rows = connection.execute(
            text("""SELECT a.subject, p.subject, f.subject FROM facts.area AS a JOIN facts.area_part AS p ON p.area_id = a.id
                JOIN facts.footprint AS f ON f.id = p.footprint_id WHERE a.actor_id = :id"""), {"id": police},
        ).all()  # fmt: skip
    assert {tuple(row) for row in rows} == {("areas.paramilitary",) * 3}


def test_an_actor_that_others_need_is_not_taken_away(engine: Engine, gridded: Callable, writing: Callable) -> None:
    army = ids(engine)["Army"]
    with pytest.raises(Conflict, match="1 actors under it"):
        writing(record.remove, NOUN, army, version(engine, army))
    id_, first = writing(record.add, NOUN, None, {"name": "Nobody's"})
    writing(record.remove, NOUN, id_, first)
    with pytest.raises(NotFound):
        writing(record.read, NOUN, id_)


def test_the_handling_of_an_actor_stays_below_that_of_its_areas(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    police = ids(engine)["Town Police"]
    with pytest.raises(BadRequest, match="1 of its areas"):
        writing(record.change, NOUN, police, None, {"handling": "RED"}, version(engine, police))


def test_what_was_corrected_by_hand_outlives_the_next_file(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    battalion, police = ids(engine)["First Battalion"], ids(engine)["Town Police"]
    writing(record.change, NOUN, battalion, None, {"parent": None, "name": "1st Battalion"}, version(engine, battalion))
    writing(
        record.change, NOUN, police, None, {"other_names": "Constabulary", "acronym": "TP"}, version(engine, police)
    )
    again = [area("m2", "First Battalion", "military", square(0, 0, 2, 2), parent="First Brigade", acronym="X"),
             area("p1", "CONSTABULARY", "police", square(4, 0, 1, 4), acronym="CON")]  # fmt: skip
    assert gridded("areas", again).landed
    known = ids(engine)
    assert "First Battalion" not in known and "CONSTABULARY" not in known
    told = writing(record.read, NOUN, battalion)["properties"]
    assert (told["name"], told["parent"], told["acronym"]) == ("1st Battalion", None, None)
    assert writing(record.read, NOUN, police)["properties"]["acronym"] == "TP"
    assert record.NOUNS["areas_of_operation"] and frozenset(("Town Police", "Water Aid Group")) in pairs(listed(engine))


def test_a_circle_in_a_file_is_cut(engine: Engine, gridded: Callable) -> None:
    around = [area("x1", "One", "military", square(8, 0), parent="Two"), area("x2", "Two", "military", square(8, 2), parent="Three"),
              area("x3", "Three", "military", square(8, 4), parent="One")]  # fmt: skip
    assert gridded("areas", around).landed
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        rows = connection.execute(
            text("SELECT name, parent_id, lineage FROM facts.actor WHERE name IN ('One', 'Two', 'Three')")
        ).all()
    assert sorted(len(row.lineage) for row in rows) == [1, 2, 3]
    assert len([row.name for row in rows if row.parent_id is None]) == 1


# ---- two that are one ------------------------------------------------------------------------------------------------


def test_two_become_one_and_what_is_written_stays(engine: Engine, gridded: Callable, writing: Callable) -> None:
    """Late Comers (4×4 at the corner, from July) become Water Aid Group: one area more, its overlaps its own; what the file brings
    next under the merged name lands on the one that was kept."""
    known = ids(engine)
    kept, other = known["Water Aid Group"], known["Health Hands"]
    before = pairs(listed(engine))
    shared = before[frozenset(("Health Hands", "First Brigade"))]
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        overlap = connection.execute(
            text("SELECT id, version FROM facts.overlap_pair WHERE number = :n"), {"n": int(shared["code"][3:])}
        ).one()
    writing(record.change_overlap, overlap.id, {"status": "agreed", "note": "Met in Velmar."}, overlap.version)
    found = writing(record.merge, kept, other, version(engine, kept))
    assert (found["areas"], found["claims"], found["units"], found["ends"], found["begins"]) == (0, 1, 0, [], [])
    after = [row for row in listed(engine) if row["code"] == shared["code"]]
    assert [({r["actor_a"], r["actor_b"]}, r["status"], r["note"]) for r in after] == [
        ({"Water Aid Group", "First Brigade"}, "agreed", "Met in Velmar.")
    ]
    assert gridded("presence", PRESENCE + "\nHealth Hands,WASH,GD0009,2026-02-01,2026-04-30", "again.csv").landed
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        of = connection.execute(
            text("SELECT count(*) FROM facts.area WHERE actor_id = :id"), {"id": other}
        ).scalar_one()
        mine = connection.execute(
            text("SELECT count(*) FROM facts.area WHERE actor_id = :id"), {"id": kept}
        ).scalar_one()
    assert (of, mine) == (0, 3), "its own, the one that came with the other, and the new sector"
    assert writing(record.named_like, "health") == [], "who writes chooses among those that are"


def test_merging_ends_the_overlaps_between_the_two_and_undoing_brings_them_back(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    assert gridded("areas", [area("c9", "Water Aid", "civil", square(2, 2, 1, 1))]).landed
    known, before = ids(engine), state(engine)
    both = frozenset(("Water Aid", "Water Aid Group"))
    assert both in pairs(listed(engine))
    kept = known["Water Aid Group"]
    checked = record.take(
        engine, db.Context("grid", member="tester"),
        lambda connection: record.merge(connection, kept, known["Water Aid"], version(engine, kept)), check=True,
    )  # fmt: skip
    assert state(engine) == before, "looked at, and nothing stays"
    found = writing(record.merge, kept, known["Water Aid"], version(engine, kept))
    assert found["ends"] == checked["ends"] and len(found["ends"]) == 1 and found["begins"] == []
    assert both not in pairs(listed(engine))
    undone = writing(record.undo, kept, found["step"])
    assert undone["areas"] == 1 and len(undone["begins"]) == 1
    assert state(engine) == before


def test_what_cannot_be_one_is_refused(engine: Engine, gridded: Callable, writing: Callable) -> None:
    known = ids(engine)
    before = state(engine)
    army, battalion, brigade = known["Army"], known["First Battalion"], known["First Brigade"]
    for kept, other, said in (
        (army, army, "itself"),
        (army, known["Water Aid Group"], "military"),
        (battalion, army, "lead back"),
    ):
        with pytest.raises(Conflict, match=said):
            writing(record.merge, kept, other, version(engine, kept))
    with pytest.raises(NotFound):
        writing(record.merge, army, 999_999, version(engine, army))
    with pytest.raises(PreconditionFailed):
        writing(record.merge, army, brigade, 99)
    assert state(engine) == before
    writing(record.merge, brigade, army, version(engine, brigade))
    with pytest.raises(Conflict, match="merged already"):
        writing(record.merge, battalion, army, version(engine, battalion))
    with pytest.raises(Conflict, match="merged into another"):
        writing(record.change, NOUN, army, None, {"acronym": "A"}, version(engine, army))


def test_an_earlier_step_waits_for_the_later_one(engine: Engine, gridded: Callable, writing: Callable) -> None:
    known, before = ids(engine), state(engine)
    well, pump, water = known["Well Diggers"], known["Pump Friends"], known["Water Aid Group"]
    first = writing(record.merge, pump, well, version(engine, pump))["step"]
    second = writing(record.merge, water, pump, version(engine, water))
    assert (second["claims"], second["names"]) == (2, 1)
    with pytest.raises(Conflict, match="later step"):
        writing(record.undo, pump, first)
    writing(record.undo, water, second["step"])
    with pytest.raises(Conflict, match="undone already"):
        writing(record.undo, water, second["step"])
    writing(record.undo, pump, first)
    assert state(engine) == before
    with pytest.raises(NotFound):
        writing(record.undo, water, first)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_merge_then_undo_is_as_before(
    engine: Engine, gridded: Callable, context: db.Context, data: st.DataObject
) -> None:
    """Any two, in any order, one merging after the other; undone from the last to the first. Numbers of overlaps that nobody wrote on
    may be new ones."""
    known = ids(engine)
    before, steps = state(engine), []
    for _ in range(data.draw(st.integers(1, 3))):
        kept, other = data.draw(st.lists(st.sampled_from(sorted(known)), min_size=2, max_size=2, unique=True))
        try:
            with db.transaction(engine, context) as connection:
                now = connection.execute(
                    text("SELECT version FROM facts.actor WHERE id = :id"), {"id": known[kept]}
                ).scalar_one()
                steps.append((known[kept], record.merge(connection, known[kept], known[other], now)["step"]))
        except Conflict:
            continue
    for actor, step in reversed(steps):
        with db.transaction(engine, context) as connection:
            record.undo(connection, actor, step)
    assert state(engine) == before


# ---- one that was two ------------------------------------------------------------------------------------------------


def test_one_becomes_two_and_the_next_file_does_not_join_them(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    """First Brigade (4×4) and First Battalion under it: the battalion and the area go to a Second Brigade."""
    known, before = ids(engine), state(engine)
    brigade = known["First Brigade"]
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        (its,) = connection.execute(text("SELECT id FROM facts.area WHERE actor_id = :id"), {"id": brigade}).one()
    with pytest.raises(BadRequest, match="has no area"):
        writing(record.split, brigade, "Second Brigade", [its + 1000], [], version(engine, brigade))
    with pytest.raises(BadRequest, match="Nothing goes"):
        writing(record.split, brigade, "Second Brigade", [], [], version(engine, brigade))
    with pytest.raises(BadRequest, match="name of Army"):
        writing(record.split, brigade, "ARMY", [its], [], version(engine, brigade))
    found = writing(
        record.split, brigade, "Second Brigade", [its], [known["First Battalion"]], version(engine, brigade)
    )
    assert (found["areas"], found["units"]) == (1, 1)
    there = pairs(listed(engine))
    assert frozenset(("Second Brigade", "Water Aid Group")) in there
    assert frozenset(("Second Brigade", "First Battalion")) not in there, "it stands under it"
    assert gridded("areas", AREAS[:1], "again.geojson").landed
    assert frozenset(("Second Brigade", "Water Aid Group")) in pairs(listed(engine))
    writing(record.undo, brigade, found["step"])
    assert state(engine) == before
    assert "Second Brigade" not in ids(engine)


def test_a_claim_of_presence_that_was_split_off_stays_there(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    hands = ids(engine)["Health Hands"]
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        (claim,) = connection.execute(text("SELECT id FROM facts.area WHERE actor_id = :id"), {"id": hands}).one()
    found = writing(record.split, hands, "Healing Hands", [claim], [], version(engine, hands))
    assert (found["areas"], found["claims"]) == (0, 1)
    assert gridded("presence", PRESENCE, "again.csv").landed
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        rows = connection.execute(text("SELECT actor_id FROM facts.area WHERE id = :id"), {"id": claim}).scalars().all()
        assert rows == [found["made"]]


def test_a_file_that_is_withdrawn_leaves_a_merged_actor_merged(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    report = gridded(
        "areas",
        [area("z1", "Zone Command", "military", square(9, 9)), area("z2", "Zone Cmd", "military", square(9, 7))],
    )
    known = ids(engine)
    writing(record.merge, known["Army"], known["Zone Cmd"], version(engine, known["Army"]))
    withdraw(engine, db.Context("grid", member="tester"), report.batch)
    left = ids(engine)
    assert "Zone Command" not in left and "Zone Cmd" in left
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        row = connection.execute(text("SELECT merged_into FROM facts.actor WHERE name = 'Zone Cmd'")).scalar_one()
    assert row == known["Army"]


def test_a_room_that_reads_records_nothing(engine: Engine, gridded: Callable) -> None:
    known = ids(engine)
    for work in (
        lambda c: record.merge(c, known["Army"], known["First Brigade"], 1),
        lambda c: record.split(c, known["Army"], "New", [1], [], 1),
        lambda c: record.undo(c, known["Army"], 1),
    ):
        with (
            pytest.raises(Exception, match="(?i)room reads|nothing is recorded"),
            db.transaction(engine, db.Context("grid", "hct", member="tester")) as connection,
        ):
            work(connection)
