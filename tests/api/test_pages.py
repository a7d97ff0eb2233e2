"""Pages ask little of the database: few statements whatever the page, counts apart and only once for the same data."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from geoapp import db
from geoapp.app import create_app
from geoapp.draw import assets, features
from geoapp.scope import Scope
from geoapp.settings import Settings
from layers import STACK
from tests.gridland import area, square
from web.pages import PAGES

HERE = "/operations/grid"
DAYS = "datetime=2026-01-01/2026-06-30"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


@contextmanager
def told(engine: Engine) -> Iterator[list[str]]:
    """The statements that the engine is told meanwhile."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def test_a_page_asks_four_statements_at_most_and_counts_nothing(client: TestClient, engine: Engine) -> None:
    for page in PAGES:
        with told(engine) as heard:
            answer = client.get(f"{HERE}/{page.path}")
        assert answer.status_code == 200
        assert 1 <= len(heard) <= 4, heard
        assert not [statement for statement in heard if "count(*)" in statement], page.name
        if not page.map:
            assert not any("ST_Extent" in statement for statement in heard), page.name


def test_counts_are_one_statement_and_none_where_nothing_changed(
    client: TestClient, engine: Engine, gridded: Callable
) -> None:
    with told(engine) as heard:
        first = client.get(f"{HERE}/counts?{DAYS}").json()
    assert len(heard) <= 4
    assert sum("count(*)" in statement for statement in heard) == 1
    with told(engine) as heard:
        assert client.get(f"{HERE}/counts?{DAYS}").json() == first
        assert client.get(f"{HERE}/counts?{DAYS}&layers=overlaps,roads").json()["layers"].keys() == {
            "overlaps",
            "roads",
        }
    assert not any("count(*)" in statement for statement in heard)
    assert gridded("areas", [area("n1", "New Ones", "police", square(7, 7))]).landed
    with told(engine) as heard:
        now = client.get(f"{HERE}/counts?{DAYS}").json()["layers"]
    assert now["areas_of_operation"]["count"] == first["layers"]["areas_of_operation"]["count"] + 1
    recounted = next(statement for statement in heard if "count(*)" in statement)
    assert "'sites'" not in recounted, "what has not changed is not counted again"


@pytest.mark.parametrize("room", ["internal", "hct", "public"])
def test_counts_are_those_of_the_records(client: TestClient, engine: Engine, room: str) -> None:
    found = client.get(f"{HERE}/counts?{DAYS}&audience={room}").json()["layers"]
    panel = {each["name"]: each for each in client.get(f"{HERE}/panel?{DAYS}&audience={room}").json()["layers"]}
    scope = Scope("grid", room, period=panel_days())
    with db.transaction(engine, scope.context()) as connection:
        for layer in STACK:
            count, classes = found[layer.name]["count"], found[layer.name]["classes"]
            assert panel[layer.name]["count"] == count
            if count is None:
                assert panel[layer.name]["access"] in ("withheld", "count")
                continue
            assert count == features.count(connection, layer, scope), layer.name
            assert [rule["count"] for rule in panel[layer.name]["style"]["rules"]] == classes
            assert sum(classes) == count or layer.style.by is not None


def panel_days() -> tuple:
    from datetime import date

    return date(2026, 1, 1), date(2026, 6, 30)


@pytest.mark.parametrize(
    "path",
    ["/healthz", HERE, f"{HERE}/map", f"{HERE}/panel", f"{HERE}/counts", f"{HERE}/collections/overlaps/items",
     f"{HERE}/collections/overlaps/tiles/WebMercatorQuad/9/248/270", "/static/lib/app.css", f"{HERE}/nothing"],
)  # fmt: skip
def test_head_answers_as_get_without_a_body(client: TestClient, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}  # packed, a page is as long as its nonce happens to pack
    get = client.get(path, follow_redirects=False, headers=plain)
    head = client.head(path, follow_redirects=False, headers=plain)
    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("content-type", "etag", "content-length"):
        assert head.headers.get(name) == get.headers.get(name), name


def test_a_limit_above_the_most_is_the_most(client: TestClient) -> None:
    answer = client.get(f"{HERE}/collections/boundaries/items?limit=99999999999999999999")
    assert (answer.status_code, answer.json()["numberReturned"]) == (200, 102)


@pytest.mark.parametrize("wrong", ["abc", "undefined", "1.5", "9999999999999999999999", "%20"])
def test_an_id_that_cannot_be_one_is_not_found(client: TestClient, wrong: str) -> None:
    for asked in (
        client.get(f"{HERE}/collections/overlaps/items/{wrong}"),
        client.patch(f"{HERE}/overlaps/{wrong}", json={"status": "agreed"}, headers={"If-Match": '"1"'}),
        client.get(f"{HERE}/incidents/{wrong}/reports"),
        client.get(f"{HERE}/risk-zones/{wrong}/evidence"),
        client.get(f"{HERE}/collections/incidents/items/{wrong}/record"),
    ):
        assert asked.status_code == 404, asked.text
        assert asked.headers["content-type"] == "application/problem+json"


def test_the_browsers_files_are_kept_for_as_long_as_they_do_not_change(client: TestClient) -> None:
    name, plain = "/lib/app.css", {"Accept-Encoding": "identity"}
    lasting, asked_again = client.get(f"{assets.address()}{name}"), client.get(f"/static{name}")
    assert lasting.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asked_again.headers["cache-control"] == "no-cache"
    assert lasting.headers["content-encoding"] == "gzip"
    written = (assets.STATIC / "lib" / "app.css").read_text(encoding="utf-8")
    assert lasting.text == asked_again.text == written
    assert client.get(f"{assets.address()}{name}", headers=plain).text == written
    etag = {"If-None-Match": asked_again.headers["etag"]}
    assert client.get(f"/static{name}", headers=etag).status_code == 304
    for missing in (f"/static/{'0' * 16}{name}", f"{assets.address()}/lib/none.css", f"{assets.address()}/../../pyproject.toml",
                    f"{assets.address()}/%2e%2e/%2e%2e/pyproject.toml"):  # fmt: skip
        answer = client.get(missing)
        assert answer.status_code == 404, missing
        assert "immutable" not in answer.headers.get("cache-control", "")
