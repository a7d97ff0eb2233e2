"""One can see what it does, and not what it holds: each answer is a line, and nothing that somebody wrote is in it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import db
from geoapp.app import create_app
from geoapp.observe import logs
from geoapp.settings import Settings

HERE = "/operations/grid"
CANARY, PLACE, DAY = "Quokkastan Brigade", (10.13579, 5.24681), "1977-07-07"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines of the log so far."""
    root, ours = logging.getLogger(), logging.getLogger("geoapp")
    before = root.handlers, root.level, ours.level
    sink = io.StringIO()
    monkeypatch.setattr("sys.stderr", sink)
    logs.configure("json", home=tmp_path)
    yield lambda: [json.loads(line) for line in sink.getvalue().splitlines()]
    root.handlers = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(slow_statement_ms=200), engine), raise_server_exceptions=False) as made:
        yield made


def test_each_answer_is_one_line_with_its_number(client: TestClient, told: Callable) -> None:
    answer = client.get(f"{HERE}/collections/overlaps/items?limit=2&audience=hct")
    line = next(line for line in told() if line["event"] == "request")
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == (
        "GET",
        "/operations/{operation}/collections/{layer}/items",
        200,
    )
    assert (line["operation"], line["room"], line["rows"]) == ("grid", "hct", len(answer.json()["features"]))
    assert line["ms"] > 0
    text = client.get("/metrics").text
    assert 'geoapp_requests_total{route="/operations/{operation}/collections/{layer}/items",status="200"}' in text
    assert "geoapp_request_duration_seconds_bucket" in text


def test_a_slow_statement_of_a_tile_is_told(engine: Engine, gridded: Callable, told: Callable) -> None:
    asked = f"{HERE}/tiles/WebMercatorQuad/5/15/16?collections=areas_of_operation"
    for slow_ms, tellings in ((60_000, 0), (0, 1)):
        with TestClient(create_app(Settings(slow_statement_ms=slow_ms), engine)) as made:
            assert made.get(asked).status_code == 200
        slow = [line["sql"] for line in told() if line["event"] == "slow statement" and "WITH one AS" in line["sql"]]
        assert len(slow) == tellings


def test_nothing_that_somebody_wrote_is_told(
    client: TestClient,
    told: Callable,
    tmp_path: Path,
    engine: Engine,
    context: db.Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = [list(PLACE), [10.3, 5.2], [10.3, 5.4], list(PLACE)]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
               "properties": {"actor": CANARY, "domain": "military", "valid_from": DAY}}  # fmt: skip
    sent = client.post(
        f"{HERE}/imports",
        data={"kind": "areas", "source": CANARY},
        files={"file": (f"{CANARY}.geojson", json.dumps(feature))},
    )
    assert sent.status_code == 201
    client.post(f"{HERE}/imports", data={"kind": "areas"}, files={"file": (f"{CANARY}.csv", f"name,lat\n{CANARY},x")})
    client.get(f"{HERE}/export/areas_of_operation.csv")
    client.delete(f"{HERE}/imports/{sent.json()['batch']}")
    for path in (f"{HERE}/collections/{CANARY}/items", f"{HERE}/map?audience={CANARY}", f"/operations/{CANARY}", f"/{CANARY}",
                 f"{HERE}/identify?lon={PLACE[0]}&lat={PLACE[1]}", f"{HERE}/collections/areas_of_operation/items?actor={CANARY}",
                 f"{HERE}/collections/areas_of_operation/items?km2={CANARY}", f"{HERE}/places?q={CANARY}"):  # fmt: skip
        client.get(path, headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}"})
    monkeypatch.setattr("geoapp.api.map.json_bytes", lambda _: (_ for _ in ()).throw(RuntimeError(CANARY)))
    failed = client.get(f"{HERE}/identify?lon={PLACE[0]}&lat={PLACE[1]}")
    assert failed.status_code == 500
    with db.transaction(engine, context) as connection:
        connection.execute(text("SELECT pg_sleep(0.3), CAST(:word AS text)"), {"word": CANARY})
    with pytest.raises(Exception, match="invalid input"):  # noqa: SIM117
        with db.transaction(engine, context) as connection:
            connection.execute(text("SELECT CAST(CAST(:word AS text) AS date)"), {"word": CANARY})

    lines = told()
    events = {line["event"]: line for line in lines}
    assert {"import", "export", "withdraw", "request", "unforeseen", "slow statement"} <= set(events)
    assert (events["export"]["room"], events["export"]["who"], events["withdraw"]["removed"] > 0) == (
        "internal",
        "local",
        True,
    )
    assert events["unforeseen"]["error"] == "RuntimeError"
    assert events["unforeseen"]["request"] == failed.json()["reference"] == failed.headers["x-request-id"]
    everything = json.dumps(lines) + (tmp_path / "log" / "notable.jsonl").read_text()
    for written in (*CANARY.split(), "10.1357", "5.2468", DAY):
        assert written not in everything
    kept = list(logs.read_notable(tmp_path))
    assert {line["event"] for line in kept} == {"unforeseen", "slow statement"}
    assert "pg_sleep" in next(line["sql"] for line in kept if line["event"] == "slow statement")
