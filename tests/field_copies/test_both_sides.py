"""Whatever is edited at both sides: nothing of either is lost, and every edit that meets another one is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import db, field_copies, record
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.record import NOUNS
from geoapp.settings import Settings
from tests.field_copies.conftest import KEY, silent
from tests.gridland import square

HAZARDS = NOUNS["hazards"]
FIELD = db.Context("grid", member="ana")
FIELDS = ("name", "hazards", "source")
STEPS = st.lists(
    st.tuples(st.sampled_from(("home", "field")), st.integers(0, 2), st.sampled_from((*FIELDS, "remove"))), max_size=10
)


def names(engine: Engine, context: db.Context) -> dict[int, dict[str, str | None]]:
    with db.transaction(engine, context) as connection:
        rows = connection.execute(text(f"SELECT id, {', '.join(FIELDS)} FROM facts.hazard_area")).mappings()
        return {row["id"]: {name: row[name] for name in FIELDS} for row in rows}


def test_random_edits_at_both_sides(
    engine: Engine, context: db.Context, taken: Callable, away: Urls, afield: Engine, tmp_path: Path
) -> None:
    with db.transaction(engine, context) as home:
        ids = [record.add(home, HAZARDS, square(c, 7), {"name": f"H{c}", "hazard_type": "SHA"})[0] for c in range(3)]
    taken("hct")
    turn = iter(range(10_000))

    def applied() -> dict[tuple[int, str], dict[str, Any]]:
        with db.transaction(engine, context) as connection:
            rows = connection.execute(
                text("SELECT home_id, digest, edit FROM facts.field_edit WHERE state = 'applied'")
            )
            return {(row.home_id, row.digest): row.edit for row in rows}

    @given(STEPS)
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    def check(steps: list[tuple[str, int, str]]) -> None:
        for side, which, what in steps:
            where, who = (engine, context) if side == "home" else (afield, FIELD)
            with db.transaction(where, who) as connection:
                row = connection.execute(
                    text("SELECT version FROM facts.hazard_area WHERE id = :id"), {"id": ids[which]}
                ).scalar()
                if row is None:
                    continue
                if what == "remove":
                    record.remove(connection, HAZARDS, ids[which], row)
                else:
                    record.change(connection, HAZARDS, ids[which], None, {what: f"{side} {next(turn)}"}, row)
        before, there = names(engine, context), names(afield, FIELD)
        earlier = set(applied())
        file = tmp_path / f"back{next(turn)}"
        field_copies.changes(away.owner, file, silent)
        field_copies.bring(engine, context, file, KEY, silent)
        again = field_copies.bring(engine, context, file, KEY, silent)
        assert again.states == {}
        after = names(engine, context)
        with db.transaction(engine, context) as connection:
            open_ = {each["home_id"]: each for each in field_copies.open_edits(connection)}
        fresh = {home_id: edit for (home_id, _), edit in applied().items() if (home_id, _) not in earlier}
        for id_ in ids:
            if id_ in fresh and fresh[id_]["did"] == "removed":
                assert id_ not in after
            elif id_ in fresh:  # what was entered in the field is in it, and all else is as it was here
                assert after[id_] == before[id_] | fresh[id_]["values"]
            else:
                assert after.get(id_) == before.get(id_)
            if id_ in open_:  # what was entered in the field, and is not taken, is shown
                said = open_[id_]["edit"]
                assert said["did"] == "removed" if id_ not in there else said["values"].items() <= there[id_].items()

    check()


def test_what_waits_is_shown_side_by_side_and_decided(
    engine: Engine, context: db.Context, taken: Callable, away: Urls, afield: Engine, tmp_path: Path
) -> None:
    with db.transaction(engine, context) as home:
        one, two = (record.add(home, HAZARDS, square(c, 7), {"name": f"H{c}", "hazard_type": "SHA"})[0] for c in (6, 8))
    taken("internal")
    for where, who, said in ((engine, context, "here"), (afield, FIELD, "in the field")):
        with db.transaction(where, who) as connection:
            for id_ in (one, two):
                record.change(connection, HAZARDS, id_, None, {"name": said}, 1)
    with db.transaction(afield, FIELD) as connection:
        record.change(connection, HAZARDS, two, square(8, 7, 2, 1), {}, 2)
    field_copies.changes(away.owner, tmp_path / "back", silent)
    assert field_copies.bring(engine, context, tmp_path / "back", KEY, silent).states == {"conflict": 2}
    client = TestClient(create_app(Settings(), engine, worker=False))
    base = "/operations/grid/field-copies"
    listed = client.get(base).json()
    assert (listed["copies"][0]["open"], [each["name"] for each in listed["open"]]) == (2, ["in the field"] * 2)
    first, second = (each["id"] for each in listed["open"])
    shown = client.get(f"{base}/edits/{first}").json()
    assert (shown["there"]["values"]["name"], shown["theirs"]["values"]["name"]) == ("here", "in the field")
    assert shown["there"]["geometry"] == shown["theirs"]["geometry"]
    decision = f"{base}/edits/{{}}/decision"
    assert client.post(decision.format(first), json={"take": "field"}).status_code == 428
    assert client.post(decision.format(first), json={"take": "field"}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.post(decision.format(first), json={"take": "here"}).json()["state"] == "dropped"
    done = client.post(decision.format(second), json={"take": "field"}, headers={"If-Match": '"2"'}).json()
    assert (done["state"], done["id"], done["version"]) == ("applied", two, 3)
    assert client.post(decision.format(second), json={"take": "here"}).status_code == 409
    after = names(engine, context)
    assert (after[one]["name"], after[two]["name"]) == ("here", "in the field")
    for path, status in (
        (f"{base}/edits/999", 404),
        (f"{base}?audience=hct", 403),
        ("/operations/nowhere/field-copies", 404),
    ):
        assert client.get(path).status_code == status
    assert client.post(f"{base}/1/end", json={"why": "lost"}).status_code == 204
    assert client.post(f"{base}/1/end", json={"why": "over"}).status_code == 409
    assert client.get(base).json()["open"] == []
    page = TestClient(create_app(Settings(), afield, worker=False)).get("/operations/grid/map").text
    assert "A copy of Gridland for Internal, of " in page


def test_what_a_room_is_told_in_place_of_records_comes_along(
    engine: Engine, context: db.Context, taken: Callable, afield: Engine
) -> None:
    with db.transaction(engine, context) as home:
        record.add(home, HAZARDS, square(7, 7), {"name": "Plain", "hazard_type": "SHA", "handling": "GREEN"})
    taken("cmwg_mixed")
    home = TestClient(create_app(Settings(), engine, worker=False))
    field = TestClient(create_app(Settings(), afield, worker=False))

    def told(client: TestClient, layer: str, room: str) -> list[object]:
        found = client.get(f"/operations/grid/collections/{layer}/items?audience={room}").json()["features"]
        return [(each["id"], each["properties"], each["geometry"]) for each in found]

    for layer in ("risk_zones", "areas_of_operation", "counted_records", "hazards", "boundaries", "incident_counts"):
        for one, other in zip(told(field, layer, "internal"), told(home, layer, "cmwg_mixed"), strict=True):
            assert (one[0], one[2]) == (other[0], other[2])
            assert other[1].items() <= one[1].items(), layer
            assert not any(one[1][name] for name in one[1].keys() - other[1].keys()), "what is withheld"
    assert told(field, "risk_zones", "internal"), "a zone that is told by its district"
    zone = told(field, "risk_zones", "internal")[0][0]  # type: ignore[index]
    assert field.get(f"/operations/grid/collections/risk_zones/items/{zone}/record").status_code == 404
    with db.transaction(afield, FIELD) as connection:  # recording beside them leaves them as they are
        record.add(connection, HAZARDS, square(1, 7), {"name": "New", "hazard_type": "SHA"})
    assert told(field, "risk_zones", "internal") == told(home, "risk_zones", "cmwg_mixed")
