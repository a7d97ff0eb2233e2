"""What `/openapi.json` says is what is sent: every door is asked by a machine that knows only its description."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp.api.contract import errors_of
from geoapp.app import create_app
from geoapp.errors import GeoappError
from geoapp.settings import Settings

HERE = "/operations/grid"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip


@pytest.fixture
def app(engine: Engine, gridded: Callable) -> Any:
    return create_app(Settings(), engine)


@pytest.fixture
def described(app: Any) -> Iterator[Any]:
    yield schemathesis.openapi.from_asgi("/openapi.json", app)


def test_every_error_of_the_tree_is_in_the_description(app: Any) -> None:
    said = app.openapi()["components"]["responses"]
    assert set(said) == {kind.__name__ for kind in errors_of(GeoappError)}
    for kind in errors_of(GeoappError):
        (media,) = said[kind.__name__]["content"]
        assert media == "application/problem+json"


def test_every_door_says_what_it_sends(app: Any) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            fine = {status: r for status, r in operation["responses"].items() if status.startswith("2")}
            assert fine, (method, path)
            for status, response in fine.items():
                if status in ("202", "204"):
                    continue
                for media, body in response["content"].items():
                    assert body.get("schema"), (method, path, media)


def test_the_description_is_openapi_3_0_as_well(app: Any) -> None:
    """A validator nobody here wrote takes it, it has every door, and says a box as OGC API Features does."""
    with TestClient(app) as client:
        links = {
            link["type"]: link["href"] for link in client.get(HERE).json()["links"] if link["rel"] == "service-desc"
        }
        answer = client.get(links["application/vnd.oai.openapi+json;version=3.0"])
        newer = client.get(links["application/vnd.oai.openapi+json;version=3.1"]).json()
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    body = answer.json()
    assert [e.message for e in OPENAPI_30_VALIDATOR.iter_errors(body)] == []
    assert any(True for _ in OPENAPI_30_VALIDATOR.iter_errors(newer)), "the validator tells them apart"
    assert {path: set(each) for path, each in body["paths"].items()} == {
        path: set(each) for path, each in newer["paths"].items()
    }
    parameters = body["paths"]["/operations/{operation}/collections/{layer}/items"]["get"]["parameters"]
    named = {each["name"]: each for each in parameters}
    assert named["bbox"]["schema"] == {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    assert (named["bbox"]["style"], named["bbox"]["explode"]) == ("form", False)
    assert named["filter-crs"]["schema"]["nullable"] is True
    assert named["filter-crs"]["schema"]["type"] == "string"
    assert body["components"]["schemas"]["TileJSON"]["properties"]["tilejson"]["enum"] == ["3.0.0"]


def test_answers_are_as_described(described: Any) -> None:
    """Six questions a door that only its description suggested, most of them wrong in some way."""
    wrong, asked = [], 0
    for found in described.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal asked
            if "operation" in (case.path_parameters or {}):
                case.path_parameters["operation"] = "grid"
            case.call_and_validate(checks=CHECKS)
            asked += 1

        try:
            ask()
        except Exception as error:
            wrong.append(f"{operation.method.upper()} {operation.path}: {error!r} {error}"[:1500])
    assert not wrong, "\n\n".join(wrong)
    assert asked > 200


def test_answers_on_gridland_are_as_described(app: Any) -> None:
    """Every door that reads, asked for what is there."""
    body = app.openapi()
    checked = 0
    with TestClient(app) as client:
        for path, operations in body["paths"].items():
            if "get" not in operations or "text/html" in str(operations["get"]["responses"].get("200", "")):
                continue
            where = path.format_map(
                {"operation": "grid", "layer": "overlaps", "z": 6, "row": 31, "col": 33, "item": 1, "run": "x" * 20,
                 "zone": 1, "incident": 1, "job": 1, "batch": 1, "name": "sites", "suffix": "csv", "overlap": 1, "room": "hct",
                 "actor": 1, "step": 1, "of": "overlaps", "edit": 1}
            )  # fmt: skip
            query = {
                "layer": "sites",
                "layers": "boundaries",
                "lon": 10.25,
                "lat": 5.25,
                "subject": "incidents",
                "q": "10.2, 5.2",
                "hub": "5.2, 10.2",
                "at": "2026-10-18T00:00:00Z",
            }
            wanted = {
                p["name"] for p in operations["get"].get("parameters", ()) if p["in"] == "query" and p.get("required")
            }
            answer = client.get(where, params={name: query[name] for name in wanted})
            known = operations["get"]["responses"]
            assert str(answer.status_code) in known, (where, answer.status_code, answer.text[:200])
            checked += answer.status_code == 200
    assert checked >= 25
