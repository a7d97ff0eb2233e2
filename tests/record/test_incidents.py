"""Incidents written by hand: at every precision they may be shown, counted once, linked without losing either report."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geoapp import db, overlay, record
from geoapp.draw import features
from geoapp.errors import BadRequest, Conflict, NotFound, PreconditionFailed
from geoapp.scope import Scope
from layers import get
from tests.gridland import point

NEW: dict[str, Any] = {
    "event_type": "Battles", "sub_event_type": "Armed clash", "occurred_from": "2026-03-15", "geo_precision": "exact",
    "location": "Crossing", "notes_raw": "As told by A. Source.", "notes": "An exchange of fire was reported.",
    "handling": "GREEN", "fatalities": 2,
}  # fmt: skip
PLACE = {"type": "Point", "coordinates": list(point(2, 3))}
NOUN = record.NOUNS["incidents"]


@pytest.fixture
def writing(engine: Engine, context: db.Context) -> Callable[..., Any]:
    def run(work: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with db.transaction(engine, context) as connection:
            return work(connection, *args, **more)

    return run


def counts(engine: Engine) -> dict[str, Any]:
    """Everything that counts incidents, and the same counted anew."""
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        stored = connection.execute(text("""
            SELECT (SELECT sum(n) FROM facts.incident_bin WHERE z = 8), (SELECT sum(n) FROM facts.incident_tally),
                (SELECT array_agg(incidents ORDER BY id) FROM facts.overlap WHERE ground_id IS NOT NULL),
                (SELECT count(*) FROM facts.incident_bin WHERE n < 0) + (SELECT count(*) FROM facts.incident_tally WHERE n < 0)
        """)).one()  # fmt: skip
        counted = connection.execute(
            text("""
            SELECT count(DISTINCT (source, source_event_id)) FILTER (WHERE geo_precision IN ('exact', 'settlement')),
                count(DISTINCT (source, source_event_id))
            FROM facts.incident WHERE same_as_event IS NULL
        """)
        ).one()
        connection.execute(text("UPDATE facts.overlap SET incidents = NULL, risk = NULL WHERE ground_id IS NOT NULL"))
        operation = connection.execute(text("SELECT calc.operation()")).scalar_one()
        overlay.count_few(connection, operation)
        anew = connection.execute(
            text("SELECT array_agg(incidents ORDER BY id) FROM facts.overlap WHERE ground_id IS NOT NULL")
        ).scalar()
    assert stored[3] == 0
    assert (stored[0], stored[1]) == tuple(counted), "bins and tallies equal a recount"
    assert stored[2] == anew, "so do the counts inside overlaps"
    return {"bins": stored[0], "tallies": stored[1], "inside": sum(sum(each) for each in anew)}


def drawn(engine: Engine, audience: str = "internal") -> list[dict[str, Any]]:
    scope = Scope("grid", audience, member="tester")
    with db.transaction(engine, scope.context()) as connection:
        return features.rows(connection, get("incidents"), scope)


def test_one_event_is_counted_wherever_it_falls(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = counts(engine)
    id_, version = writing(record.add, NOUN, PLACE, NEW)
    assert version == 1
    # in the shared ground of First Brigade and Water Aid Group, in their time
    after = counts(engine)
    assert (after["bins"] - before["bins"], after["tallies"] - before["tallies"]) == (1, 1)
    assert after["inside"] == before["inside"] + 1
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        assert record.read(connection, NOUN, id_)["properties"]["location"] == "Crossing"
        assert (
            connection.execute(text("SELECT pcode FROM facts.incident WHERE id = :id"), {"id": id_}).scalar()
            == "GD0023"
        )


def test_each_room_is_shown_it_as_precisely_as_it_may(engine: Engine, gridded: Callable, writing: Callable) -> None:
    writing(record.add, NOUN, PLACE, NEW)
    scopes = {a: Scope("grid", a, member="tester") for a in ("internal", "hct", "cmwg_mixed")}
    places = {}
    for audience, scope in scopes.items():
        with db.transaction(engine, scope.context()) as connection:
            found, _ = features.geojson(connection, get("incidents"), scope, filters={"location": "Crossing"})
            places[audience] = [feature.decode() for feature in found]
    lon, lat = point(2, 3)
    assert f"[{lon:g},{lat:g}]" in places["internal"][0]
    assert len(places["hct"]) == 1
    assert f"[{lon:g},{lat:g}]" not in places["hct"][0], "the middle of a hundredth of a degree"
    assert places["cmwg_mixed"] == []
    assert all("A. Source" not in each for audience in places.values() for each in audience), (
        "notes as told stay inside"
    )


def test_a_correction_moves_every_count_and_both_forms(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = counts(engine)
    id_, _ = writing(record.add, NOUN, PLACE, NEW)
    elsewhere = {"type": "Point", "coordinates": list(point(8, 8))}
    assert writing(record.change, NOUN, id_, elsewhere, {"fatalities": 3}, 1) == 2
    assert counts(engine)["inside"] == before["inside"]
    assert len([i for i in drawn(engine, "hct") if i["location"] == "Crossing"]) == 1
    with pytest.raises(PreconditionFailed):
        writing(record.change, NOUN, id_, None, {"fatalities": 4}, 1)
    # known to the district only: in no point and no overlap, still in the district
    writing(record.change, NOUN, id_, PLACE, {"geo_precision": "adm2"}, 2)
    now = counts(engine)
    assert (now["bins"], now["tallies"]) == (before["bins"], before["tallies"] + 1)
    assert not [i for i in drawn(engine) if i["location"] == "Crossing"]
    writing(record.remove, NOUN, id_, 3)
    assert counts(engine) == before
    with pytest.raises(NotFound):
        writing(record.read, NOUN, id_)
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        kept = connection.execute(
            text("SELECT count(*) FROM facts.history WHERE subject = 'incident' AND row_id = :id"), {"id": id_}
        )
        assert kept.scalar() == 3, "three earlier states stay in the history"


def test_two_reports_of_one_event_are_one_and_both_are_kept(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    before = counts(engine)
    mine, _ = writing(record.add, NOUN, PLACE, NEW)
    theirs = next(i for i in drawn(engine) if i["source_event_id"] == "GRD1")["id"]
    counted = writing(record.link, mine, theirs)
    assert counted == mine, "GREEN is seen by more rooms than AMBER"
    linked = counts(engine)
    assert (linked["bins"], linked["tallies"]) == (before["bins"], before["tallies"])
    assert {"GRD1"} & {i["source_event_id"] for i in drawn(engine)} == set()
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        kept = connection.execute(text("SELECT count(*) FROM facts.incident WHERE source_event_id = 'GRD1'")).scalar()
        assert kept == 1, "behind the other, not lost"
    # the one that was counted becomes stricter than the other: that one speaks for the event now
    version = writing(lambda c: record.read(c, NOUN, mine)["version"])
    writing(record.change, NOUN, mine, None, {"handling": "RED"}, version)
    assert len([i for i in drawn(engine, "hct") if i["source_event_id"] == "GRD1"]) == 1
    assert counts(engine)["bins"] == before["bins"]
    writing(record.unlink, mine)
    assert counts(engine)["bins"] == before["bins"] + 1
    writing(record.link, theirs, mine)
    version = writing(lambda c: record.read(c, NOUN, mine)["version"])
    writing(record.remove, NOUN, mine, version)
    assert counts(engine) == before


def test_one_source_does_not_report_an_event_twice(engine: Engine, gridded: Callable, writing: Callable) -> None:
    ids = {i["source_event_id"]: i["id"] for i in drawn(engine)}
    with pytest.raises(Conflict, match="different events"):
        writing(record.link, ids["GRD1"], ids["GRD2"])
    with pytest.raises(BadRequest):
        writing(record.link, ids["GRD1"], ids["GRD1"])
    with pytest.raises(NotFound):
        writing(record.link, ids["GRD1"], 99_999)


def test_three_reports_and_the_first_one_goes(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = counts(engine)
    ids = [writing(record.add, NOUN, PLACE, NEW | {"handling": h})[0] for h in ("GREEN", "AMBER", "RED")]
    writing(record.link, ids[1], ids[2])
    writing(record.link, ids[2], ids[0])
    assert counts(engine)["bins"] == before["bins"] + 1
    versions = [writing(lambda c, i=i: record.read(c, NOUN, i)["version"]) for i in ids]
    writing(record.remove, NOUN, ids[0], versions[0])
    assert counts(engine)["bins"] == before["bins"] + 1
    assert [i["id"] for i in drawn(engine) if i["location"] == "Crossing"] == [ids[1]]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"event_type": None}, "required"), ({"occurred_from": None}, "required"), ({"occurred_from": "15.3.2026"}, "no date"),
        ({"occurred_to": "2026-03-01"}, "before"), ({"geo_precision": "very"}, "list"), ({"fatalities": -1}, "whole number"),
        ({"fatalities": 1e400}, "whole number"), ({"verification": "sure"}, "list"), ({"civilian_targeting": "maybe"}, "true, false"),
        ({"notes": "x" * 5000}, "characters"), ({"source": "acled"}, "no field"),
    ],
)  # fmt: skip
def test_what_is_no_incident(gridded: Callable, writing: Callable, wrong: dict, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        writing(record.add, NOUN, PLACE, NEW | wrong)
