"""Areas of operation written by hand: as a file lands them, with overlaps that can be counted, and never over a correction."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import db, record
from geoapp.app import create_app
from geoapp.codes import codes
from geoapp.draw.beneath import around
from geoapp.errors import BadRequest, NotFound, PreconditionFailed, Refused
from geoapp.ingest.withdrawals import withdraw
from geoapp.scope import Scope
from geoapp.settings import Settings
from tests.gridland import AREAS, area, square
from tests.overlay.test_overlaps import km2, listed, pairs

NOUN = record.NOUNS["areas_of_operation"]
NEW: dict[str, Any] = {
    "actor": "health hands", "name": "Clinics", "sector": "HEA", "source": "Their plan", "reliability": "b",
    "credibility": 2, "period_start": "2026-03-01", "period_end": "2026-04-30", "handling": "GREEN",
}  # fmt: skip
HERE = "/operations/grid/collections/areas_of_operation/items"


@pytest.fixture
def writing(engine: Engine, context: db.Context) -> Callable[..., Any]:
    def run(work: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with db.transaction(engine, context) as connection:
            return work(connection, *args, **more)

    return run


def number(engine: Engine, key: str) -> int:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        return int(
            connection.execute(text("SELECT id FROM facts.area WHERE source_key = :key"), {"key": key}).scalar_one()
        )


def test_its_overlaps_come_move_and_go_with_it(engine: Engine, gridded: Callable, writing: Callable) -> None:
    """Clinics at 1,1 to 4,4: 3×3 of First Brigade's squares, 1×1 of First Battalion's, 2×2 of Water Aid Group's."""
    before = pairs(listed(engine))
    with_presence = before[frozenset(("First Brigade", "Health Hands"))]["km2"]
    id_, version = writing(record.add, NOUN, square(1, 1, 3, 3), NEW)
    there = writing(record.read, NOUN, id_)
    assert version == there["version"] == 1
    assert (
        there["properties"] | {"actor": "Health Hands", "reliability": "B", "credibility": "2"} == there["properties"]
    )

    def with_hands() -> dict[str, dict[str, Any]]:
        found = pairs(listed(engine))
        return {next(iter(pair - {"Health Hands"})): row for pair, row in found.items() if "Health Hands" in pair}

    # with the presence of the group in three districts of column 0: 3 squares of First Brigade's, 2 of First Battalion's
    known = {row["code"] for row in before.values()}
    shared = with_hands()
    assert {each: (round(r["km2"]), r["places"], r["code"] in known) for each, r in shared.items()} == {
        "First Brigade": (round(km2(square(1, 1, 3, 3)) + km2(square(0, 0, 1, 3))), 2, True),
        "First Battalion": (round(km2(square(1, 1)) + km2(square(0, 0, 1, 2))), 2, True),
        "Water Aid Group": (round(km2(square(2, 2, 2, 2))), 1, False),
    }
    brigade = shared["First Brigade"]
    assert (str(brigade["period_start"]), str(brigade["period_end"]), brigade["days"]) == (
        "2026-02-01",
        "2026-04-30",
        89,
    )
    assert brigade["incidents"] == 1, "the one of March in square 3,3, counted at once"
    assert writing(record.change, NOUN, id_, square(0, 3, 1, 1), {"period_end": None}, 1) == 2
    moved = with_hands()
    assert set(moved) == {"First Brigade", "First Battalion", "Late Comers"}
    assert round(moved["First Brigade"]["km2"]) == round(km2(square(0, 0, 1, 4)))
    assert moved["First Brigade"]["days"] == 150, "from February to the brigade's end in June"
    assert (moved["First Brigade"]["code"], moved["First Battalion"]["places"]) == (brigade["code"], 1)
    writing(record.remove, NOUN, id_, 2)
    assert {r["code"] for r in listed(engine)} == known
    assert pairs(listed(engine))[frozenset(("First Brigade", "Health Hands"))]["km2"] == with_presence
    with pytest.raises(NotFound):
        writing(record.read, NOUN, id_)
    kept = text(
        "SELECT subject, count(*) FROM facts.history WHERE subject IN ('area', 'area_part') GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in writing(lambda c: c.execute(kept).all())] == [("area", 2), ("area_part", 2)]


def test_what_cannot_be_is_refused_beside_its_field(engine: Engine, gridded: Callable, writing: Callable) -> None:
    before = listed(engine, layer="areas_of_operation")
    for wrong, where, words in (
        ({"actor": "Water Aid Grou"}, "actor", "Water Aid Group"),
        ({"actor": "Nobody at all"}, "actor", "not in the register"),
        ({"actor": None}, "actor", "required"),
        ({"actor": "Secret Force", "handling": "AMBER"}, "handling", "RED"),
        ({"positioning": "patrol_area"}, "positioning", "civil"),
        ({"positioning": "presence"}, "positioning", "not in the list"),
        ({"reliability": "G"}, "reliability", "A to F"),
        ({"period_start": "2026-05-01"}, "period_end", "before"),
    ):
        with pytest.raises(BadRequest) as caught:
            writing(record.add, NOUN, square(1, 1), NEW | wrong)
        (error,) = caught.value.extra["errors"]
        assert (error["where"], words in error["what"]) == (where, True), error
    bow = {"type": "Polygon", "coordinates": [[[10, 5], [10.1, 5.1], [10.1, 5], [10, 5.1], [10, 5]]]}
    with pytest.raises(Refused, match="Self-intersection"):
        writing(record.add, NOUN, bow, NEW)
    presence = writing(
        lambda c: c.execute(text("SELECT min(id) FROM facts.area WHERE positioning = 'presence'")).scalar_one()
    )
    with pytest.raises(NotFound):
        writing(record.change, NOUN, presence, square(1, 1), {}, 1)
    with pytest.raises(PreconditionFailed) as stale:
        writing(record.change, NOUN, number(engine, "areas:c1"), None, {"name": "Mine"}, 7)
    assert stale.value.extra["current"]["actor"] == "Water Aid Group"
    assert listed(engine, layer="areas_of_operation") == before


def test_another_actor_is_another_subject_for_every_room(engine: Engine, gridded: Callable, writing: Callable) -> None:
    """Who may not see armed actors does not see the area from then on, nor its ground."""
    id_, _ = writing(record.add, NOUN, square(7, 7), NEW)
    ground = text("""
        SELECT a.subject, p.subject, f.subject, a.handling::text, p.handling::text, f.handling::text
        FROM facts.area AS a JOIN facts.area_part AS p ON p.area_id = a.id
        JOIN facts.footprint AS f ON f.id = p.footprint_id WHERE a.id = :id
    """)
    found = writing(lambda c: c.execute(ground, {"id": id_}).one())
    assert tuple(found) == ("areas.civil", "areas.civil", "boundaries", "GREEN", "GREEN", found[5]), "it is a district"
    writing(record.change, NOUN, id_, square(7, 7, 1.5), {"actor": "Secret Force", "handling": "RED"}, 1)
    found = writing(lambda c: c.execute(ground, {"id": id_}).one())
    assert tuple(found) == (*["areas.non_state_armed"] * 3, *["RED"] * 3)
    assert id_ in {row["id"] for row in listed(engine, layer="areas_of_operation")}
    for room in ("hct", "military_counterpart", "public"):
        assert id_ not in {row["id"] for row in listed(engine, room, layer="areas_of_operation")}, room


def test_what_is_foreseen_is_what_is_recorded_and_nothing_is_kept(
    engine: Engine, gridded: Callable, writing: Callable
) -> None:
    tables = (
        "area",
        "area_part",
        "footprint",
        "ground",
        "overlap",
        "overlap_pair",
        "history",
        "change",
        "form",
        "form_due",
    )

    def recorded() -> list[int]:
        return writing(
            lambda c: [c.execute(text(f"SELECT count(*) FROM facts.{each}")).scalar_one() for each in tables]
        )

    def asked(shape: dict, id_: int | None = None, **more: Any) -> dict[str, Any]:
        days = {name: date.fromisoformat(str(NEW[name])) for name in ("period_start", "period_end")}
        wanted = record.Planned(shape, **{"actor": "Health Hands", "id": id_} | days | more)
        scope, days_ = Scope("grid", member="tester"), (wanted.period_start, wanted.period_end)
        return record.what_if(
            engine,
            scope.context(),
            wanted,
            lambda c, area, geom: dict(zip(("overlaps", "beneath"), around(c, scope, area, geom, days_), strict=True)),
        )

    def rows(id_: int) -> dict[str, Any]:
        """What is recorded of the area's own pieces, by whom it shares them with."""
        sql = text("""
            SELECT c.name, round(o.km2::numeric, 2)::float8 AS km2, o.days, calc.for_audience(o.incidents, 'incidents') AS incidents,
                calc.highest_for_audience(o.risk, 'risk_zones') AS risk, 'OV-' || lpad(p.number::text, 4, '0') AS code,
                round((CASE WHEN o.area_a = :id THEN o.share_a ELSE o.share_b END)::numeric, 4)::float8 AS share,
                round((CASE WHEN o.area_a = :id THEN o.share_b ELSE o.share_a END)::numeric, 4)::float8 AS share_theirs
            FROM facts.overlap AS o JOIN facts.overlap_pair AS p ON p.id = o.pair_id
            JOIN facts.actor AS c ON c.id = CASE WHEN o.area_a = :id THEN o.actor_b ELSE o.actor_a END
            WHERE :id IN (o.area_a, o.area_b)""")
        return {row["name"]: dict(row) for row in writing(lambda c: c.execute(sql, {"id": id_}).mappings().all())}

    before = recorded()
    found = asked(square(1, 1, 3, 3))
    assert recorded() == before
    id_, _ = writing(record.add, NOUN, square(1, 1, 3, 3), NEW)
    now = rows(id_)
    assert len(now) == len(found["overlaps"]) == 3
    codes = {each["actor"]: each["code"] for each in found["overlaps"]}
    for each in found["overlaps"]:
        stored = now[each["actor"]]
        same = ("km2", "days", "incidents", "risk", "share", "share_theirs")
        assert [each[name] for name in same] == [stored[name] for name in same]
        assert each["code"] == (None if each["actor"] == "Water Aid Group" else stored["code"]), "met by its presence"
        assert (each["id"] is None) is (each["code"] is None)
    assert codes["Water Aid Group"] is None
    assert [each["km2"] for each in found["overlaps"]] == sorted((r["km2"] for r in now.values()), reverse=True)
    # a zone holds from May on: not in its days; without an end it does
    assert found["beneath"] == []
    (zone,) = asked(square(1, 1, 3, 3), period_end=None)["beneath"]
    assert (zone["layer"], zone["title"], zone["kind"], zone["km2"]) == (
        "risk_zones", "Crossing", 4, pytest.approx(km2(square(2, 2)), rel=1e-3),
    )  # fmt: skip
    # as a change of what is there: one stays, with its code, the others end
    brigade = now["First Brigade"]["code"]
    moved = asked(square(0, 3), id_)
    assert [each["code"] for each in moved["overlaps"]] == [brigade]
    assert moved["ends"] == [now["Water Aid Group"]["code"]], "First Battalion still meets its presence"
    nobody = asked(square(0, 3), actor=None)
    assert (nobody["overlaps"], nobody["km2"]) == (None, pytest.approx(km2(square(0, 3)), rel=1e-3))
    secret = asked(square(5, 5), actor="Secret Force")["overlaps"]
    assert [each["actor"] for each in secret] == ["Water Aid Group"]


def test_a_later_file_keeps_what_was_corrected_by_hand_and_says_so(
    engine: Engine, context: db.Context, gridded: Callable, writing: Callable
) -> None:
    id_ = number(engine, "areas:c1")
    writing(
        record.change, NOUN, id_, square(2, 2, 3, 3), {"name": "Corrected"}, writing(record.read, NOUN, id_)["version"]
    )
    row = writing(record.read, NOUN, id_)
    newer = [*AREAS[:2], area("c1", "Water Aid Group", "civil", square(2, 2, 5, 5)), *AREAS[3:],
             area("c9", "Late Comers", "civil", square(9, 9), handling="AMBER")]  # fmt: skip
    report = gridded("areas", newer, "newer.geojson")
    assert (report.created, report.updated, report.unchanged) == (1, 0, 6)
    (told,) = [finding for finding in report.findings if finding.code == "kept-by-hand"]
    assert told.row == 4, "the first row is the file's second line"
    assert "c1 was corrected by hand" in told.message
    assert writing(record.read, NOUN, id_) == row
    # the file that brought it is taken back: what was corrected by hand is no longer the file's
    first = writing(lambda c: c.execute(text("SELECT min(id) FROM facts.batch WHERE kind = 'areas'")).scalar_one())
    withdraw(engine, context, first)
    assert writing(record.read, NOUN, id_)["geometry"] == row["geometry"]
    assert [r["name"] for r in listed(engine, layer="areas_of_operation")] == ["Corrected", None]


def test_over_http_with_rights_and_the_version_that_was_read(engine: Engine, gridded: Callable) -> None:
    with TestClient(create_app(Settings(), engine)) as client:

        def feature(shape: Any, **properties: Any) -> dict[str, Any]:
            return {"type": "Feature", "geometry": shape, "properties": properties}

        made = client.post(HERE, json=feature(square(7, 7), **NEW))
        assert made.status_code == 201, made.text
        where = made.headers["location"].removeprefix("http://testserver")
        there = client.get(where, params={"datetime": "2026-03-15"}).json()
        assert (there["properties"]["actor"], there["properties"]["domain"]) == ("Health Hands", "civil")
        assert client.put(where, json=there).status_code == 428
        # sent back as it was read: what follows from the rest is left out
        put = client.put(where, json=there, headers={"If-Match": made.headers["etag"]})
        assert put.status_code == 200, put.text
        again = client.get(where, params={"datetime": "2026-03-15"}).json()
        assert (again["properties"], again["geometry"]) == (there["properties"], there["geometry"])
        stale = client.patch(where, json=feature(None, name="Mine"), headers={"If-Match": made.headers["etag"]})
        assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Clinics")
        unknown = client.patch(where, json=feature(None, actor="Helth"), headers={"If-Match": put.headers["etag"]})
        assert (unknown.status_code, unknown.json()["errors"][0]["where"]) == (400, "actor")
        secret = number(engine, "areas:s1")
        for room in ("hct", "public"):
            asked = {"params": {"audience": room}, "headers": {"If-Match": '"1"'}}
            answers = [
                [client.get(f"{HERE}/{id_}", params={"audience": room}), client.patch(f"{HERE}/{id_}", json=feature(None), **asked),
                 client.get(f"{HERE}/{id_}/record", params={"audience": room}), client.delete(f"{HERE}/{id_}", **asked)]
                for id_ in (secret, 999_999)
            ]  # fmt: skip
            told, missing = ([(a.status_code, a.text.replace(str(id_), "N")) for a in each]
                             for each, id_ in zip(answers, (secret, 999_999), strict=True))  # fmt: skip
            assert told == missing, "a foreign one and a missing one answer alike"
            assert [status for status, _ in told] == [404, 403, 403, 403]
            assert client.get("/operations/grid/actors", params={"audience": room, "q": "s"}).status_code == 403
            planned = {"geometry": square(5, 5), "actor": "Secret Force"}
            assert client.post("/operations/grid/what-if", json=planned, params={"audience": room}).status_code == 403
        names = client.get("/operations/grid/actors", params={"q": "brig fir"}).json()["actors"]
        assert [(each["name"], each["domain"]) for each in names] == [("First Brigade", "military")]
        assert client.delete(where, headers={"If-Match": put.headers["etag"]}).status_code == 204
        assert client.get(where).status_code == 404


class Undone(Exception):
    """Leaves a transaction of which nothing is to stay."""


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_area_comes_back_as_it_was_written(engine: Engine, gridded: Callable, data: st.DataObject) -> None:
    """And is stored as the same claim in a file would be."""
    x, y, wide, high = (
        data.draw(st.integers(0, 6)),
        data.draw(st.integers(0, 6)),
        *data.draw(st.tuples(*[st.integers(1, 4)] * 2)),
    )
    words = st.none() | st.text(
        st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=40
    )
    given_ = {
        "actor": data.draw(st.sampled_from(["Town Police", "First Brigade", "Well Diggers"])),
        "name": data.draw(words), "activity": data.draw(words), "source": data.draw(words),
        "positioning": data.draw(st.sampled_from(["site", "area_of_influence", "checkpoint"])),
        "status": data.draw(st.sampled_from(list(codes("presence_status")))),
        "sector": data.draw(st.none() | st.sampled_from(list(codes("sectors")))),
        "reliability": data.draw(st.none() | st.sampled_from("ABCDEF")),
        "credibility": data.draw(st.none() | st.sampled_from("123456")),
        "disputed": data.draw(st.booleans()), "handling": data.draw(st.sampled_from(["GREEN", "AMBER", "RED"])),
        "period_start": data.draw(st.none() | st.dates().map(str)),
    }  # fmt: skip
    given_["period_end"] = data.draw(st.none() | st.just(given_["period_start"]))
    shape = square(x, y, wide, high)
    with suppress(Undone), db.transaction(engine, db.Context("grid", member="tester")) as connection:
        id_, version = record.add(connection, NOUN, shape, given_)
        there = record.read(connection, NOUN, id_)
        assert record.change(connection, NOUN, id_, None, {}, version) == version + 1
        again = record.read(connection, NOUN, id_)
        raise Undone
    expected = {k: (v.strip() or None) if isinstance(v, str) else v for k, v in given_.items()}
    assert there["properties"] == expected | {"domain": there["properties"]["domain"]}
    (ring,) = shapely.geometry.shape(there["geometry"]).geoms
    assert shapely.equals_exact(ring, shapely.geometry.shape(shape), 1e-9, normalize=True)
    assert (again["properties"], again["geometry"]) == (there["properties"], there["geometry"])
