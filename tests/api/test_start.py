"""The start page: every operation the asker may know of, what is new, how old data are and what is due, within rights."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from starlette.testclient import TestClient

from geoapp import audiences, db, ingest, overlay, record
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.scope import Scope
from geoapp.settings import Settings
from tests.gridland import TODAY
from tests.overlay.test_endings import lasting


@pytest.fixture
def client(engine: Engine, gridded: Callable, urls: Urls) -> Iterator[TestClient]:
    owner = create_engine(urls.owner)
    record.add_operation(owner, "void", "Nothing Yet")
    owner.dispose()
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def state(engine: Engine, room: str = "internal", since: date | None = None) -> dict:
    scope = Scope("grid", room, member="tester")
    with db.transaction(engine, scope.context()) as connection:
        return overlay.overview(connection, audiences.room(connection, scope), TODAY, since)


@contextmanager
def told(engine: Engine) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def test_every_operation_is_listed_and_opens_its_map(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/operations/grid/map?audience=internal"' in page.text
    assert 'href="/operations/void/map?audience=internal"' in page.text
    assert "Nothing recorded yet" in page.text
    assert page.headers["cache-control"] == "private, no-store"


def test_an_empty_operation_says_what_to_do_first(client: TestClient) -> None:
    page = client.get("/?operation=void").text
    steps = [
        page.index(f"geoapp import {kind} FILE --operation void") for kind in ("boundaries", "presence", "incidents")
    ]
    assert steps == sorted(steps)
    assert 'href="/operations/void/import?audience=internal&amp;kind=boundaries"' in page.replace("&kind", "&amp;kind")
    assert "nothing is withheld" in page
    assert "What to do first" not in client.get("/?operation=grid").text
    assert "Nothing recorded yet: what to do first" in client.get("/operations/void/overlaps").text
    assert "Nothing recorded yet: what to do first" not in client.get("/operations/grid/overlaps").text


def test_without_any_operation_it_says_how_to_make_one(engine: Engine, urls: Urls) -> None:
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE facts.audience NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text("ALTER TABLE facts.operation NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text("DELETE FROM facts.audience"))
        connection.execute(text("DELETE FROM facts.operation"))
    owner.dispose()
    with TestClient(create_app(Settings(), engine)) as client:
        page = client.get("/")
    assert page.status_code == 200
    assert "geoapp operation add" in page.text


def test_numbers_are_those_of_the_lists_and_rooms_keep_theirs(client: TestClient, engine: Engine) -> None:
    assert state(engine)["figures"]["overlaps"] == 0, "the days of all of them are over"
    lasting(engine)
    whole = state(engine)
    listed = client.get("/operations/grid/lists/overlaps").json()
    assert whole["figures"]["overlaps"] == listed["counts"]["open"]
    assert whole["picture"]["paths"]
    assert whole["handling"] == "RED"
    room = state(engine, "hct")
    there = client.get("/operations/grid/lists/overlaps?audience=hct").json()
    assert room["figures"]["overlaps"] == there["counts"]["open"] < whole["figures"]["overlaps"]
    assert not any(line["kind"] == "unowned" for line in room["due"]), "owners are withheld from this room"
    public = state(engine, "public")
    assert public["figures"]["overlaps"] is None
    assert public["figures"]["areas"] is None
    assert {each["layer"] for each in public["sources"] if not each["shown"]} >= {"sites", "presence", "risk_zones"}
    assert "withheld" in client.get("/?audience=public").text
    assert not public["empty"] or public["figures"]["incidents"] == 0


def test_a_room_that_an_operation_does_not_have_is_said(client: TestClient) -> None:
    page = client.get("/?audience=nobody")
    assert page.status_code == 200
    assert "no room" in page.text


def test_what_is_due(client: TestClient, engine: Engine) -> None:
    lasting(engine)
    first, second = client.get("/operations/grid/lists/overlaps?sort=code").json()["rows"][:2]
    for row, due in ((first, "2026-10-12"), (second, "2026-12-24")):
        changed = client.patch(
            f"/operations/grid/overlaps/{row['id']}", json={"due": due, "owner": "Amina"},
            headers={"If-Match": f'"{row["version"]}"'},
        )  # fmt: skip
        assert changed.status_code == 200, changed.text
    lines = state(engine)["due"]
    assert [(line["code"], line["over"]) for line in lines if line["kind"] == "overlap"] == [(first["code"], True)]
    ends = [(line["words"], str(line["day"])) for line in lines if line["kind"] == "zone"]
    assert ends == [("Crossing", "2026-10-30")]
    unowned = next(line["n"] for line in lines if line["kind"] == "unowned")
    assert unowned == client.get("/operations/grid/lists/overlaps").json()["counts"]["unowned"]
    page = client.get("/").text
    assert f"{first['code']}, " in page
    assert f"/operations/grid/overlaps?audience=internal&open=overlaps/{first['id']}" in page.replace("&amp;", "&")


def test_how_old_data_are_and_what_is_new(engine: Engine, gridded: Callable) -> None:
    ages = {each["layer"]: each for each in state(engine)["sources"]}
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        newest = connection.execute(
            text("SELECT max(lower(valid)) FROM facts.incident WHERE lower(valid) <= calc.today()")
        ).scalar_one()
    assert ages["incidents"]["newest"] == newest
    assert ages["incidents"]["age"] == (TODAY - newest).days
    assert ages["incidents"]["late"] == (ages["incidents"]["age"] > ages["incidents"]["every"])
    words = " ".join(line["words"] for line in state(engine)["news"])
    assert "6 areas of operation new" in words
    assert "100 boundaries new" in words
    assert state(engine, since=date(2100, 1, 1))["news"] == []


def test_few_statements_and_no_counting_while_nothing_changes(client: TestClient, engine: Engine) -> None:
    with told(engine) as heard:
        client.get("/")
    assert len(heard) <= 2 + 4 * 2
    with told(engine) as heard:
        client.get("/")
    assert len(heard) <= 2 + 3 * 2
    assert not any("ST_AsSVG" in statement for statement in heard)


def test_the_map_knows_that_nothing_is_recorded(client: TestClient) -> None:
    assert '"empty":true' in client.get("/operations/void/map").text
    assert '"empty":false' in client.get("/operations/grid/map").text


def test_what_is_held_is_told_where_nothing_is_counted_for_today(
    client: TestClient, engine: Engine, tmp_path: Path
) -> None:
    """Data of other kinds and other days do not look lost."""
    file = tmp_path / "sites.csv"
    file.write_text("name,lat,lon\nHub,5.5,20.5\nStore,5.6,20.6\n", encoding="utf-8")
    assert ingest.run(engine, Scope("void", "internal", member="tester").context(), "sites", file).landed
    told = " ".join(client.get("/?operation=grid").text.split())
    assert "<b>2</b> sites</p>" in told
    page = " ".join(client.get("/?operation=void").text.split())
    assert ">2</a></dd>" in page
    assert "<dt>sites</dt>" in page
    assert "open overlaps</dt>" not in page
