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
    assert made.headers["location"].endswith(f"/collections/zones_to_review/items/{id_}")
    where = f"{HERE}/collections/risk_zones/items/{id_}"
    steps = f"{HERE}/risk-zones/{id_}/steps"
    assert client.post(steps, json={"step": "send", "by": "A"}).status_code == 428
    sent = client.post(steps, json={"step": "send", "by": "A"}, headers={"If-Match": '"1"'})
    assert sent.status_code == 200, sent.text
    assert client.get(where, params={"audience": "hct"}).status_code == 404
    own = client.post(steps, json={"step": "publish", "by": "A"}, headers={"If-Match": sent.headers["etag"]})
    assert own.status_code == 409
    done = client.post(steps, json={"step": "publish", "by": "B"}, headers={"If-Match": sent.headers["etag"]})
    assert done.status_code == 200, done.text
    drawn = client.get(where, params={"audience": "hct"}).json()["properties"]
    assert (drawn["level"], drawn["applies_to"], drawn["reviewer"]) == (3, "un,ngo", "B")
    gone = client.delete(where, headers={"If-Match": done.headers["etag"]})
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


def test_what_a_collection_does_not_show_is_not_lost_when_a_record_is_replaced(client: TestClient) -> None:
    items = f"{HERE}/collections/incidents/items"
    lon, lat = point(4, 4)
    made = client.post(
        items,
        json=feature({"type": "Point", "coordinates": [lon, lat]}, event_type="Battles", occurred_from="2026-03-03",
                     notes="Neutral.", notes_raw="As told.", source_names="A friend of a friend"),
    )  # fmt: skip
    where = made.headers["location"]
    there = client.get(where).json()
    assert "As told." not in str(there)
    del there["properties"]["notes"]
    put = client.put(where, json=there, headers={"If-Match": made.headers["etag"]})
    assert put.status_code == 200, put.text
    kept = client.get(f"{where}/record").json()["properties"]
    assert (kept["notes"], kept["notes_raw"], kept["source_names"]) == (None, "As told.", "A friend of a friend")


@pytest.mark.parametrize(
    ("layer", "shape", "properties", "wrong"),
    [
        ("arrangements", square(1, 1), {"name": "Pause", "arrangement_type": "humanitarian_pause", "period_end": "2026-11-01"},
         {"period_end": None}),
        ("security_levels", square(0, 0, 5, 5), {"name": "West", "security_level": 4}, {"security_level": 7}),
        ("access_constraints", {"type": "LineString", "coordinates": [list(point(1, 1)), list(point(3, 1))]},
         {"category": "hostilities", "severity": 3, "reported_on": "2026-10-01"}, {"severity": 6}),
        ("access_constraints", {"type": "Point", "coordinates": list(point(1, 1))},
         {"category": "interference", "severity": 1, "reported_on": "2026-10-01"}, {"category": "they"}),
        ("hazards", square(1, 1), {"hazard_type": "CHA"}, {"hazard_status": "safe"}),
    ],
)  # fmt: skip
def test_every_noun_comes_back_as_it_was_written(
    client: TestClient, layer: str, shape: dict, properties: dict, wrong: dict
) -> None:
    items = f"{HERE}/collections/{layer}/items"
    made = client.post(items, json=feature(shape, **properties))
    assert made.status_code == 201, made.text
    there = client.get(made.headers["location"], params={"datetime": "2026-10-18"}).json()["properties"]
    assert {k: there[k] for k in properties} == properties
    put = client.put(made.headers["location"], json=feature(shape, **there), headers={"If-Match": made.headers["etag"]})
    assert put.status_code == 200, put.text
    again = client.get(made.headers["location"], params={"datetime": "2026-10-18"}).json()["properties"]
    assert {k: again[k] for k in properties} == properties
    refused = client.post(items, json=feature(shape, **properties | wrong))
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["where"] == next(iter(wrong))


def test_a_report_stands_before_the_road_s_own_status(client: TestClient, bring: Callable) -> None:
    line = {"type": "LineString", "coordinates": [list(point(0, 0)), list(point(9, 0))]}
    assert bring(
        "roads", [(line, {"source_key": "r1", "name": "East road", "fclass": 2, "status": "open"})], "roads.geojson"
    ).landed
    road = client.get(f"{HERE}/collections/roads/items").json()["features"][0]
    report = feature(
        None, road_id=road["id"], op_status="closed", observed_on="2026-10-10", source="A driver", reason="hostilities"
    )
    made = client.post(f"{HERE}/collections/road_reports/items", json=report)
    assert made.status_code == 201, made.text
    assert client.get(f"{HERE}/collections/roads/items").json()["features"][0]["properties"]["op_status"] == "closed"
    assert client.get(made.headers["location"]).json()["properties"]["name"] == "East road"
    missing = client.post(
        f"{HERE}/collections/road_reports/items",
        json=feature(None, road_id=99_999, op_status="open", observed_on="2026-10-10"),
    )
    assert missing.status_code == 400
    gone = client.delete(made.headers["location"], headers={"If-Match": made.headers["etag"]})
    assert gone.status_code == 204
    assert client.get(f"{HERE}/collections/roads/items").json()["features"][0]["properties"]["op_status"] == "open"


def test_a_zone_that_is_sent_back_as_it_was_read_keeps_its_evidence(client: TestClient) -> None:
    ticked = [{"source": "exercise", "event": "GRD1"}]
    zone = feature(square(2, 2), name="Here", threat_category="crime", likelihood=3, impact=4, valid_to="2026-11-01",
                   author="A", evidence=ticked)  # fmt: skip
    made = client.post(f"{HERE}/collections/risk_zones/items", json=zone)
    where = made.headers["location"]
    there = client.get(where).json()
    assert there["properties"]["evidence_count"] == 1
    put = client.put(where, json=there, headers={"If-Match": made.headers["etag"]})
    assert put.status_code == 200, put.text
    assert client.get(f"{where}/record").json()["properties"]["evidence"] == ticked


def test_what_was_known_on_another_day_is_not_changed(client: TestClient) -> None:
    then = {"as_of": "2026-01-01"}
    body = feature(square(2, 2), **HAZARD)
    assert client.post(f"{HERE}/collections/hazards/items", json=body, params=then).status_code == 409
    step = {"step": "send", "by": "A"}
    assert (
        client.post(f"{HERE}/risk-zones/1/steps", json=step, params=then, headers={"If-Match": '"1"'}).status_code
        == 409
    )
    for path in ("risk-zones/suggestions", "incidents/links"):
        assert client.post(f"{HERE}/{path}", json={"one": 1, "other": 2}, params=then).status_code == 409
    matrix = {"version": "x", "levels": [[1] * 5] * 5}
    assert client.put(f"{HERE}/risk-matrix", json=matrix, params=then).status_code == 409
