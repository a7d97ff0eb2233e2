"""Writing over HTTP as OGC API Features Part 4 has it: created, replaced, updated, deleted, and never over somebody's edit."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geoapp.app import create_app
from geoapp.settings import Settings
from tests.gridland import point, square

HERE = "/operations/grid"
HAZARD = {"name": "Old line", "hazard_type": "SHA", "handling": "GREEN"}


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_a_record_comes_changes_and_goes(client: TestClient) -> None:
    items = f"{HERE}/collections/hazards/items"
    made = client.post(items, json=feature(square(6, 6), **HAZARD))
    assert made.status_code == 201, made.text
    where = made.headers["location"].removeprefix("http://testserver")
    there = client.get(where).json()
    assert there["properties"]["name"] == "Old line"
    # sent back as it was read, with one change: what follows from the rest is left out
    there["properties"]["hazard_status"] = "cleared"
    assert client.put(where, json=there).status_code == 428
    put = client.put(where, json=there, headers={"If-Match": made.headers["etag"]})
    assert put.status_code == 200, put.text
    stale = client.patch(where, json=feature(None, name="Mine"), headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412
    assert stale.json()["current"]["hazard_status"] == "cleared"
    patched = client.patch(where, json=feature(None, name="Mine"), headers={"If-Match": put.headers["etag"]})
    assert patched.status_code == 200
    now = client.get(where).json()["properties"]
    assert (now["name"], now["hazard_status"]) == ("Mine", "cleared")
    assert client.delete(where, headers={"If-Match": patched.headers["etag"]}).status_code == 204
    assert client.get(where).status_code == 404


def test_problems_are_said_field_by_field_and_nothing_is_written(client: TestClient) -> None:
    items = f"{HERE}/collections/incidents/items"
    before = client.get(items).json()["numberMatched"]
    lon, lat = point(1, 1)
    wrong = client.post(
        items, json=feature({"type": "Point", "coordinates": [lon, lat]}, geo_precision="x", fatalities=-2)
    )
    assert wrong.status_code == 400
    assert {e["where"] for e in wrong.json()["errors"]} == {
        "event_type",
        "occurred_from",
        "geo_precision",
        "fatalities",
    }
    for shape, status in (
        ({"type": "Point", "coordinates": [lat, 1000]}, 422),
        (None, 422),
        ({"type": "Polygon"}, 422),
    ):
        got = client.post(items, json=feature(shape, event_type="Battles", occurred_from="2026-10-01"))
        assert got.status_code == status, got.text
    for body in ("{", '{"geometry": {"type": "Point", "coordinates": [NaN, 1]}, "properties": {}}', "[" * 5000):
        assert client.post(items, content=body, headers={"Content-Type": "application/json"}).status_code in (400, 422)
    assert client.get(items).json()["numberMatched"] == before
    assert client.post(f"{HERE}/collections/overlaps/items", json=feature(square(1, 1))).status_code == 404


@pytest.mark.parametrize("audience", ["hct", "military_counterpart", "public"])
def test_a_room_that_reads_is_refused(client: TestClient, audience: str) -> None:
    items = f"{HERE}/collections/hazards/items"
    made = client.post(items, json=feature(square(6, 6), **HAZARD))
    where = made.headers["location"].removeprefix("http://testserver")
    asked = {"params": {"audience": audience}, "headers": {"If-Match": '"1"'}}
    assert client.post(items, json=feature(square(6, 6), **HAZARD), params={"audience": audience}).status_code == 403
    assert client.patch(where, json=feature(None, name="Theirs"), **asked).status_code == 403
    assert client.delete(where, **asked).status_code == 403
    assert client.get(f"{where}/record", params={"audience": audience}).status_code == 403
    assert client.post(f"{HERE}/risk-zones/suggestions", params={"audience": audience}).status_code == 403
    assert client.get(where).json()["properties"]["name"] == "Old line"


def test_a_zone_is_marked_reviewed_and_published(client: TestClient) -> None:
    seen = client.post(f"{HERE}/risk-zones/look", json={"geometry": square(2, 2, 2, 2), "handling": "AMBER"})
    assert seen.status_code == 200, seen.text
    body = seen.json()
    assert [r["how"] for r in body["seen_by"]] == ["as drawn", "as drawn", "withheld", "withheld", "withheld"]
    zone = feature(square(2, 2, 2, 2), name="Crossroads", threat_category="crime", likelihood=3, impact=4,
                   valid_to="2026-11-01", author="A", applies_to=["un", "ngo"])  # fmt: skip
    made = client.post(f"{HERE}/collections/risk_zones/items", json=zone)
    assert made.status_code == 201, made.text
    id_ = made.json()["id"]
    steps = f"{HERE}/risk-zones/{id_}/steps"
    assert client.post(steps, json={"step": "send", "by": "A"}).status_code == 428
    sent = client.post(steps, json={"step": "send", "by": "A"}, headers={"If-Match": '"1"'})
    assert sent.status_code == 200, sent.text
    assert client.get(made.headers["location"], params={"audience": "hct"}).status_code == 404
    own = client.post(steps, json={"step": "publish", "by": "A"}, headers={"If-Match": sent.headers["etag"]})
    assert own.status_code == 409
    done = client.post(steps, json={"step": "publish", "by": "B"}, headers={"If-Match": sent.headers["etag"]})
    assert done.status_code == 200, done.text
    drawn = client.get(made.headers["location"], params={"audience": "hct"}).json()["properties"]
    assert (drawn["level"], drawn["applies_to"], drawn["reviewer"]) == (3, "un,ngo", "B")
    gone = client.delete(made.headers["location"], headers={"If-Match": done.headers["etag"]})
    assert gone.status_code == 409
    assert (
        client.post(steps, json={"step": "approve", "by": "B"}, headers={"If-Match": done.headers["etag"]}).status_code
        == 400
    )
    assert client.get(f"{HERE}/risk-matrix").json()["levels"][4] == [1, 2, 3, 4, 5]


def test_two_reports_are_linked(client: TestClient) -> None:
    ids = {
        f["properties"]["source_event_id"]: f["id"]
        for f in client.get(f"{HERE}/collections/incidents/items").json()["features"]
    }
    lon, lat = point(2, 2)
    mine = client.post(
        f"{HERE}/collections/incidents/items",
        json=feature({"type": "Point", "coordinates": [lon, lat]}, event_type="Battles", occurred_from="2026-02-10"),
    ).json()["id"]
    linked = client.post(f"{HERE}/incidents/links", json={"one": mine, "other": ids["GRD1"]})
    assert linked.status_code == 200, linked.text
    after = client.get(f"{HERE}/collections/incidents/items").json()
    assert {mine, ids["GRD1"]} & {f["id"] for f in after["features"]} == {linked.json()["counted"]}
    assert client.delete(f"{HERE}/incidents/{mine}/link").status_code == 204
    assert client.get(f"{HERE}/collections/incidents/items").json()["numberMatched"] == after["numberMatched"] + 1
