"""Does the door give the map that the room may have, under OCHA's name for it, and refuse what cannot be?"""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlalchemy import Engine

from geoapp.app import create_app
from geoapp.settings import Settings

HERE = "/operations/grid/paper"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(contact="desk@example.org"), engine)) as made:
        yield made


def test_a_view_is_printed_for_its_room(client: TestClient) -> None:
    asked = {"layers": "areas_of_operation,overlaps", "bbox": "10,5,10.5,5.5", "datetime": "2026-01-01/2026-06-30"}
    answer = client.get(f"{HERE}/view.pdf", params={**asked, "audience": "hct", "size": "a4", "title": "Around <b>"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert 'filename="GRD006_view_a4_20261018.pdf"' in answer.headers["content-disposition"]
    said = " ".join(PdfReader(BytesIO(answer.content)).pages[0].extract_text().split())
    for part in ("Around <b>", "First Brigade", "desk@example.org", "For Humanitarian Country Team"):
        assert part in said
    assert "Secret" not in said


def test_what_cannot_be_printed_is_a_problem(client: TestClient) -> None:
    for path, status in (
        ("nothing.pdf", 404), ("view.pdf", 404), ("overview.docx", 406), ("overview.pdf?size=a2", 400),
        ("overview.pdf?layers=nothing", 404), ("overview.pdf?audience=nobody", 400), ("atlas.png", 406),
        (f"overview.pdf?title={'x' * 401}", 400),
    ):  # fmt: skip
        answer = client.get(f"{HERE}/{path}")
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")
