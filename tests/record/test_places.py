"""Sites and roads written by hand, by those whose role it is; and what was corrected by hand stays so when a file comes again."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geoapp import db, record
from geoapp.app import create_app
from geoapp.errors import BadRequest, Conflict
from geoapp.model.roles import ROLES
from geoapp.settings import Settings
from tests.access.test_route import road
from tests.gridland import collection, point, square

HERE = "/operations/grid/collections"


def test_a_site_and_a_road_over_http(engine: Engine, gridded: Callable, context: db.Context) -> None:
    with TestClient(create_app(Settings(), engine)) as client:

        def made(layer: str, geometry: Any, headers: dict[str, str] | None = None, **properties: Any) -> Any:
            body = {"type": "Feature", "geometry": geometry, "properties": properties}
            return client.post(f"{HERE}/{layer}/items", json=body, headers=headers)

        place = {"type": "Point", "coordinates": list(point(3, 3))}
        assert made("sites", place, facility_type="hospital").json()["errors"] == [
            {"where": "name", "what": "is required"}
        ]
        site = made("sites", place, name="Clinic", facility_type="clinic")
        assert site.status_code == 201, site.text
        # sent again because the answer was lost it is not written twice, under other words it is another one
        for layer, more in (
            ("sites", {"name": "Well"}),
            ("incidents", {"event_type": "other", "occurred_from": "2026-10-01"}),
        ):
            first, again, other = (
                made(layer, place, {"Idempotency-Key": key}, **more) for key in ("a" * 20, "a" * 20, "b" * 20)
            )
            assert [each.status_code for each in (first, again, other)] == [201, 200, 201], first.text
            assert first.json() | {"new": False} == again.json()
            assert (first.json()["new"], other.json()["id"] != first.json()["id"]) == (True, True)
        where = site.headers["location"].removeprefix("http://testserver")
        assert client.get(where).json()["properties"]["handling"] == "AMBER"
        moved = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": list(point(4, 4))},
            "properties": {"status": "closed"},
        }
        assert client.patch(where, json=moved, headers={"If-Match": '"1"'}).json() == {"version": 2}
        assert client.patch(where, json=moved, headers={"If-Match": '"1"'}).status_code == 412
        assert client.get(where).json()["geometry"]["coordinates"] == list(point(4, 4))
        assert (
            client.patch(where, params={"audience": "hct"}, json=moved, headers={"If-Match": '"2"'}).status_code == 403
        )
        line = {"type": "LineString", "coordinates": [[10.05, 5.05], [10.25, 5.05]]}
        assert made("roads", square(1, 1), name="Ring").json()["code"] == "wrong-type"
        way = made("roads", line, name="New road", road_class=3, op_status="restricted")
        assert way.status_code == 201, way.text
        properties = client.get(way.headers["location"].removeprefix("http://testserver")).json()["properties"]
        assert (properties["class"], properties["length_km"]) == ("restricted", pytest.approx(22.17, abs=0.01))
        report = made("road_reports", None, road_id=way.json()["id"], op_status="closed", observed_on="2026-10-10")
        assert report.status_code == 201, report.text
    with db.transaction(engine, context) as connection, pytest.raises(Conflict, match="1 reports are about the road"):
        record.remove(connection, record.NOUNS["roads"], way.json()["id"], 1)
    with db.transaction(engine, context) as connection, pytest.raises(BadRequest, match="not in the list"):
        record.add(connection, record.NOUNS["sites"], place, {"name": "X", "facility_type": "castle"})
    assert {role.key for role in ROLES if "site" in role.records} == {
        "planner",
        "information_manager",
        "coordinator",
        "administrator",
    }
    assert "road" in next(role for role in ROLES if role.key == "security_adviser").records


HAZARD = {"source_key": "h1", "hazard_type": "SHA", "name": "Old line", "handling": "GREEN"}
PAUSE = {
    "source_key": "p1", "name": "Pause", "arrangement_type": "humanitarian_pause", "date_from": "2026-10-01",
    "date_to": "2026-10-20", "handling": "GREEN",
}  # fmt: skip
FILES: dict[str, tuple[str, str]] = {
    "sites": ("source_key,name,type,lat,lon\nw1,Well,water_point,5.25,10.25\n", "name"),
    "hazards": (collection([(square(1, 1), HAZARD)]), "name"),
    "arrangements": (collection([(square(1, 1), PAUSE)]), "name"),
    "roads": (collection([road("Trunk", (3, 3), (5, 3))]), "name"),
}


@pytest.mark.parametrize("kind", FILES)
def test_what_was_corrected_by_hand_stays_when_its_file_comes_again(
    engine: Engine, context: db.Context, gridded: Callable, kind: str
) -> None:
    noun, (content, field) = record.NOUNS[kind], FILES[kind]
    name = "first.csv" if kind == "sites" else "first.geojson"
    assert gridded(kind, content, name).landed
    with db.transaction(engine, context) as connection:
        id_ = connection.execute(text(f"SELECT max(id) FROM facts.{noun.table}")).scalar_one()
        there = record.read(connection, noun, id_)
        record.change(connection, noun, id_, None, {field: "Corrected"}, there["version"])
    report = gridded(kind, content.replace("5.25", "5.26"), f"again-{name}")
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1), report
    (told,) = [finding for finding in report.findings if finding.code == "kept-by-hand"]
    assert (told.row, "was corrected by hand" in told.message) == (2, True)
    with db.transaction(engine, context) as connection:
        assert record.read(connection, noun, id_)["properties"][field] == "Corrected"
