"""A room that is told zones coarser, or not at all, is told so with every way: silence would look like free ground."""

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp import access, audiences, db
from geoapp.app import create_app
from geoapp.scope import Scope
from geoapp.settings import Settings


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def said(engine: Engine, room: str) -> list[str]:
    scope = Scope("grid", room, member="tester")
    with db.transaction(engine, scope.context()) as connection:
        return access.not_weighed(audiences.room(connection, scope))


def test_who_is_told_as_recorded_hears_nothing_of_it(engine: Engine) -> None:
    assert said(engine, "internal") == [] == said(engine, "hct")


def test_who_is_told_coarser_hears_which_and_by_which_rule(engine: Engine, gridded: Callable) -> None:
    mixed = said(engine, "cmwg_mixed")
    (zones,) = (words for words in mixed if words.startswith("Risk zones are not weighed"))
    assert "admin2" in zones
    assert any(words.startswith("Risk zones are not weighed") for words in said(engine, "public"))


def test_every_answer_has_it(client: TestClient, bring: Callable) -> None:
    road = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[10, 5], [11, 5]]},
            "properties": {"name": "High road", "road_class": "primary", "handling": "CLEAR"}}  # fmt: skip
    assert bring("roads", json.dumps({"type": "FeatureCollection", "features": [road]})).landed
    asked = {"waypoints": {"type": "MultiPoint", "coordinates": [[10, 5], [11, 5]]}}
    for room, kept in (("internal", False), ("cmwg_mixed", True)):
        found = client.post("/operations/grid/routes", params={"audience": room}, json=asked).json()
        assert bool(found["not_weighed"]) is kept, found
        file = client.post("/operations/grid/routes/file.gpx", params={"audience": room}, json=asked)
        assert ("are not weighed and not told" in file.text) is kept
