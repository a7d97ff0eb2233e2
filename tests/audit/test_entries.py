"""What is told in the audit: every change once, by whom, of which record and which fields; never what was in them."""

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geoapp import db, ingest, jobs
from geoapp.app import create_app
from geoapp.settings import Settings
from tests import gridland
from tests.gridland import point, square

GRID = "/operations/grid"
Told = Callable[[], list[tuple[Any, ...]]]
_SINCE = text("""
    SELECT who, did, subject, record, version, fields, told, id FROM keys.audit WHERE id > :seen ORDER BY id
""")


@pytest.fixture
def told(owner: Engine, gridded: Callable[..., Any]) -> Told:
    """What was told since it was asked the last time: who, did, subject, record, version, fields, told."""
    with owner.connect() as connection:
        seen = [connection.execute(text("SELECT coalesce(max(id), 0) FROM keys.audit")).scalar_one()]

    def run() -> list[tuple[Any, ...]]:
        with owner.connect() as connection:
            rows = connection.execute(_SINCE, {"seen": seen[0]}).all()
        seen[0] = max([seen[0], *(row.id for row in rows)])
        return [tuple(row)[:-1] for row in rows]

    return run


@pytest.fixture
def client(engine: Engine, gridded: Callable[..., Any]) -> TestClient:
    return TestClient(create_app(Settings(), engine, worker=False))


def feature(shape: Any, **properties: Any) -> dict[str, Any]:
    return {"geometry": shape, "properties": properties}


def items(layer: str) -> str:
    return f"{GRID}/collections/{layer}/items"


def match(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def test_a_record_is_told_once_when_it_is_written_changed_and_taken_away(client: TestClient, told: Told) -> None:
    made = client.post(items("hazards"), json=feature(square(6, 6), name="Old field", hazard_type="SHA")).json()
    number = str(made["id"])
    assert told() == [("local", "added", "hazard_area", number, 1, None, None)]
    one = f"{items('hazards')}/{number}"
    assert client.patch(one, json=feature(None, name="Field"), headers=match(1)).status_code == 200
    assert told() == [("local", "changed", "hazard_area", number, 2, ["name"], None)]
    assert client.patch(one, json=feature(square(6, 7), hazard_type="CHA"), headers=match(2)).status_code == 200
    assert told() == [("local", "changed", "hazard_area", number, 3, ["hazard_type", "footprint_id"], None)]
    assert client.delete(one, headers=match(3)).status_code == 204
    assert told() == [("local", "removed", "hazard_area", number, 3, None, None)]


def test_an_incident_and_an_area_are_one_entry_each_and_nothing_that_follows_from_them(
    client: TestClient, told: Told
) -> None:
    where = {"type": "Point", "coordinates": point(3, 3)}
    made = client.post(items("incidents"), json=feature(where, event_type="Battles", occurred_from="2026-10-01"))
    assert told() == [("local", "added", "incident", str(made.json()["id"]), 1, None, None)]
    one = f"{items('incidents')}/{made.json()['id']}"
    moved = {"type": "Point", "coordinates": point(3.5, 3)}
    assert client.patch(one, json=feature(moved, event_type="Riots"), headers=match(1)).status_code == 200
    ((_, did, subject, _, version, fields, _),) = told()
    assert (did, subject, version, set(fields)) == ("changed", "incident", 2, {"geom", "event_type"})
    area = client.post(
        items("areas_of_operation"),
        json=feature(
            square(0, 0, 3, 3),
            actor="Water Aid Group",
            name="Wells",
            period_start="2026-03-01",
            period_end="2026-04-30",
        ),
    )
    assert area.status_code == 201, area.text
    number = str(area.json()["id"])
    assert told() == [("local", "added", "area", number, 1, None, None)]
    one = f"{items('areas_of_operation')}/{number}"
    assert client.patch(one, json=feature(square(0, 0, 2, 2)), headers=match(1)).status_code == 200
    assert told() == [("local", "changed", "area", number, 2, ["geometry"], None)]


def test_what_was_in_a_record_is_told_nowhere(client: TestClient, owner: Engine, told: Told) -> None:
    marker = "Quillfeather"
    made = client.post(
        items("hazards"), json=feature(square(6, 6), name=marker, source=marker, hazard_type="SHA")
    ).json()
    one = f"{items('hazards')}/{made['id']}"
    client.patch(one, json=feature(None, name=f"{marker} 2"), headers=match(1))
    client.post(
        items("hazards"), json=feature(square(6, 6), name=marker, hazard_type="SHA"), params={"audience": "hct"}
    )
    assert len(told()) == 3
    with owner.connect() as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM keys.audit AS a WHERE a::text ~ :m"), {"m": marker}).scalar()
            == 0
        )


def test_what_failed_is_not_told(client: TestClient, told: Told) -> None:
    assert client.post(items("hazards"), json=feature(square(6, 6), hazard_type="nothing")).status_code == 400
    made = client.post(items("hazards"), json=feature(square(6, 6), hazard_type="SHA")).json()
    told()
    one = f"{items('hazards')}/{made['id']}"
    assert client.patch(one, json=feature(None, name="x"), headers=match(7)).status_code == 412
    assert client.delete(f"{items('hazards')}/999999", headers=match(1)).status_code == 404
    assert told() == []


def test_who_is_refused_to_write_is_told_by_the_door(client: TestClient, told: Told) -> None:
    sent = client.post(items("hazards"), json=feature(square(6, 6), hazard_type="SHA"), params={"audience": "hct"})
    assert sent.status_code == 403
    assert told() == [("local", "refused", "POST collections/{layer}/items", None, None, None, None)]


def test_an_import_is_one_entry_and_so_is_taking_it_back(engine: Engine, told: Told, tmp_path: Path) -> None:
    lines = [gridland.incident(1000 + n, "2026-09-01", 1 + n % 5, 1 + n % 3) for n in range(300)]
    path = tmp_path / "many.csv"
    path.write_text("\n".join([gridland.HEAD, *lines]), encoding="utf-8")
    context = db.Context("grid", member="tester")
    report = ingest.run(engine, context, "incidents", path, source="many")
    assert report.landed and report.created == 300
    assert told() == [("tester", "imported", "batch", str(report.batch), None, None, None)]
    assert ingest.run(engine, context, "incidents", path, source="many", check=True).landed is False
    assert told() == []
    ingest.withdraw(engine, context, report.batch or 0)
    assert told() == [("tester", "withdrawn", "batch", str(report.batch), None, ["withdrawn_at"], None)]


def test_many_rows_of_one_statement_are_one_entry_with_their_number(engine: Engine, told: Told) -> None:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        rows = connection.execute(text("SELECT count(*) FROM facts.incident WHERE finest = 0")).scalar_one()
        assert rows < 21
        connection.execute(
            text("""
                INSERT INTO facts.actor (operation_id, name, name_key)
                SELECT calc.operation(), 'Actor ' || n, 'actor ' || n FROM generate_series(1, 21) AS n
            """)
        )
    assert told() == [("tester", "added", "actor", None, None, None, {"rows": 21})]


def test_publishing_is_called_so(client: TestClient, told: Told) -> None:
    zone = feature(square(3, 3), name="Ford", threat_category="armed_conflict", likelihood=3, impact=3, valid_to="2026-11-08",
                   author="A. Adviser")  # fmt: skip
    number = client.post(items("risk_zones"), json=zone).json()["id"]
    steps = f"{GRID}/risk-zones/{number}/steps"
    for version, (step, by) in enumerate(
        [("send", "A. Adviser"), ("publish", "R. Viewer"), ("withdraw", "R. Viewer")], 1
    ):
        assert client.post(steps, json={"step": step, "by": by}, headers=match(version)).status_code == 200
    done = told()
    assert [(did, version) for _, did, _, _, version, *_ in done] == [
        ("added", 1), ("changed", 2), ("published", 3), ("withdrawn", 4),
    ]  # fmt: skip
    assert {(subject, record) for _, _, subject, record, *_ in done} == {("risk_zone", str(number))}


def test_what_leaves_is_told_with_room_layers_numbers_and_hash_before_it_is_sent(
    client: TestClient, told: Told
) -> None:
    got = client.get(f"{GRID}/export/incidents.csv", params={"audience": "internal"})
    assert got.status_code == 200
    ((who, did, what, form, _, _, said),) = told()
    assert (who, did, what, form) == ("local", "exported", "incidents", "csv")
    assert said["sha256"] == hashlib.sha256(got.content).hexdigest()
    assert said["bytes"] == len(got.content)
    assert said["layers"] == {"incidents": len(list(csv.reader(io.StringIO(got.text.lstrip("\ufeff"))))) - 2}


def test_what_is_not_written_to_the_audit_is_not_sent(client: TestClient, owner: Engine, told: Told) -> None:
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE keys.audit ADD CONSTRAINT no_exports CHECK (did <> 'exported') NOT VALID"))
    answer = TestClient(client.app, raise_server_exceptions=False).get(f"{GRID}/export/incidents.csv")
    assert answer.status_code == 500
    assert told() == []


def test_a_pack_is_told_when_it_is_kept(engine: Engine, told: Told) -> None:
    manifest = {"pack": "hct", "files": [{"records": {"overlaps": 3, "incidents": 1}}, {"records": {"overlaps": 3}}]}
    result = {"bytes": 3, "sha256": hashlib.sha256(b"zip").hexdigest(), "manifest": manifest}
    with db.transaction(engine, db.Context("grid", "hct", member="tester")) as connection:
        number = jobs.keep_pack(connection, db.Context("grid", "hct"), {"pack": "hct"}, result, io.BytesIO(b"zip"))
    said = {"layers": {"overlaps": 3, "incidents": 1}, "files": 2, "sha256": result["sha256"], "bytes": 3}
    assert told() == [("tester", "packed", "hct", str(number), None, None, said)]


def test_the_door_shows_the_newest_first_page_by_page_and_narrowed(client: TestClient) -> None:
    for n in range(5):
        client.post(items("hazards"), json=feature(square(6, 6), name=str(n), hazard_type="SHA"))
    first = client.get(f"{GRID}/audit", params={"limit": 3, "subject": "hazard_area"}).json()
    rest = client.get(f"{GRID}/audit", params={"limit": 3, "subject": "hazard_area", "before": first["next"]}).json()
    numbers = [entry["id"] for entry in first["entries"] + rest["entries"]]
    assert len(numbers) == 5 and numbers == sorted(numbers, reverse=True)
    assert rest["next"] is None
    assert first["entries"][0]["opens"] == f"hazards/{first['entries'][0]['record']}"
    assert first["chain"]["unsealed"] == first["chain"]["entries"]
    assert client.get(f"{GRID}/audit", params={"who": "nobody"}).json()["entries"] == []
    assert client.get(f"{GRID}/audit", params={"since": "2100-01-01"}).json()["entries"] == []
    assert client.get(f"{GRID}/audit", params={"audience": "hct"}).status_code == 403
    assert client.get(f"{GRID}/audit", params={"limit": 0}).status_code == 400
    table = list(csv.DictReader(io.StringIO(client.get(f"{GRID}/audit", params={"f": "csv", "did": "added"}).text)))
    assert len([row for row in table if row["subject"] == "hazard_area"]) == 5
    assert client.get(f"{GRID}/audit").json()["entries"][0]["did"] == "exported"
