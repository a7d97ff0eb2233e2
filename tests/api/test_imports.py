"""Files over HTTP in two steps: a check says what would land, landing lands just that; what does not land comes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from starlette.testclient import TestClient

from geoapp import db, jobs, record
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.settings import Settings

HERE = "/operations/grid"
WELLS = "name,type,lat,lon,remark\n" + "\n".join(f"Well {n},water_point,5.{n:02},10.{n:02},x" for n in range(9))
WRONG = "\n-1+1,water_point,north,10.5,x\n"


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def send(client: TestClient, content: str = WELLS + WRONG, query: str = "", **data: str) -> Any:
    return client.post(
        f"{HERE}/imports{query}", data={"kind": "sites"} | data, files={"file": ("wells été.csv", content)}
    )


def sites(engine: Engine, context: db.Context) -> int:
    with db.transaction(engine, context) as connection:
        return int(connection.execute(text("SELECT count(*) FROM facts.site")).scalar_one())


def test_what_was_checked_lands_without_being_sent_again(
    client: TestClient, engine: Engine, context: db.Context
) -> None:
    checked = send(client, query="?check=true")
    assert checked.status_code == 200
    said = checked.json()
    assert (said["check"], said["lands"], said["landed"], said["created"], said["rejected"]) == (
        True,
        True,
        False,
        9,
        1,
    )
    assert (said["map"]["type"], said["map"]["records"], said["map"]["without_place"]) == ("FeatureCollection", 9, 0)
    assert sum(each["properties"]["n"] for each in said["map"]["features"]) == 9
    assert sites(engine, context) == 0
    assert client.get(f"{HERE}/imports").json() == []
    where = f"{HERE}/imports/checks/{said['job']}/land"
    landed = client.post(where)
    assert landed.status_code == 201, landed.text
    assert {n: v for n, v in landed.json().items() if n in ("created", "updated", "unchanged", "rejected", "groups", "matched")} == {
        n: v for n, v in said.items() if n in ("created", "updated", "unchanged", "rejected", "groups", "matched")
    }  # fmt: skip
    assert sites(engine, context) == 9
    assert client.post(where).json() == landed.json(), "asked twice, it lands once"
    assert [b["batch"] for b in client.get(f"{HERE}/imports").json()] == [landed.json()["batch"]]
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.job_file")).scalar_one() == 0


def test_the_rejected_rows_of_a_batch_are_a_file(client: TestClient) -> None:
    said = send(client).json()
    place = f"{HERE}/imports/{said['batch']}/rejected"
    found = client.get(f"{place}.csv")
    assert found.status_code == 200
    assert found.headers["content-disposition"] == 'attachment; filename="wells-t_rejected_TLP-AMBER.csv"'
    assert "'-1+1,water_point,north" in found.content.decode("utf-8-sig")
    assert client.head(f"{place}.csv").headers["content-type"] == found.headers["content-type"]
    assert client.get(f"{place}.xlsx").content[:2] == b"PK"
    assert client.get(f"{place}.geojson").status_code == 406
    assert client.get(f"{HERE}/imports/99/rejected.csv").status_code == 404
    assert client.get(f"{place}.csv?audience=public").status_code == 404
    assert client.get(f"{HERE}/jobs/{said['job']}/rejected.csv").content == found.content


def test_a_file_that_is_refused_gives_all_its_rows_back(client: TestClient) -> None:
    refused = send(client, "name,type,lat,lon\nA,x,here,1\nB,x,5.1,10.1\n")
    assert refused.status_code == 422
    assert refused.json()["rejected_rows"]["rows"] == 2
    assert len(client.get(f"{HERE}/jobs/{refused.json()['job']}/rejected.csv").text.splitlines()) == 3
    wrong = send(client, "name,type,lat,lon\nA,x,here,1\n", query="?check=true").json()
    assert client.post(f"{HERE}/imports/checks/{wrong['job']}/land").status_code == 409


def test_what_has_changed_since_the_check_is_said(client: TestClient, engine: Engine, context: db.Context) -> None:
    said = send(client, query="?check=true").json()
    assert send(client, "name,type,lat,lon\nElsewhere,water_point,5.9,10.9\n").status_code == 201
    late = client.post(f"{HERE}/imports/checks/{said['job']}/land")
    assert (late.status_code, late.json()["changed"]) == (409, ["sites"])
    assert "wells été.csv" in late.json()["detail"]
    assert sites(engine, context) == 1


def test_the_file_of_a_check_goes_after_an_hour(client: TestClient, engine: Engine, context: db.Context) -> None:
    said = send(client, query="?check=true").json()

    def kept() -> tuple[int, ...]:
        with db.transaction(engine, context) as connection:
            return tuple(connection.execute(text(
                "SELECT (SELECT count(*) FROM facts.job_file), (SELECT count(*) FROM facts.rejected),"
                " (SELECT count(*) FROM queue.procrastinate_jobs WHERE scheduled_at > now() + interval '50 min')"
            )).one())  # fmt: skip

    assert kept() == (1, 1, 1)
    with db.transaction(engine, context) as connection:
        jobs.forget(connection, said["job"])
    assert kept() == (1, 1, 1), "an hour is not over"
    with db.transaction(engine, context) as connection:
        connection.execute(text("UPDATE facts.job SET ended_at = ended_at - interval '61 min'"))
        jobs.forget(connection, said["job"])
    assert kept()[:2] == (0, 0)
    assert client.post(f"{HERE}/imports/checks/{said['job']}/land").status_code == 409


def test_a_check_that_is_dropped_is_not_landed(client: TestClient, engine: Engine, context: db.Context) -> None:
    said = send(client, query="?check=true").json()
    (job,) = client.get(f"{HERE}/jobs").json()
    assert (job["id"], job["check"], job["open"], job["result"]["created"]) == (said["job"], True, True, 9)
    assert client.delete(f"{HERE}/imports/checks/{said['job']}").status_code == 204
    assert client.get(f"{HERE}/jobs/{said['job']}").json()["open"] is False
    assert client.post(f"{HERE}/imports/checks/{said['job']}/land").status_code == 409
    assert client.get(f"{HERE}/jobs/{said['job']}/rejected.csv").status_code == 404


def test_a_check_needs_no_kind_and_other_imports_do(client: TestClient, gridded: Callable) -> None:
    from tests.gridland import PRESENCE

    said = send(client, PRESENCE, query="?check=true", kind="").json()
    assert (said["kind"], said["look"]["kinds"][0]["key"]) == ("presence", "presence")
    assert client.post(f"{HERE}/imports/checks/{said['job']}/land").status_code in (201, 422)
    assert send(client, PRESENCE, kind="").status_code == 400
    assert client.post(f"{HERE}/imports/checks/999/land").status_code == 404
    assert client.post(f"{HERE}/imports/checks/{said['job']}/land?audience=public").status_code in (403, 404)


def test_known_identifiers_that_are_elsewhere_and_something_else_land_when_said_to_be_the_same(
    client: TestClient,
) -> None:
    head = "site id,name,lat,lon\n"
    assert send(client, head + "W-7,Well,5.1,10.1").status_code == 201
    other = head + "W-7,Clinic,5.9,10.9"
    refused = send(client, other)
    assert refused.status_code == 422
    assert "another-thing" in {group["code"] for group in refused.json()["groups"]}
    assert send(client, other, moved="true").json()["updated"] == 1


ODD = "Ref,What is it,Breite,Länge,Bemerkung\n" + "\n".join(
    f"Well {n},water_point,5.{n:02},10.{n:02},x" for n in range(9)
)
SETTLED = {"name": "Ref", "facility_type": "What is it", "lat": "Breite", "lon": "Länge"}


def test_what_was_settled_for_a_source_holds_for_its_next_file(
    client: TestClient, engine: Engine, context: db.Context, urls: Urls
) -> None:
    place = f"{HERE}/imports/templates"
    wanted = {"kind": "sites", "source": "Water office", "handling": "GREEN", "columns": SETTLED}
    assert client.put(f"{place}/Wells é", json=wanted).json()["columns"] == SETTLED
    (kept,) = client.get(place).json()
    assert client.get(f"{place}/Wells é").json() == kept
    assert kept["saved_at"] and kept.items() >= (wanted | {"name": "Wells é", "sheet": None}).items()

    assert send(client, ODD).status_code == 422, "the columns are not known by their headers"
    checked = send(client, ODD, query="?check=true", kind="", template="*").json()
    assert (checked["lands"], checked["kind"], checked["template"], checked["source"]) == (
        True, "sites", "Wells é", "Water office",
    )  # fmt: skip
    client.put(f"{place}/Wells é", json=wanted | {"columns": SETTLED | {"lat": "Länge", "lon": "Breite"}})
    landed = client.post(f"{HERE}/imports/checks/{checked['job']}/land")
    assert (landed.status_code, landed.json()["created"]) == (201, 9), "as the template was when the file was checked"
    with db.transaction(engine, context) as connection:
        stored = connection.execute(
            text(
                "SELECT DISTINCT s.handling::text, ST_Y(s.geom) BETWEEN 5 AND 6, b.source FROM facts.site AS s JOIN facts.batch AS b ON b.id = s.batch_id"
            )
        ).all()
    assert stored == [("GREEN", True, "Water office")]
    client.put(f"{place}/Wells é", json=wanted)
    assert send(client, ODD + "\n", kind="", template="Wells é").json()["unchanged"] == 9

    other = send(client, ODD.replace("Breite", "North"), template="Wells é").json()
    assert not other["landed"]
    (told,) = [each for each in other["groups"] if each["code"] == "template-does-not-fit"]
    assert "'Wells é'" in told["cause"] and "no Breite" in told["cause"]
    assert send(client, ODD.replace("Breite", "North"), template="*").json().get("template") is None
    assert send(client, ODD, template="Wells é", kind="roads").status_code == 400
    assert send(client, ODD, template="Another").status_code == 404

    assert client.get(place, params={"audience": "public"}).json() == []
    assert client.get(f"{place}/Wells é", params={"audience": "public"}).status_code == 404
    assert client.put(f"{place}/Mine", params={"audience": "public"}, json=wanted).status_code == 403
    assert client.delete(f"{place}/Wells é", params={"audience": "public"}).status_code == 403
    for wrong in (
        {"kind": "stars"},
        {"columns": {"lat": ""}},
        {"columns": {"star": "Ref"}},
        {"handling": "BLACK"},
        {"source": " "},
    ):
        assert client.put(f"{place}/Wells é", json=wanted | wrong).status_code == 400, wrong
    owner = create_engine(urls.owner)
    record.add_operation(owner, "elsewhere", "Elsewhere")
    owner.dispose()
    assert client.get("/operations/elsewhere/imports/templates").json() == []
    assert client.put("/operations/elsewhere/imports/templates/Wells é", json=wanted).status_code == 200
    assert client.delete(f"{place}/Wells é").status_code == 204
    assert client.delete(f"{place}/Wells é").status_code == 404
    assert len(client.get("/operations/elsewhere/imports/templates").json()) == 1
