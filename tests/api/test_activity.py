"""Who changed what: every room is told of what it is shown, and can count nothing else; the audit is checked over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geoapp.app import create_app
from geoapp.audit.sealing import seal_now
from geoapp.client import connect
from geoapp.cluster import Urls
from geoapp.settings import Settings
from tests.gridland import point, square

HERE = "/operations/grid"
AREAS = f"{HERE}/collections/areas_of_operation/items"


@pytest.fixture
def client(engine: Engine, gridded: Callable[..., Any]) -> TestClient:
    return TestClient(create_app(Settings(), engine, worker=False))


def page(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.get(f"{HERE}/activity", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def said(client: TestClient, **asked: Any) -> list[tuple[Any, ...]]:
    return [(line["did"], line["of"], line["fields"]) for line in page(client, **asked)["lines"]]


def patch(client: TestClient, path: str, version: int, body: dict[str, Any]) -> None:
    answer = client.patch(path, json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text


def feature(shape: Any, **properties: Any) -> dict[str, Any]:
    return {"geometry": shape, "properties": properties}


def test_an_area_from_its_first_day_to_its_last(client: TestClient) -> None:
    """Added, moved, renamed, raised above a room and back, taken away: as the room that records is told, and as another one is."""
    before = page(client)["lines"]
    assert before and {line["did"] for line in before} == {"imported"} and page(client, audience="hct")["lines"] == []
    given = feature(
        square(6, 6),
        actor="Water Aid Group",
        name="Wells",
        period_start="2026-03-01",
        handling="AMBER",
        source="A visit",
    )
    id_ = client.post(AREAS, json=given).json()["id"]
    one = f"{AREAS}/{id_}"
    patch(client, one, 1, feature(square(6, 6, 2, 1), name="Many wells"))
    patch(client, one, 2, feature(None, handling="RED", period_end="2026-12-31"))
    mine = {"of": "areas_of_operation", "record": id_}
    assert said(client, **mine) == [
        ("changed", "areas_of_operation", ["Handling", "Days"]),
        ("changed", "areas_of_operation", ["Area", "Shape"]),
        ("added", "areas_of_operation", []),
    ]
    assert page(client, **mine)["lines"] == page(client, of="areas_of_operation")["lines"]
    # what the room is not shown now does not occur, its past included; opened by its moment it is not there either
    assert page(client, audience="hct", **mine)["lines"] == []
    moments = [line["at"] for line in page(client, **mine)["lines"]]
    for at in moments:
        assert (
            client.get(f"{HERE}/activity/areas_of_operation/{id_}", params={"at": at, "audience": "hct"}).status_code
            == 404
        )
    missing = client.get(f"{HERE}/activity/areas_of_operation/999999", params={"at": moments[0], "audience": "hct"})
    hidden = client.get(f"{HERE}/activity/areas_of_operation/{id_}", params={"at": moments[0], "audience": "hct"})
    assert missing.json() == hidden.json()
    # back again: the versions that it was shown, one beside the other, without numbers and names
    patch(client, one, 3, feature(None, handling="AMBER", period_end=None))
    lines = page(client, audience="hct", **mine)["lines"]
    assert [(line["did"], line["fields"]) for line in lines] == [("changed", ["Area", "Shape"]), ("added", [])]
    assert {(line["by"], line["version"]) for line in lines} == {(None, None)}
    assert page(client, audience="hct", who="local", **mine)["lines"] == []
    opened = client.get(f"{HERE}/activity/areas_of_operation/{id_}", params={"at": moments[1]}).json()
    assert opened["changes"] == [{"name": "name", "title": "Area", "was": "Wells", "now": "Many wells"}]
    assert max(_easts(opened["is_at"])) - max(_easts(opened["was_at"])) == pytest.approx(0.1)
    days = client.get(f"{HERE}/activity/areas_of_operation/{id_}", params={"at": moments[0]}).json()["changes"]
    assert {(each["title"], each["was"], each["now"]) for each in days} == {
        ("Handling", "TLP:AMBER", "TLP:RED"), ("Days", "1 Mar 2026 – open", "1 Mar 2026 – 31 Dec 2026"),
    }  # fmt: skip
    assert client.delete(one, headers={"If-Match": '"4"'}).status_code == 204
    newest = page(client)["lines"][0]
    assert (newest["did"], newest["by"], newest["layer"]) == ("removed", "local", None) and "Many wells" in newest[
        "text"
    ]
    assert page(client, audience="hct", of="areas_of_operation")["lines"] == []


def _easts(shape: dict[str, Any]) -> list[float]:
    """The longitudes of the corners of a polygon, or of several."""
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return [corner[0] for polygon in polygons for ring in polygon for corner in ring]


def test_a_change_of_a_withheld_field_is_none_and_pages_are_whole(client: TestClient) -> None:
    overlap = client.get(f"{HERE}/collections/overlaps/items").json()["features"][0]["id"]
    for version, change in enumerate(({"status": "acknowledged"}, {"owner": "A. N."}, {"status": "agreed"}), 1):
        patch(client, f"{HERE}/overlaps/{overlap}", version, change)
    assert [fields for *_, fields in said(client, of="overlaps")] == [["Status"], ["Owner"], ["Status"]]
    told = {"audience": "hct", "of": "overlaps"}
    # who owns an overlap is withheld from the country team
    now = page(client, **told)
    assert [line["fields"] for line in now["lines"]] == [["Status"], ["Status"]] and "Owner" not in str(now["lines"])
    # page by page all lines, each once
    for n in range(3):
        client.post(
            f"{HERE}/collections/incidents/items",
            json=feature(
                {"type": "Point", "coordinates": point(n, 1)}, event_type="Battles", occurred_from="2026-10-01"
            ),
        )
    every, found, before = page(client)["lines"], [], None
    while True:
        each = page(client, limit=1, **({"before": before} if before else {}))
        found += each["lines"]
        if (before := each["next"]) is None:
            break
    assert found == every and len(every) > 6
    frame = connect(client=client).operation("grid").activity(of=["incidents"], did=["added"])
    assert len(frame) == 3 and frame["text"].str.startswith("added the incident").all()
    for wrong in ({"of": "secrets"}, {"did": "told"}, {"record": 1}, {"since": "soon"}):
        assert client.get(f"{HERE}/activity", params=wrong).status_code == 400


def test_the_audit_is_checked_by_whom_it_is_for(client: TestClient, urls: Urls, owner: Engine, tmp_path: Any) -> None:
    client.app.state.settings = Settings(audit_key_file=tmp_path / "key")  # type: ignore[attr-defined]
    assert client.post(f"{HERE}/audit/checks").status_code == 409
    seal_now(client.app.state.settings, urls.app)  # type: ignore[attr-defined]
    found = client.post(f"{HERE}/audit/checks").json()
    assert found["altered"] is None and found["entries"] > 3 and found["unsealed"] == 0
    assert client.post(f"{HERE}/audit/checks", params={"audience": "hct"}).status_code == 403
    newest = client.get(f"{HERE}/audit", params={"did": "verified"}).json()["entries"]
    assert [entry["told"]["entries"] for entry in newest] == [found["entries"]]
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE keys.audit DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE keys.audit SET who = 'nobody' WHERE number = 3 AND operation_id > 0"))
    told = client.post(f"{HERE}/audit/checks").json()
    assert (told["entries"], told["altered"], told["why"]) == (2, 3, "it is not what was sealed")
