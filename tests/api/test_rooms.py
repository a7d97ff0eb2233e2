"""Rooms over HTTP: what each is told, changing a rule, and that nothing finer than a rule is in any answer."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import db
from geoapp.app import create_app
from geoapp.draw.query import source
from geoapp.export import LAYER_FORMATS
from geoapp.model.subjects import read_from
from geoapp.scope import Scope
from geoapp.settings import Settings
from layers import STACK, get
from tests.gridland import square

HERE = "/operations/grid"
ROOMS = f"{HERE}/audiences"
MARK = "Qx7Canary"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def test_a_rule_is_read_changed_and_taken_back(client: TestClient) -> None:
    told = client.get(f"{ROOMS}/cmwg_mixed").json()
    layers = {each["layer"]: each for each in told["layers"]}
    assert (layers["risk_zones"]["precision"], layers["risk_zones"]["shown"], layers["risk_zones"]["recorded"]) == (
        "admin2",
        1,
        1,
    )
    assert (layers["presence"]["precision"], layers["presence"]["shown"]) == ("withheld", 0)
    assert (layers["areas_of_operation"]["shown"], layers["areas_of_operation"]["recorded"]) == (5, 6)
    rule = f"{ROOMS}/cmwg_mixed/rules/risk_zones"
    assert client.put(rule, json={"precision": "exact"}).status_code == 428
    assert client.put(rule, json={"precision": "exact"}, headers={"If-Match": '"4"'}).status_code == 412
    done = client.put(rule, json={"precision": "exact", "reason": "Agreed"}, headers={"If-Match": '"0"'})
    assert (done.status_code, done.json(), done.headers["etag"]) == (200, {"version": 1}, '"1"')
    items = f"{HERE}/collections/risk_zones/items?audience=cmwg_mixed"
    assert client.get(items).json()["features"][0]["properties"]["name"] == "Crossing"
    (kept,) = client.get(f"{ROOMS}/cmwg_mixed").json()["history"]
    assert (kept["subject"], kept["precision"], kept["reason"], kept["until"]) == (
        "risk_zones",
        "exact",
        "Agreed",
        None,
    )
    assert client.delete(rule, headers={"If-Match": '"1"'}).status_code == 204
    assert client.get(items).json()["features"][0]["properties"]["name"] is None
    assert (
        client.put(
            f"{ROOMS}/cmwg_mixed/rules/nothing", json={"precision": "exact"}, headers={"If-Match": '"0"'}
        ).status_code
        == 400
    )


def test_a_room_that_reads_asks_for_itself_and_changes_nothing(client: TestClient) -> None:
    own = client.get(f"{ROOMS}/cmwg_mixed?audience=cmwg_mixed").json()
    assert all(each["recorded"] is None for each in own["layers"])
    assert client.get(f"{ROOMS}/hct?audience=cmwg_mixed").status_code == 403
    assert client.get(f"{ROOMS}/nobody").status_code == 404
    refused = client.put(
        f"{ROOMS}/cmwg_mixed/rules/risk_zones?audience=cmwg_mixed",
        json={"precision": "exact"},
        headers={"If-Match": '"0"'},
    )
    assert refused.status_code == 403
    said = {each["key"]: each.get("sentence") for each in client.get(f"{ROOMS}?audience=hct").json()["rooms"]}
    assert said["hct"] and said["cmwg_mixed"] is None


def test_a_tile_after_a_rule_is_of_the_rule(client: TestClient) -> None:
    """Also where the tile before was kept: a zone inside its district, then the district, then nothing."""
    tile = f"{HERE}/collections/risk_zones/tiles/WebMercatorQuad/9/248/270?audience=cmwg_mixed"
    before = client.get(tile).content
    assert mapbox_vector_tile.decode(before)["risk_zones"]["features"]
    client.put(f"{ROOMS}/cmwg_mixed/rules/risk_zones", json={"precision": "withheld"}, headers={"If-Match": '"0"'})
    assert mapbox_vector_tile.decode(client.get(tile).content) == {}


def test_only_what_is_asked_for_is_made(engine: Engine, gridded: Callable) -> None:
    """The branch of forms does not make PostgreSQL compute columns of records that nobody asked for."""
    scope = Scope("grid")
    with db.transaction(engine, scope.context()) as connection:
        sql = f"EXPLAIN VERBOSE SELECT t.id, t.status FROM ({source(get('overlaps'), scope)}) AS t"
        plan = "\n".join(row[0] for row in connection.execute(text(sql), scope.binds()))
    assert "string_agg" not in plan


@pytest.fixture
def marked(gridded: Callable) -> None:
    """Every noun with a mark in every text of it, at places that no district and no cell ends at."""
    from tests.gridland import area

    inside = square(3.313, 3.313, 0.1, 0.1)
    texts = {"name": f"{MARK} name", "basis": f"{MARK} basis", "author": f"{MARK} author", "notes": f"{MARK} note"}
    zone = {"likelihood": 4, "impact": 4, "valid_from": "2026-05-13", "valid_to": "2026-10-29", "handling": "GREEN"}
    assert gridded("risk_zones", [(inside, texts | zone)], "marked.geojson").landed
    civil = area("q1", f"{MARK} org", "civil", inside, name=f"{MARK} area", activity=f"{MARK} activity", date_from="2026-02-13",
                 source=f"{MARK} source")  # fmt: skip
    assert gridded("areas", [civil], "civil.geojson").landed
    hazard = {
        "name": f"{MARK} field",
        "hazard_type": "CHA",
        "hazards": "mines",
        "source": f"{MARK} source",
        "handling": "GREEN",
    }
    assert gridded("hazards", [(inside, hazard)], "hazard.geojson").landed
    pause = {"name": f"{MARK} pause", "arrangement_type": "humanitarian_pause", "note": f"{MARK} note", "parties": f"{MARK} parties",
             "date_from": "2026-05-13", "date_to": "2026-12-30", "handling": "GREEN"}  # fmt: skip
    assert gridded("arrangements", [(inside, pause)], "pause.geojson").landed
    site = f"name,type,latitude,longitude,operator,handling\n{MARK} site,clinic,5.33713,10.33713,{MARK} org,GREEN\n"
    assert gridded("sites", site, "site.csv").landed
    held = f"name,category,severity,latitude,longitude,reported_on,description,handling\n{MARK} post,interference,3,5.33713,10.33713,2026-05-13,{MARK} said,GREEN\n"
    assert gridded("constraints", held, "constraint.csv").landed
    rows = f"Organisation,Cluster,Admin2 P-code,Start date,End date,Handling\n{MARK} org,Health,GD0033,2026-01-13,2027-12-30,GREEN\n"
    assert gridded("presence", rows, "presence.csv").landed


SUBJECTS = (
    "risk_zones",
    "areas_of_operation",
    "hazards",
    "arrangements",
    "sites",
    "access_constraints",
    "presence",
    "overlaps",
)


@pytest.mark.parametrize("precision", ["admin2", "mgrs10", "count"])
def test_the_canary(client: TestClient, engine: Engine, marked: None, tmp_path: Path, precision: str) -> None:
    """No mark, no place and no day of a record is in any answer of a room that is told less, whatever it asks for."""
    for subject in SUBJECTS:
        done = client.put(
            f"{ROOMS}/cmwg_mixed/rules/{subject}", json={"precision": precision, "labels": "category", "dates": "month"},
            headers={"If-Match": '"0"'},
        )  # fmt: skip
        assert done.status_code == 200, done.text
    client.put(
        f"{ROOMS}/cmwg_mixed/rules/areas_of_operation.civil", json={"precision": precision, "labels": "category", "dates": "month"},
        headers={"If-Match": '"0"'},
    )  # fmt: skip
    # where somebody clicks stands in the answer: beside the marked place, within its shape
    room, lon, lat = "audience=cmwg_mixed", 10.336, 5.336
    names = [layer.name for layer in STACK if layer.name not in ("basemap", "boundaries")]
    asked = [f"collections/{name}/items?{room}" for name in names]
    asked += [f"collections/{name}/items?{room}&bbox=10.331,5.331,10.342,5.342" for name in names]
    asked += [f"labels?layer={name}&{room}" for name in names]
    asked += [f"lists/{name}?{room}&q={MARK}" for name in ("overlaps", "doubles", "gaps", "incidents")]
    asked += [
        f"panel?{room}",
        f"counts?{room}",
        f"histogram?{room}",
        f"trends?{room}",
        f"places?q={MARK}&{room}",
        "audiences?" + room,
    ]
    asked += [f"identify?lon={lon}&lat={lat}&zoom=12&{room}&" + "&".join(f"layer={name}" for name in names)]
    asked += [f"audiences/cmwg_mixed?{room}", f"map?{room}", f"overlaps?{room}"]
    seen = {address: client.get(f"{HERE}/{address}").content for address in asked}
    for z, x, y in ((6, 33, 31), (9, 270, 248), (12, 2165, 1987), (14, 8662, 7949)):
        for name in names:
            content = client.get(f"{HERE}/collections/{name}/tiles/WebMercatorQuad/{z}/{y}/{x}?{room}").content
            seen[f"{name} {z}"] = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    for suffix in LAYER_FORMATS:
        whole = ",".join(names) if LAYER_FORMATS[suffix].many else "risk_zones"
        seen[suffix] = client.get(f"{HERE}/export/{whole}{suffix}?{room}").content
    for address, content in seen.items():
        # what was asked stands in an answer; what was recorded does not
        said = content.replace(f"q={MARK}".encode(), b"").replace(f'"q":"{MARK}"'.encode(), b"")
        for word in (
            " org",
            " name",
            " area",
            " field",
            " site",
            " post",
            " pause",
            " said",
            " note",
            " source",
            " parties",
            " basis",
        ):
            assert (MARK + word).encode() not in said, address
        assert not re.search(
            rb"10\.33713|10\.33130?[,\]\s]|10\.34130?[,\]\s]|5\.33130?[,\]\s]|5\.34130?[,\]\s]", said
        ), address
        for day in (b"2026-05-13", b"2026-10-29", b"2026-12-30", b"2026-02-13", b"2026-01-13", b"2027-12-30"):
            assert day not in said, (address, day)
    with db.transaction(engine, db.Context("grid", "cmwg_mixed")) as connection:
        tables = (
            connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'facts' ORDER BY 1"))
            .scalars()
            .all()
        )
        for table in tables:
            at = "calc.history" if table == "history" else read_from(table)
            found = connection.execute(text(f"SELECT count(*) FROM {at} AS t WHERE t::text LIKE '%{MARK}%'")).scalar()
            assert found == 0, table
