"""What a collection says may be written to it is what is taken: limits, lists, defaults, titles and steps are said once."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geoapp import db, record
from geoapp.app import create_app
from geoapp.codes import codes
from geoapp.errors import BadRequest
from geoapp.settings import Settings
from tests.gridland import point, square

POINT = {"type": "Point", "coordinates": list(point(2, 2))}
WRITTEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "areas_of_operation": (square(7, 7), {"actor": "Water Aid Group", "reliability": "B", "period_start": "2026-10-01"}),
    "risk_zones": (square(3, 3), {"name": "Bridge", "threat_category": "crime", "likelihood": 2, "impact": 3,
                                  "valid_to": "2026-11-01", "applies_to": "un,ngo"}),
    "incidents": (POINT, {"event_type": "Battles", "occurred_from": "2026-10-01", "fatalities": 3}),
    "hazards": (square(6, 6), {"hazard_type": "SHA"}),
    "arrangements": (square(5, 5), {"name": "Pause", "arrangement_type": "humanitarian_pause",
                                    "period_start": "2026-10-18", "period_end": "2026-10-20"}),
    "access_constraints": (POINT, {"category": "interference", "severity": 3, "reported_on": "2026-10-10"}),
    "security_levels": (square(4, 4), {"name": "North", "security_level": 4}),
    "actors": (None, {"name": "Hill Guard", "domain": "paramilitary", "kind": "border_guard", "works_in": "HEA,LOG"}),
}  # fmt: skip


def of(collection: str) -> dict[str, Any]:
    return record.schema(collection, record.NOUNS[collection])


@pytest.mark.parametrize("collection", sorted(record.NOUNS))
def test_every_field_has_a_title_a_type_and_the_limits_that_are_held(collection: str) -> None:
    found = of(collection)
    jsonschema_rs.meta.validate(found)
    assert list(found["properties"])[:1] == (
        ["geometry"] if record.NOUNS[collection].shape else [next(iter(record.NOUNS[collection].fields))]
    )
    for name, field in record.NOUNS[collection].fields.items():
        said = found["properties"][name]
        assert said["title"], name
        assert said["title"][0].isupper() or said["title"].startswith("UN"), said["title"]
        kinds = [said["type"]] if isinstance(said["type"], str) else said["type"]
        assert ("null" in kinds) == (not field.required), name
        for bound, beyond in (("maxLength", 1), ("maximum", 1), ("minimum", -1)):
            if bound in said:
                edge = "x" * said[bound] if bound == "maxLength" else said[bound]
                assert field.check(edge) is not None
                with pytest.raises(ValueError):
                    field.check(edge + ("x" if bound == "maxLength" else beyond))
        for choice in [*said.get("oneOf", []), *said.get("x-geoapp-several", [])]:
            assert field.check(choice["const"]) == choice["const"]
        if "oneOf" in said:
            with pytest.raises(ValueError):
                field.check("no such code")
    assert set(found["required"]) - {"geometry"} >= {
        n for n, f in record.NOUNS[collection].fields.items() if f.required
    }


@pytest.mark.parametrize("collection", sorted(WRITTEN))
def test_a_record_as_it_is_read_is_as_the_schema_says(
    engine: Engine, context: db.Context, gridded: Callable, collection: str
) -> None:
    shape, properties = WRITTEN[collection]
    noun = record.NOUNS[collection]
    drawn = noun.shape is not None
    jsonschema_rs.validate(of(collection), ({"geometry": shape} if drawn else {}) | properties)
    with db.transaction(engine, context) as connection:
        id_, _ = record.add(connection, noun, shape, properties)
        there = record.read(connection, noun, id_)
    jsonschema_rs.validate(of(collection), ({"geometry": there["geometry"]} if drawn else {}) | there["properties"])
    for name, said in of(collection)["properties"].items():
        if name in noun.fields and name not in properties and "default" in said:
            assert there["properties"][name] == said["default"], name


def test_the_schema_is_asked_over_http_and_a_collection_links_to_it(engine: Engine, gridded: Callable) -> None:
    with TestClient(create_app(Settings(), engine)) as client:
        here = "/operations/grid/collections"
        for audience in ("internal", "public"):
            answer = client.get(f"{here}/hazards/schema", params={"audience": audience})
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/schema+json"
            assert answer.json()["required"] == ["geometry", "hazard_type"]
        assert client.get(f"{here}/overlaps/schema").status_code == 404
        rel = "http://www.opengis.net/def/rel/ogc/1.0/schema"
        links = {each["id"]: {link["rel"] for link in each["links"]} for each in client.get(here).json()["collections"]}
        assert {name for name, rels in links.items() if rel in rels} == set(record.NOUNS) & record.DRAWN


def test_the_days_of_a_zone_and_the_corners_of_a_shape_stand_in_it() -> None:
    found = of("risk_zones")
    assert found["x-geoapp-lasts"] == {"usual_days": 30, "most_days": 90}
    assert found["properties"]["geometry"]["x-geoapp-max-vertices"] == 5000
    assert found["properties"]["valid_to"]["x-ogc-role"] == "primary-interval-end"
    assert "valid_to" in found["required"]


def test_the_steps_of_a_zone_stand_in_it_and_lead_where_states_are() -> None:
    life = of("risk_zones")["x-geoapp-lifecycle"]
    states = set(codes("zone_status"))
    assert {each["const"] for each in life["states"]} == states
    assert [step["name"] for step in life["steps"]] == list(record.STEPS)
    for step in life["steps"]:
        assert {*step["before"], step["after"]} <= states, step
        assert step["title"] and (step["says"] or step["name"] == "publish"), step
        assert "{by}" in step["done"]
    assert [s["name"] for s in life["steps"] if s["second_person"]] == ["publish"]
    reached, more = {life["begins"], "suggested"}, True
    while more:
        new = {s["after"] for s in life["steps"] if reached & set(s["before"])} - reached
        reached, more = reached | new, bool(new)
    assert reached == states


def test_a_step_names_every_field_that_it_needs() -> None:
    life = record.NOUNS["risk_zones"].lifecycle
    assert life is not None
    with pytest.raises(BadRequest) as caught:
        life.check("risk zone", {"id": 1, "status": "expired", "author": "A"}, "renew", " ", {"valid_to": None})
    assert [e["where"] for e in caught.value.extra["errors"]] == ["valid_to", "by"]
