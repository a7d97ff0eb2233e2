"""OGC API Features as other programs know it: links, forms, systems, what a box meets, CQL2, order, and what may be asked by."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import pyproj
import pytest
import shapely
from sqlalchemy import Engine, event, text
from starlette.testclient import TestClient

from geoapp import db
from geoapp.api.landing import CONFORMS
from geoapp.app import create_app
from geoapp.errors import TooLong
from geoapp.scope import Scope
from geoapp.settings import Settings
from tests.gridland import INCIDENTS, incident

HERE = "/operations/grid"
ITEMS = f"{HERE}/collections/{{}}/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def asked(client: TestClient, layer: str, **more: str) -> dict[str, Any]:
    answer = client.get(ITEMS.format(layer), params={k.replace("_", "-"): v for k, v in more.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(found: dict[str, Any]) -> list[int]:
    return [each["id"] for each in found["features"]]


def rels(body: dict[str, Any]) -> dict[str, str]:
    assert all(link["type"] for link in body["links"])
    return {link["rel"]: link["href"] for link in body["links"]}


def test_the_landing_page_comes_in_the_form_asked_for(client: TestClient) -> None:
    page = client.get(f"{HERE}?audience=hct", headers=HTML, follow_redirects=False)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'href="http://testserver{HERE}/collections?audience=hct"' in page.text
    assert f'href="{HERE}/map?audience=hct"' in page.text
    assert "https://" not in page.text
    for path, headers in (
        (HERE, {}),
        (f"{HERE}/", {}),
        (f"{HERE}?f=json", HTML),
        (HERE, {"Accept": "application/json"}),
    ):
        answer = client.get(path, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.json()["key"]) == (200, "grid")
        assert {"self", "alternate", "conformance", "data", "service-desc"} <= set(rels(answer.json()))
    assert client.get(f"{HERE}?f=html").headers["content-type"].startswith("text/html")
    assert client.get(f"{HERE}?f=pdf").status_code == 400
    assert client.get(f"{HERE}/conformance").json()["conformsTo"] == CONFORMS


def test_every_page_and_record_says_where_it_stands(client: TestClient) -> None:
    first = asked(client, "boundaries", limit="30", audience="hct")
    fields = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    assert set(rels(first)) == {"self", "alternate", "collection", "next", fields}
    assert "pcode" in client.get(rels(first)[fields]).json()["properties"]
    second = client.get(rels(first)["next"])
    assert set(rels(second.json())) == {"self", "alternate", "collection", "next", "prev", fields}
    assert ids(client.get(rels(second.json())["prev"]).json()) == ids(first)
    assert f'<{rels(second.json())["next"]}>; rel="next"; type="application/geo+json"' in second.headers["link"]
    one = client.get(f"{ITEMS.format('boundaries')}/{ids(first)[0]}?audience=hct")
    said = rels(one.json())
    assert said["self"] == f"http://testserver{ITEMS.format('boundaries')}/{ids(first)[0]}?audience=hct"
    assert client.get(said["self"]).content == one.content
    assert client.get(said["collection"]).json()["id"] == "boundaries"
    for wrong in ("x", "1.5", "99999999999999999999", "1%00"):
        assert client.get(f"{ITEMS.format('boundaries')}/{wrong}").status_code == 404, wrong


def test_a_box_selects_what_truly_meets_it(client: TestClient, gridded: Callable, engine: Engine) -> None:
    corner = {"type": "Polygon", "coordinates": [[[10, 5], [10.9, 5], [10, 5.9], [10, 5]]]}
    assert gridded("areas", [(corner, {"actor": "Corner", "domain": "civil"})]).landed
    near, far = (
        asked(client, "areas_of_operation", bbox=box)["features"]
        for box in ("10.05,5.05,10.1,5.1", "10.8,5.8,10.85,5.85")
    )
    assert "Corner" in {f["properties"]["actor"] for f in near}
    assert "Corner" not in {f["properties"]["actor"] for f in far}, "its box meets, its shape does not"
    statements = []
    with db.transaction(engine, Scope("grid").context()) as connection:
        event.listen(connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
    with TestClient(create_app(Settings(), engine)) as again:
        event.listen(engine, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        asked(again, "incidents", bbox="10.2,5.2,10.3,5.3")
    sql, binds = next((sql, binds) for sql, binds in statements if "ST_AsGeoJSON" in sql)
    with db.transaction(engine, Scope("grid", purpose="items").context()) as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", binds))
    assert re.search(r"Index Cond: .*geom && ", plan), plan


def test_a_box_across_180_degrees_is_its_two_halves(client: TestClient, gridded: Callable) -> None:
    west, east, middle = (
        {"type": "Polygon", "coordinates": [[[x, 5], [x + 0.4, 5], [x + 0.4, 5.4], [x, 5.4], [x, 5]]]}
        for x in (179.2, -179.6, -170)
    )
    actors = {name: {"actor": name, "domain": "civil"} for name in ("West", "East", "Beyond")}
    assert gridded("areas", list(zip((west, east, middle), actors.values(), strict=True))).landed
    told = {
        "179,5,-179,5.5": {"West", "East"}, "179,5,0,-179,5.5,9": {"West", "East"}, "179.7,5,-179.5,5.5": {"East"},
        "179,5.3,-169,6": {"West", "East", "Beyond"}, "179,6,-179,7": set(), "-179,5,-169,6": {"Beyond"},
    }  # fmt: skip
    for box, actors_there in told.items():
        found = asked(client, "areas_of_operation", bbox=box)
        assert {f["properties"]["actor"] for f in found["features"]} == actors_there, box
        assert found["numberMatched"] == len(found["features"])
    northing = asked(client, "areas_of_operation", bbox="5,179,5.5,-179", bbox_crs=f"{EPSG}4326")
    assert {f["properties"]["actor"] for f in northing["features"]} == {"West", "East"}
    for wrong in ("181,5,-179,6", "179,6,-179,5", "179,5,-181,6"):
        assert client.get(ITEMS.format("areas_of_operation"), params={"bbox": wrong}).status_code == 400, wrong
    assert client.get(f"{HERE}/counts", params={"bbox": "179,5,-179,6"}).status_code == 400, (
        "only items are told across it"
    )


def test_every_system_of_the_operation_tells_the_same_place(client: TestClient) -> None:
    described = client.get(f"{HERE}/collections/areas_of_operation").json()
    assert described["storageCrs"] == described["crs"][0] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert {f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}32632"} <= set(described["crs"])
    degrees = gpd.GeoDataFrame.from_features(asked(client, "areas_of_operation"), crs="OGC:CRS84")
    for uri in described["crs"]:
        answer = client.get(ITEMS.format("areas_of_operation"), params={"crs": uri})
        assert answer.headers["content-crs"] == f"<{uri}>"
        shapes = gpd.GeoDataFrame.from_features(answer.json()).geometry
        code = uri.rsplit("/", 1)[1]
        if code == "4326":
            assert (
                shapes.iloc[0].bounds == degrees.geometry.iloc[0].bounds[1::-1] + degrees.geometry.iloc[0].bounds[:1:-1]
            )
        elif code.isdigit():
            expected = degrees.to_crs(int(code)).geometry
            assert shapely.hausdorff_distance(shapes.values, expected.values).max() < 0.02
        # the same box, said in the system, finds the same
        move = pyproj.Transformer.from_crs("OGC:CRS84", uri if code == "CRS84" else f"EPSG:{code}").transform
        if code == "CRS84":
            move = lambda x, y: (x, y)  # noqa: E731
        (a, b), (c, d) = move(10.42, 5.01), move(10.48, 5.38)
        box = ",".join(map(str, (min(a, c), min(b, d), max(a, c), max(b, d))))
        found = asked(client, "areas_of_operation", bbox=box, bbox_crs=uri)
        assert {f["properties"]["actor"] for f in found["features"]} == {"Water Aid Group", "Town Police"}
        spatial = f"S_INTERSECTS(geometry, BBOX({box}))"
        assert ids(asked(client, "areas_of_operation", filter=spatial, filter_crs=uri)) == ids(found)
        one = client.get(f"{ITEMS.format('areas_of_operation')}/{ids(found)[0]}", params={"crs": uri})
        assert one.headers["content-crs"] == f"<{uri}>"
    world = client.get(f"{HERE}/collections/basemap").json()
    assert world["crs"] == described["crs"][:2], "a metre grid does not reach the poles"
    for name in ("crs", "bbox-crs", "filter-crs"):
        for uri in ("EPSG:4326", f"{EPSG}2154", "x'; DROP TABLE facts.area"):
            refused = client.get(
                ITEMS.format("areas_of_operation"), params={name: uri, "bbox": "0,0,1,1", "filter": "km2 > 1"}
            )
            assert refused.status_code == 400, (name, uri)
    for box in ("5,10", "nan,0,1,1", "1e400,0,1,1", "2,2,1,1"):
        assert (
            client.get(ITEMS.format("areas_of_operation"), params={"bbox-crs": f"{EPSG}3857", "bbox": box}).status_code
            == 400
        )


def test_a_filter_in_text_and_in_json_is_the_same(client: TestClient) -> None:
    both = [
        ("km2 > 1000 AND domain = 'military'", {"op": "and", "args": [{"op": ">", "args": [{"property": "km2"}, 1000]}, {"op": "=", "args": [{"property": "domain"}, "military"]}]}),
        ("CASEI(actor) LIKE CASEI('%BRIGADE')", {"op": "like", "args": [{"op": "casei", "args": [{"property": "actor"}]}, {"op": "casei", "args": ["%BRIGADE"]}]}),
        ("period_start >= DATE('2026-07-01')", {"op": ">=", "args": [{"property": "period_start"}, {"date": "2026-07-01"}]}),
        ("T_INTERSECTS(INTERVAL(period_start, period_end), INTERVAL('2026-08-01', '..'))",
         {"op": "t_intersects", "args": [{"interval": [{"property": "period_start"}, {"property": "period_end"}]}, {"interval": ["2026-08-01", ".."]}]}),
    ]  # fmt: skip
    expected = [{"First Brigade"}, {"First Brigade"}, {"Late Comers"}, {"Late Comers"}]
    for (written, tree), actors in zip(both, expected, strict=True):
        found = asked(client, "areas_of_operation", filter=written)
        assert {f["properties"]["actor"] for f in found["features"]} == actors, written
        assert found["numberMatched"] == len(actors)
        assert ids(asked(client, "areas_of_operation", filter=json.dumps(tree), filter_lang="cql2-json")) == ids(found)


def test_order_and_fields_are_those_asked_for_on_every_page(client: TestClient) -> None:
    whole = asked(client, "areas_of_operation", sortby="-km2,actor", properties="actor,km2")
    rows = [f["properties"] for f in whole["features"]]
    assert all(set(row) == {"id", "actor", "km2"} for row in rows)
    assert rows == sorted(rows, key=lambda r: (-r["km2"], r["actor"]))
    url, seen = f"{ITEMS.format('areas_of_operation')}?sortby=-km2,actor&limit=2&filter=km2%3E0", []
    while url:
        page = client.get(url).json()
        seen += ids(page)
        url = rels(page).get("next")
    assert seen == ids(whole)
    for wrong in ({"sortby": "colour"}, {"properties": "colour"}, {"sortby": "km2;DROP"}, {"sortby": "-"}):
        assert client.get(ITEMS.format("areas_of_operation"), params=wrong).status_code == 400, wrong


def test_nothing_withheld_is_asked_by(client: TestClient) -> None:
    for room, told in (("internal", True), ("hct", False)):
        known = client.get(f"{HERE}/collections/overlaps/queryables?audience={room}").json()["properties"]
        assert ("owner" in known) is told
        for asking in ({"filter": "owner IS NULL"}, {"filter": "CASEI(owner) = CASEI('x')"}, {"sortby": "owner"}, {"properties": "owner"},
                       {"filter": json.dumps({"op": "isNull", "args": [{"property": "owner"}]}), "filter-lang": "cql2-json"}):  # fmt: skip
            answer = client.get(ITEMS.format("overlaps"), params={"audience": room, **asking})
            assert (answer.status_code == 200) is told, (room, asking)
            if not told:  # as if there were no such field
                none = client.get(
                    ITEMS.format("overlaps"),
                    params={"audience": room, **{k: v.replace("owner", "nobody") for k, v in asking.items()}},
                )
                assert answer.json()["detail"].replace("owner", "nobody") == none.json()["detail"]
    # a field that a rule of the room withholds from one layer is unknown to the filter from then on
    by_name = {"filter": "name = 'Crossing'", "audience": "hct"}
    assert client.get(ITEMS.format("risk_zones"), params=by_name).json()["numberMatched"] == 1
    rule = {"precision": "exact", "withheld": ["name"]}
    made = client.put(f"{HERE}/audiences/hct/rules/risk_zones", json=rule, headers={"If-Match": '"0"'})
    assert made.status_code in (200, 201), made.text
    assert client.get(ITEMS.format("risk_zones"), params=by_name).status_code == 400


ATTACKS = [
    "km2 > 1; DROP TABLE facts.area", "actor = '' OR 1=1 --'", "pg_sleep(10) = 1", "actor = pg_sleep(10)", "(" * 3990 + "1" + ")" * 3990, "NOT " * 1990 + "km2 = 1",
    "km2 = " + "-" * 7900 + "1", "km2 = " + "- " * 3900 + "1", '"\'" = ' + "(" * 3900 + "1" + ")" * 3900 + ' AND "\'" = 1',
    "actor LIKE '" + "%a" * 2000 + "'", "actor LIKE 'a\\'", "km2 = 1e999", "km2 = 'x'", "actor = 5", "km2", "", "'x'", "km2 IN ()", "km2 IN ('x')", "actor IN (1)",
    "km2 IN (" + ",".join(["1"] * 1001) + ")", " AND ".join(["km2=1"] * 500), "actor = 'a\x00b'", "period_start > DATE('2026-13-01')", "period_start > TIMESTAMP('2026-01-01T00:00:00Z')",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "S_INTERSECTS(geometry, POLYGON((0 0, 1 0)))", "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 2)))",
    "S_INTERSECTS(geometry, POINT(500 5))", "S_INTERSECTS(geometry, geometry)", "S_INTERSECTS(actor, POINT(1 2))", "S_WITHIN(geometry)", "T_AFTER(km2, DATE('2026-01-01'))", "T_AFTER(period_start)",
    "actor > km2", "actor BETWEEN 1 AND 2", "secret = 1", "t.actor = 'x'", '"actor"" = 1 --" = 2', "ACCENTI(actor) = 'x'", "km2 + 1 = 2", "CASEI(km2) = 1", "x" * 8001,
]  # fmt: skip
JSON_ATTACKS = [
    "{", "[]", "null", "5", '{"op": "and", "args": []}', '{"op": "="}', '{"op": ["x"], "args": []}', '{"op": "=", "args": [{"property": ["actor"]}, "x"]}',
    '{"op":"not","args":[' * 500 + "true" + "]}" * 500, '{"op": "=", "args": [{"property": "actor"}, "\\ud800"]}', '{"op": "=", "args": [{"property": "actor"}, "\\u0000"]}',
    '{"op": "in", "args": [{"property": "km2"}, [NaN]]}', '{"op": "in", "args": [{"property": "km2"}, [[1]]]}', '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": "x"}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": [[[0,0],[null,1],[1,1],[0,0]]]}]}', '{"op": "t_after", "args": [{"interval": [1, 2]}, {"date": 5}]}',
    '{"op": "t_after", "args": [{"date": "2026-01-01T00:00:00Z"}, {"date": "x"}]}', '{"op": "casei", "args": [{"property": "actor"}]}', '{"op": "like", "args": [{"property": "actor"}, {"property": "actor"}]}',
]  # fmt: skip


def test_what_is_no_filter_is_told_and_costs_nothing(client: TestClient, engine: Engine) -> None:
    for language, filters in (("cql2-text", ATTACKS), ("cql2-json", JSON_ATTACKS)):
        for each in filters:
            if not each:
                continue
            answer = client.get(ITEMS.format("areas_of_operation"), params={"filter": each, "filter-lang": language})
            assert answer.status_code == 400, (each[:80], answer.text[:200])
            assert answer.headers["content-type"] == "application/problem+json"
    assert (
        client.get(ITEMS.format("areas_of_operation"), params={"filter": "km2 > 1", "filter-lang": "sql"}).status_code
        == 400
    )
    assert asked(client, "areas_of_operation", filter="actor = 'x'' OR ''1''=''1'")["features"] == [], (
        "a value is a value"
    )


def test_a_filter_that_takes_too_long_is_ended(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geoapp.draw.features.LONGEST_S", 0.001)
    answer = client.get(ITEMS.format("doubles"), params={"filter": "actors LIKE '%x%'"})
    assert (answer.status_code, "takes the database longer" in answer.text) == (503, True)
    assert "fewer terms" in answer.json()["hint"]
    engine = client.app.state.engine
    with pytest.raises(TooLong), db.transaction(engine, db.Context("grid")) as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 20")
        connection.exec_driver_sql("SELECT pg_sleep(5)")


def test_a_room_that_records_sees_its_own_restricted_incidents(client: TestClient, gridded: Callable) -> None:
    restricted = "\n".join([INCIDENTS.split("\n")[0], incident(77, "2026-04-01", 6, 6)])
    assert "licence" not in asked(client, "incidents")
    assert gridded("incidents", restricted, "acled.csv", source="acled").created == 1
    own = asked(client, "incidents")
    (held,) = [f["id"] for f in own["features"] if f["properties"]["source"] == "acled"]
    assert "ACLED" in own["licence"]
    assert "ACLED" in client.get(f"{ITEMS.format('incidents')}/{held}").json()["licence"]
    other = next(f["id"] for f in own["features"] if f["id"] != held)
    assert "licence" not in client.get(f"{ITEMS.format('incidents')}/{other}").json()
    assert asked(client, "incidents", filter="source = 'acled'")["numberMatched"] == 1
    assert "ACLED" in client.get(f"{HERE}/collections/incidents/tilejson.json").json()["attribution"]
    for room in ("hct", "public"):
        assert "attribution" not in client.get(f"{HERE}/collections/incidents/tilejson.json?audience={room}").json()
        found = asked(client, "incidents", audience=room)
        assert held not in ids(found)
        assert "licence" not in found
        assert client.get(f"{ITEMS.format('incidents')}/{held}?audience={room}").status_code == 404
    for room in ("internal", "hct"):  # a file leaves, whatever the room
        file = client.get(f"{HERE}/export/incidents.geojson?audience={room}").json()
        assert "acled" not in {f["properties"]["source"] for f in file["features"]}
