"""What each door answers: the standards' pages, one shape of error, nothing lost, nothing from other sites."""

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp.app import create_app
from geoapp.settings import Settings

HERE = "/operations/grid"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def test_the_standards_pages(client: TestClient) -> None:
    assert client.get("/operations").json()[0]["key"] == "grid"
    assert {link["rel"] for link in client.get(HERE).json()["links"]} >= {"self", "conformance", "data", "service-desc"}
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in client.get(f"{HERE}/conformance").json()["conformsTo"]
    )
    collections = client.get(f"{HERE}/collections").json()["collections"]
    for each in collections:
        assert client.get(f"{HERE}/collections/{each['id']}").status_code == 200
        items = client.get(f"{HERE}/collections/{each['id']}/items?limit=2")
        assert items.headers["content-type"] == "application/geo+json"
        assert items.json()["numberReturned"] <= 2
        assert client.get(f"{HERE}/collections/{each['id']}/tilejson.json").json()["tilejson"] == "3.0.0"


def test_paging_reaches_every_record_once(client: TestClient) -> None:
    url, seen = f"{HERE}/collections/boundaries/items?limit=33", []
    while url:
        page = client.get(url).json()
        seen += [f["id"] for f in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == 102, "100 districts, and the two provinces joined from them"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/operations/nowhere/collections", 404), (f"{HERE}/collections/nothing/items", 404), (f"{HERE}/collections/overlaps/items/999999", 404),
     (f"{HERE}/collections/overlaps/items?bbox=1,2,3", 400), (f"{HERE}/collections/overlaps/items?bbox=nan,0,1,1", 400),
     (f"{HERE}/collections/overlaps/items?datetime=soon", 400), (f"{HERE}/collections/overlaps/items?limit=0", 400),
     (f"{HERE}/collections/overlaps/items?colour=red", 400), (f"{HERE}/collections/overlaps/items?km2=x", 400),
     (f"{HERE}/collections/overlaps/items?audience=everybody", 400), (f"{HERE}/identify?lon=NaN&lat=1", 400),
     (f"{HERE}/collections/overlaps/tiles/WebMercatorQuad/3/9/9", 404), (f"{HERE}/export/overlaps.exe", 406), ("/nothing", 404)],
)  # fmt: skip
def test_every_mistake_has_the_same_shape(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json())


def test_the_same_again_is_not_sent_again(client: TestClient) -> None:
    for path in (
        f"{HERE}/collections/overlaps/items",
        f"{HERE}/collections/overlaps/tiles/WebMercatorQuad/9/248/270",
        f"{HERE}/panel",
    ):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert first.headers["cache-control"].startswith("private")


def test_nobodys_edit_is_lost(client: TestClient) -> None:
    row = client.get(f"{HERE}/collections/overlaps/items?limit=1").json()["features"][0]
    url = f"{HERE}/overlaps/{row['id']}"
    assert client.patch(url, json={"status": "agreed"}).status_code == 428
    tag = f'"{row["properties"]["version"]}"'
    assert client.patch(url, json={"status": "agreed"}, headers={"If-Match": tag}).json()["status"] == "agreed"
    stale = client.patch(url, json={"status": "resolved"}, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert stale.json()["current"]["status"] == "agreed"
    fresh = {"If-Match": f'"{stale.json()["current"]["version"]}"'}
    assert client.patch(url, json={"status": "approved"}, headers=fresh).status_code == 400


def test_another_sites_page_changes_nothing(client: TestClient) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.delete(f"{HERE}/imports/1", headers=headers).status_code == 403
    assert client.get("/operations", headers={"Host": "evil.example"}).status_code == 400


def test_an_import_over_http(client: TestClient) -> None:
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[10, 5], [10.1, 5], [10.1, 5.1], [10, 5]]]},
               "properties": {"actor": "Newcomers", "domain": "military"}}  # fmt: skip
    sent = client.post(f"{HERE}/imports", data={"kind": "areas"}, files={"file": ("a.geojson", json.dumps(feature))})
    assert (sent.status_code, sent.json()["created"]) == (201, 1)
    bad = client.post(f"{HERE}/imports", data={"kind": "areas"}, files={"file": ("a.geojson", "{")})
    assert (bad.status_code, bad.json()["landed"]) == (422, False)
    assert client.delete(f"{HERE}/imports/{sent.json()['batch']}").json()["removed"] >= 1


def test_an_import_under_way_is_asked_about_and_stopped(client: TestClient) -> None:
    run = "0123456789abcdef"
    rows = "\n".join(["event_id_cnty,event_date,event_type,sub_event_type,latitude,longitude,geo_precision,time_precision",
                      *(f"X{i},2026-01-01,Riots,Mob violence,5.{i:06},10.2,1,1" for i in range(120_000))])  # fmt: skip
    sent: list = []

    def send() -> None:
        sent.append(client.post(f"{HERE}/imports", data={"kind": "incidents", "source": "exercise", "run": run},
                                files={"file": ("a.csv", rows)}))  # fmt: skip

    before = client.get(f"{HERE}/imports").json()
    sending = threading.Thread(target=send)
    sending.start()
    asked = None
    while sending.is_alive() and asked is None:
        answer = client.get(f"{HERE}/imports/running/{run}")
        asked = answer.json() if answer.status_code == 200 else None
    assert asked is not None
    assert asked["step"] in ("reading", "landing")
    assert client.delete(f"{HERE}/imports/running/{run}").status_code == 202
    sending.join()
    assert (sent[0].status_code, sent[0].json()["title"]) == (409, "Stopped")
    assert client.get(f"{HERE}/imports").json() == before
    assert client.get(f"{HERE}/imports/running/{run}").status_code == 404


@pytest.mark.parametrize("page", ["map", "overlaps", "import"])
def test_pages_bring_everything_themselves(client: TestClient, page: str) -> None:
    answer = client.get(f"{HERE}/{page}")
    assert answer.status_code == 200
    assert "https://" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "EXERCISE" in answer.text


def test_exports_are_for_the_room(client: TestClient) -> None:
    everybody = client.get(f"{HERE}/export/areas_of_operation.csv").text
    room = client.get(f"{HERE}/export/areas_of_operation.csv?audience=hct").text
    assert "Secret Force" in everybody
    assert "Secret Force" not in room
    assert room.splitlines()[1].startswith("#meta+id,#org+name")
