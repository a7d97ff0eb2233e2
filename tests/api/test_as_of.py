"""What was known on a day: every layer, list, count, chart and file obeys `as_of`, and says when the first record came."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import db, export
from geoapp.app import create_app
from geoapp.draw import features
from geoapp.scope import Scope, say_date
from geoapp.settings import Settings
from layers import STACK, get
from tests.gridland import HEAD, incident
from web.pages import PAGES

HERE = "/operations/grid"
BEFORE = "as_of=2020-05-01"
RECORDS = [layer for layer in STACK if not layer.fixed]


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


@pytest.fixture
def first(engine: Engine, gridded: Callable) -> str:
    with db.transaction(engine, db.Context("grid")) as connection:
        return say_date(connection.execute(text("SELECT min(recorded_at) FROM facts.incident")).scalar_one().date())


@pytest.mark.parametrize("layer", RECORDS, ids=lambda layer: layer.name)
@pytest.mark.parametrize("room", ["internal", "hct", "public"])
def test_before_the_first_record_every_layer_is_empty(client: TestClient, layer: str, room: str) -> None:
    asked = f"{BEFORE}&audience={room}"
    items = client.get(f"{HERE}/collections/{layer.name}/items?{asked}").json()
    assert (items["features"], items["numberMatched"]) == ([], 0)
    for z, row, col in ((5, 15, 16), (9, 248, 270)):
        tile = client.get(f"{HERE}/collections/{layer.name}/tiles/WebMercatorQuad/{z}/{row}/{col}?{asked}")
        assert mapbox_vector_tile.decode(tile.content) == {}
    assert client.get(f"{HERE}/labels?layer={layer.name}&{asked}").json()["labels"] == []


def test_before_the_first_record_every_door_is_empty(client: TestClient, engine: Engine, tmp_path: Path) -> None:
    for layer in client.get(f"{HERE}/panel?{BEFORE}&datetime=..").json()["layers"]:
        assert layer["count"] == 0 or layer["name"] == "basemap", layer["name"]
    panel = client.get(f"{HERE}/panel?{BEFORE}").json()
    assert (panel["span"][0], panel["newest"], panel["audience"]["handling"]) == (None, None, "RED")
    trends = client.get(f"{HERE}/trends?{BEFORE}&until=2026-04&months=12").json()
    assert (trends["n"], trends["before"], trends["rows"], trends["months"]) == (0, 0, [], [])
    assert client.get(f"{HERE}/histogram?{BEFORE}").json()["bars"] == []
    for name in ("overlaps", "doubles", "gaps"):
        assert client.get(f"{HERE}/lists/{name}?{BEFORE}").json()["all"] == 0
    assert (
        client.get(f"{HERE}/identify?lon=10.25&lat=5.25&layers={','.join(x.name for x in STACK)}&{BEFORE}").json()[
            "features"
        ]
        == []
    )
    assert client.get(f"{HERE}/places?q=Square&{BEFORE}").json()["places"] == []
    assert client.get(f"{HERE}/imports?{BEFORE}").json() == []
    with db.transaction(engine, db.Context("grid")) as connection:
        ids = {t: connection.execute(text(f"SELECT min(id) FROM facts.{t}")).scalar_one() for t in ("overlap_pair", "incident", "risk_zone")}  # fmt: skip
    assert client.get(f"{HERE}/overlaps/{ids['overlap_pair']}/places?{BEFORE}").status_code == 404
    assert client.get(f"{HERE}/incidents/{ids['incident']}/reports?{BEFORE}").json()["reports"] == []
    assert client.get(f"{HERE}/risk-zones/{ids['risk_zone']}/evidence?{BEFORE}").json()["incidents"] == []
    scope = Scope("grid", as_of=datetime(2020, 5, 1, tzinfo=UTC), purpose="export")
    assert not any(export.write(engine, scope, export.layers_of("all"), tmp_path / "then.gpkg").values())


def test_what_is_of_now_alone_is_refused_for_another_day(client: TestClient) -> None:
    item = client.get(f"{HERE}/collections/incidents/items?limit=1").json()["features"][0]["id"]
    assert client.get(f"{HERE}/collections/incidents/items/{item}/record?{BEFORE}").status_code == 409
    changed = client.patch(f"{HERE}/overlaps/1?{BEFORE}", json={"status": "agreed"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 409
    assert client.get(f"{HERE}/network?{BEFORE}").status_code in (400, 409, 422)


def test_nothing_was_known_is_said_with_the_first_day(
    client: TestClient, engine: Engine, first: str, tmp_path: Path
) -> None:
    words = f"Nothing was known here on 1 May 2020; the first record is of {first}."
    told = {each["name"]: each["unknown"] for each in client.get(f"{HERE}/panel?{BEFORE}").json()["layers"]}
    assert {name for name, said in told.items() if said == words} >= {
        "incidents",
        "incident_counts",
        "overlaps",
        "gaps",
    }
    assert told["basemap"] is None
    assert told["hazards"] is None, "of what has no record at any time nothing is said"
    for path in ("trends?", "histogram?", "collections/overlaps/items?", "lists/doubles?"):
        assert client.get(f"{HERE}/{path}{BEFORE}").json()["unknown"] == words
    assert "unknown" not in client.get(f"{HERE}/trends").json()
    scope = Scope("grid", as_of=datetime(2020, 5, 1, tzinfo=UTC), purpose="export")
    export.write(engine, scope, export.layers_of("overlaps"), tmp_path / "then.csv")
    with (tmp_path / "then.csv").open(encoding="utf-8-sig", newline="") as file:
        assert any(words in cell for cell in next(csv.reader(file)))


def test_the_first_day_is_the_first_that_the_room_may_know_of(client: TestClient, engine: Engine, first: str) -> None:
    """The public is shown no incident, area or overlap, so that it is told of none when the first came."""
    layers = client.get(f"{HERE}/panel?{BEFORE}&audience=public").json()["layers"]
    told = {layer["name"]: layer["unknown"] for layer in layers}
    assert told["incidents"] is told["areas_of_operation"] is told["overlaps"] is None
    assert first in told["boundaries"]


@pytest.mark.parametrize("room", ["internal", "hct"])
def test_counts_of_another_day_are_those_of_its_events(
    client: TestClient, engine: Engine, gridded: Callable, room: str
) -> None:
    """Three reports come later, one of them changed again: the counts of the moment before are as if they had not."""
    span = "until=2026-04&months=12"
    then = {p: client.get(f"{HERE}/{p}&audience={room}").json() for p in (f"trends?{span}", "histogram?")}
    cells, districts = (counted(engine, name, Scope("grid", room)) for name in ("incident_density", "incident_counts"))
    moment = datetime.now(UTC)
    more = [incident(90 + n, "2026-03-05", 6, 6) for n in range(3)]
    assert gridded("incidents", "\n".join([HEAD, *more]), "more.csv", source="exercise").landed
    changed = [incident(1, "2026-02-10", 7, 7, timestamp="1800000000", notes="Elsewhere."), more[0]]
    assert gridded("incidents", "\n".join([HEAD, *changed]), "changed.csv", source="exercise").updated == 1
    as_of = f"as_of={moment.isoformat().replace('+', '%2B')}"
    for path, before in then.items():
        now = client.get(f"{HERE}/{path}&audience={room}").json()
        found = client.get(f"{HERE}/{path}&audience={room}&{as_of}").json()
        assert now != before
        assert found == before
    scope = Scope("grid", room, as_of=moment)
    assert counted(engine, "incident_density", scope) == cells
    assert counted(engine, "incident_counts", scope) == districts


def counted(engine: Engine, name: str, scope: Scope) -> list[tuple]:
    with db.transaction(engine, scope.context()) as connection:
        return sorted((row["id"], row["n"]) for row in features.rows(connection, get(name), scope))


def test_a_room_that_is_told_counts_only_has_none_of_another_day(client: TestClient) -> None:
    now = client.get(f"{HERE}/panel?audience=cmwg_mixed").json()["layers"]
    then = client.get(f"{HERE}/panel?audience=cmwg_mixed&as_of=2026-10-17").json()["layers"]
    said = {layer["name"]: (layer["access"], layer["withheld"]) for layer in then}
    assert {layer["name"]: layer["access"] for layer in now}["incident_counts"] == "exact"
    assert said["incident_counts"][0] == said["incident_density"][0] == "withheld"
    assert "what was known on another day cannot be counted for it" in said["incident_counts"][1]
    assert "cannot be counted" in client.get(f"{HERE}/trends?audience=cmwg_mixed&as_of=2026-10-17").json()["withheld"]


def test_what_lies_inside_an_overlap_is_counted_as_of_now_alone(client: TestClient) -> None:
    here = f"{HERE}/collections/overlaps/items"
    now, then = client.get(here).json(), client.get(f"{here}?as_of=2999-01-01").json()
    assert any(f["properties"]["incidents"] for f in now["features"])
    assert {f["properties"]["incidents"] for f in then["features"]} == {None}
    assert len(now["features"]) == len(then["features"])


def test_every_page_opens_before_the_first_record(client: TestClient) -> None:
    for page in PAGES:
        assert client.get(f"{HERE}/{page.path}?{BEFORE}").status_code == 200, page.name


def test_the_banner_of_another_day_is_no_lower_than_what_it_shows(
    client: TestClient, engine: Engine, gridded: Callable
) -> None:
    """Everything RED is taken back: the picture of before still shows it, and says so."""
    with db.transaction(engine, db.Context("grid")) as connection:
        moment = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    with db.transaction(engine, db.Context("grid")) as connection:
        connection.execute(text("DELETE FROM facts.area WHERE handling = 'RED'"))
        connection.execute(text("UPDATE facts.risk_zone SET handling = 'GREEN' WHERE handling = 'RED'"))
    as_of = moment.isoformat().replace("+", "%2B")
    assert client.get(f"{HERE}/panel?as_of={as_of}").json()["audience"]["handling"] == "RED"
