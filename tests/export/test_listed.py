"""A file of what is listed holds exactly the rows of the list: same filters, same room, same days."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp.app import create_app
from geoapp.settings import Settings
from tests.overlay.test_endings import lasting

HERE = "/operations/grid"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def listed(client: TestClient, name: str, **asked: Any) -> set[int]:
    found = client.get(f"{HERE}/lists/{name}", params=asked | {"limit": 200})
    assert found.status_code == 200, found.text
    assert found.json()["matched"] == len(found.json()["rows"])
    return {row["id"] for row in found.json()["rows"]}


def in_csv(client: TestClient, name: str, **asked: Any) -> set[int]:
    answer = client.get(f"{HERE}/export/{name}.csv", params=asked)
    assert answer.status_code == 200, answer.text
    return {int(row["id"]) for row in list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]}


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"relation": "civil_military"}, {"q": "water"}, {"share": "30"}, {"status": "open", "sector": "HEA"},
        {"datetime": "2026-05-01/2026-06-30"}, {"relation": "civil_police", "audience": "hct"}, {"owner": "Amina K."},
        {"owner": "none"}, {"since": "2100-01-01"}, {"since": "2020-01-01"}, {"due": "week"}, {"due": "over"},
    ],
    ids=str,
)  # fmt: skip
def test_csv_and_geojson_hold_the_rows_of_the_list(client: TestClient, engine: Engine, asked: dict[str, str]) -> None:
    if "due" in asked:
        lasting(engine)  # one whose days are over is due no more
    first = client.get(f"{HERE}/lists/overlaps").json()["rows"][0]
    client.patch(
        f"{HERE}/overlaps/{first['id']}",
        json={"owner": "Amina K.", "due": "2026-10-12"},
        headers={"If-Match": f'"{first["version"]}"'},
    )
    if asked.get("audience") == "hct" and "owner" in asked:
        pytest.fail("owners are withheld from this room")
    rows = listed(client, "overlaps", **asked)
    assert in_csv(client, "overlaps", **asked) == rows
    features = json.loads(client.get(f"{HERE}/export/overlaps.geojson", params=asked).text)
    assert {feature["id"] for feature in features["features"]} == rows
    expected = {"owner": 1, "due": 1}
    for name, n in expected.items():
        if asked.get(name) in ("Amina K.", "week", "over"):
            assert len(rows) == n


def test_gaps_export_gaps(client: TestClient) -> None:
    asked = {"sector": "WSH"}
    rows = listed(client, "gaps", **asked)
    assert rows
    assert in_csv(client, "gaps", **asked) == rows < in_csv(client, "gaps")


def test_a_file_says_by_what_it_was_narrowed(client: TestClient) -> None:
    body = client.get(f"{HERE}/export/overlaps.geojson", params={"relation": "civil_military", "q": "water"}).json()
    assert body["about"]["listed"] == "water, relation civil_military"
    assert "listed" not in client.get(f"{HERE}/export/overlaps.geojson").json()["about"]


def test_what_a_list_does_not_have_is_refused_and_nothing_is_told_of_withheld_fields(client: TestClient) -> None:
    for path, words in (
        ("export/roads.csv?relation=civil_military", "no list"),
        ("export/all.gpkg?relation=civil_military", "no list"),
        ("export/gaps.csv?relation=civil_military", "not filtered"),
        ("lists/overlaps?owner=none&audience=hct", "not filtered"),
        ("export/overlaps.csv?owner=none&audience=hct", "not filtered"),
        ("export/overlaps,nothing.gpkg", "no layer"),
    ):
        answer = client.get(f"{HERE}/{path}")
        assert answer.status_code in (400, 404), (path, answer.text)
        assert words in answer.json()["detail"], answer.text


def test_several_layers_of_a_view_are_one_file(client: TestClient) -> None:
    answer = client.get(f"{HERE}/export/overlaps,risk_zones.xlsx", params={"bbox": "10,5,10.5,5.5"})
    assert answer.status_code == 200, answer.text
    assert 'filename="grid_view_internal.xlsx"' in answer.headers["content-disposition"]
    assert client.get(f"{HERE}/export/overlaps,risk_zones.csv").status_code == 400


@pytest.mark.parametrize("sort", ["km2", "code", "new", "actors", "risk"])
def test_every_order_goes_backwards_too(client: TestClient, sort: str) -> None:
    rows = client.get(f"{HERE}/lists/overlaps", params={"sort": sort}).json()["rows"]
    back = client.get(f"{HERE}/lists/overlaps", params={"sort": f"-{sort}"}).json()["rows"]
    assert {row["id"] for row in rows} == {row["id"] for row in back}
    if sort in ("km2", "code"):
        field = sort
        assert [row[field] for row in back] == [row[field] for row in reversed(rows)]
