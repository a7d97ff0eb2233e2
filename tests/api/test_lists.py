"""The register's lists: a page of rows as it is now, sorted, filtered and counted by the server, and no shape in it."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import mapbox_vector_tile
import orjson
import pytest
import shapely
from pydantic import TypeAdapter
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp.api import narrowing
from geoapp.app import create_app
from geoapp.audiences import Room, Rule
from geoapp.db import transaction
from geoapp.draw import features
from geoapp.draw.listing import _told, narrowed
from geoapp.draw.narrowing import LISTS
from geoapp.errors import BadRequest
from geoapp.scope import Only, Scope
from geoapp.settings import Settings
from tests.gridland import HEAD, incident
from tests.overlay.test_endings import lasting

HERE = "/operations/grid"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def rows(client: TestClient, name: str = "overlaps", **asked: Any) -> dict[str, Any]:
    answer = client.get(f"{HERE}/lists/{name}", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_row_says_what_the_record_says_and_has_no_shape(client: TestClient) -> None:
    found = rows(client)
    whole = {f["id"]: f for f in client.get(f"{HERE}/collections/overlaps/items").json()["features"]}
    assert len(found["rows"]) == found["matched"] == found["all"] == len(whole)
    for row in found["rows"]:
        picture, box = row.pop("outline"), row.pop("bbox")
        assert row == {name: whole[row["id"]]["properties"][name] for name in row}
        assert len(picture) < 400
        assert re.fullmatch(r"[MLlZz0-9 .-]+", picture), picture
        ring = whole[row["id"]]["geometry"]["coordinates"][0][0]
        assert box[0] == pytest.approx(min(x for x, _ in ring), abs=1e-4)
    assert "coordinates" not in client.get(f"{HERE}/lists/overlaps").text


@pytest.mark.parametrize(
    ("name", "sort"), [(name, sort) for name, each in LISTS.items() for sort in each.listing.sorts]
)
def test_every_order_holds_every_row_once(client: TestClient, name: str, sort: str) -> None:
    whole = rows(client, name, sort=sort, limit=200)
    ids = [row["id"] for row in whole["rows"]]
    assert len(ids) == len(set(ids)) == min(whole["matched"], 200)
    paged = [row["id"] for at in range(0, min(len(ids), 12), 3) for row in rows(client, name, sort=sort, limit=3, offset=at)["rows"]]  # fmt: skip
    assert paged == ids[: len(paged)]


def test_the_largest_comes_first(client: TestClient) -> None:
    sizes = [row["km2"] for row in rows(client, sort="km2")["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    shares = [max(row["share_a"], row["share_b"]) for row in rows(client, sort="share")["rows"]]
    assert shares == sorted(shares, reverse=True)


def test_filters_and_their_numbers(client: TestClient, engine: Engine) -> None:
    assert (rows(client)["counts"]["open"], rows(client, status="open")["matched"]) == (0, 0), "their days are over"
    lasting(engine)
    before = rows(client)
    first = before["rows"][0]
    assert before["counts"] == {"open": before["all"], "new": before["all"], "unowned": before["all"]}
    assert sum(before["groups"]["relation"].values()) == before["all"]
    changed = client.patch(
        f"{HERE}/overlaps/{first['id']}", json={"status": "resolved", "owner": "Amina K."},
        headers={"If-Match": f'"{first["version"]}"'},
    )  # fmt: skip
    assert changed.status_code == 200
    now = rows(client, status="open")
    assert (now["matched"], now["all"]) == (before["all"] - 1, before["all"])
    assert now["counts"] == {"open": before["all"] - 1, "new": before["all"] - 1, "unowned": before["all"] - 1}
    assert now["groups"]["status"] == {"new": before["all"] - 1, "resolved": 1}
    assert [row["id"] for row in rows(client, status="resolved")["rows"]] == [first["id"]]
    for relation, n in before["groups"]["relation"].items():
        assert rows(client, relation=relation)["matched"] == n
    for sector, n in before["groups"]["sector"].items():
        assert rows(client, sector=sector)["matched"] == n
    assert rows(client, share=50)["matched"] == sum(max(r["share_a"], r["share_b"]) >= 0.5 for r in before["rows"])
    assert [row["id"] for row in rows(client, q="amina")["rows"]] == [first["id"]]
    assert rows(client, q="water BRIGADE")["matched"] == 1
    assert rows(client, q="%")["matched"] == 0


def test_what_a_room_is_not_told_is_neither_shown_nor_found_nor_counted(client: TestClient) -> None:
    first = rows(client, audience="hct")["rows"][0]
    assert client.patch(f"{HERE}/overlaps/{first['id']}", json={"owner": "Amina K.", "note": "by the well"},
                        headers={"If-Match": f'"{first["version"]}"'}).status_code == 200  # fmt: skip
    assert rows(client, q="amina")["matched"] == 1
    told = rows(client, audience="hct", q="amina")
    assert told["matched"] == 0
    assert "unowned" not in told["counts"]
    assert not any("owner" in row for row in rows(client, audience="hct")["rows"])
    assert rows(client, audience="public") == {
        "all": 0, "matched": 0, "rows": [], "counts": {"open": 0, "new": 0, "unowned": 0},
        "groups": {"relation": {}, "status": {}, "sector": {}, "owner": {}},
        "withheld": "Overlaps are withheld from this room by its rule “overlaps: withheld”.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "status"),
    [("overlaps?sort=t.id;--", 400), ("overlaps?sort=", 200), ("gaps?relation=civil_military", 400), ("nothing", 404),
     ("overlaps?limit=0", 400), ("overlaps?share=many", 400), ("overlaps?limit=99999", 200),
     ("overlaps?status=')%20OR%20true--", 200), ("overlaps?q=%27%27%29;--", 200), ("overlaps?q=%00", 400)],
)  # fmt: skip
def test_only_what_is_declared_is_asked(client: TestClient, asked: str, status: int) -> None:
    answer = client.get(f"{HERE}/lists/{asked}")
    assert answer.status_code == status, answer.text
    if "OR" in asked or ";--" in asked and status == 200:
        assert answer.json()["matched"] == 0


LINES = [incident(600 + n, f"2026-10-{10 + n}", 7, 7) for n in range(6)]
LINES += [incident(700 + n, f"2026-10-{10 + n}", 1, 1, type="Protests,Peaceful protest") for n in range(3)]


def test_single_incidents(client: TestClient, gridded: Callable) -> None:
    before = rows(client, "incidents", datetime="2026-10-01/2026-10-31")
    assert gridded("incidents", "\n".join([HEAD, *LINES]), "more.csv", source="exercise", handling="GREEN").landed
    october = {"datetime": "2026-10-01/2026-10-31"}
    found = rows(client, "incidents", **october)
    whole = {
        f["id"]: f["properties"]
        for f in client.get(f"{HERE}/collections/incidents/items", params=october).json()["features"]
    }
    assert found["all"] == before["all"] + 9 == len(whole)
    for row in found["rows"]:
        assert {
            name: whole[row["id"]][name] for name in row if name not in ("id", "bbox", "outline")
        }.items() <= row.items()
        assert row["outline"] is None
    days = [row["occurred_from"] for row in found["rows"]]
    assert days == sorted(days, reverse=True)
    for name, field in (("event_type", "event_type"), ("source", "source"), ("district", "pcode"), ("verification", "verification")):  # fmt: skip
        for value, n in found["groups"][name].items():
            asked = rows(client, "incidents", **october, **{name: value})
            assert asked["matched"] == n
            assert {row[field] for row in asked["rows"]} == {value}
    assert rows(client, "incidents", **october, district="GD0011", event_type="Protests")["matched"] == 3
    assert rows(client, "incidents", **october, deaths=10**9)["matched"] == 0


def test_a_room_that_only_counts_incidents_gets_the_sentence_and_no_row(client: TestClient) -> None:
    told = rows(client, "incidents", audience="public")
    assert (told["all"], told["rows"]) == (0, [])
    assert told["withheld"].startswith("Single incidents are withheld from this room")


def test_no_filter_order_or_count_tells_what_is_withheld() -> None:
    listing = LISTS["incidents"].listing
    assert listing is not None
    hidden = frozenset({"fatalities", "source"})
    room = Room("x", "X", "RED", {}, (), may_write=False, more={"incidents": Rule("incidents", withheld=hidden)})
    for name in ("deaths", "source"):
        with pytest.raises(BadRequest, match="not filtered by"):
            narrowed(LISTS["incidents"], room, {name: "1"})
    assert narrowed(LISTS["incidents"], room, {"district": "GD0011"})[1] == {"district": "GD0011"}
    assert {"day", "type"} <= _told(listing.sorts, hidden).keys()
    assert not {"deaths", "source"} & _told(listing.sorts, hidden).keys()
    assert "source" not in _told(listing.groups, hidden)


def test_items_leave_out_classes_of_their_layer(client: TestClient) -> None:
    items = f"{HERE}/collections/overlaps/items"
    all_ = client.get(items).json()
    of = [each["properties"]["domains"] for each in all_["features"]]
    military = sum(value == "civil|military" for value in of)
    assert 0 < military < len(of)
    kept = client.get(items, params={"without": "civil|military", "limit": 1}).json()
    assert kept["numberMatched"] == len(of) - military
    assert client.get(items, params={"without": "civil|military,civil|police"}).json()["numberMatched"] == sum(
        value not in ("civil|military", "civil|police") for value in of
    )
    assert client.get(items, params={"limit": 1}).json()["numberMatched"] == len(of)
    # of incidents the class of what no rule names is left out as None
    whole = client.get(f"{HERE}/collections/areas_of_operation/items").json()["features"]
    named = {"civil", "military", "police"}
    left = client.get(f"{HERE}/collections/areas_of_operation/items", params={"without": ",".join(named)}).json()
    assert {each["id"] for each in left["features"]} == {
        each["id"] for each in whole if each["properties"]["domain"] not in named
    }
    for wrong in ("x", "civil|military,') OR true--"):
        assert client.get(items, params={"without": wrong}).status_code == 400


TILE = "tiles/WebMercatorQuad/8/124/135"
"""One that lies on Gridland."""


def layer_ids(tile: bytes, layer: str) -> set[int]:
    """The records of a layer in the bytes of a tile."""
    decoded = mapbox_vector_tile.decode(tile)
    return {each["properties"]["_id"] for each in decoded.get(layer, {"features": []})["features"]}


@pytest.mark.parametrize(
    ("name", "filters"),
    [("overlaps", {"status": "acknowledged"}), ("overlaps", {"share": "50", "relation": "civil_military"}),
     ("overlaps", {"q": "water BRIGADE"}), ("overlaps", {"owner": "none", "since": "2026-10-01"}),
     ("overlaps", {"q": "%"}), ("doubles", {"q": "water"}), ("gaps", {"sector": "HEA"}),
     ("incidents", {"event_type": "Battles", "deaths": "1"})],
)  # fmt: skip
def test_a_layer_narrowed_as_its_list_holds_the_same_rows_at_every_door(
    client: TestClient, name: str, filters: dict[str, str]
) -> None:
    first = rows(client)["rows"][0]
    client.patch(f"{HERE}/overlaps/{first['id']}", json={"status": "acknowledged"}, headers={"If-Match": f'"{first["version"]}"'})  # fmt: skip
    days = {"datetime": "2026-01-01/.."}
    listed = rows(client, name, limit=200, **filters, **days)
    ids = {row["id"] for row in listed["rows"]}
    asked = days | {"only": f"{name}:{urlencode(filters)}"}
    found = client.get(f"{HERE}/collections/{name}/items", params=asked).json()
    assert {each["properties"]["id"] for each in found["features"]} == ids
    assert found["numberMatched"] == listed["matched"]
    assert client.get(f"{HERE}/counts", params=asked | {"layers": name}).json()["layers"][name]["count"] == len(ids)
    drawn = layer_ids(client.get(f"{HERE}/collections/{name}/{TILE}", params=days).content, name)
    assert drawn
    for door in (
        f"collections/{name}/{TILE}",
        f"collections/{name}/{TILE}?f=mvt",
    ):  # the short way, and the door itself
        tile = client.get(f"{HERE}/{door}", params=asked)
        assert tile.status_code == 200, tile.text
        assert layer_ids(tile.content, name) == ids & drawn
    assert {each["id"] for each in client.get(f"{HERE}/labels", params=asked | {"layer": name}).json()["labels"]} <= ids
    file = client.get(f"{HERE}/export/{name}.geojson", params=asked).json()
    assert {each["properties"]["id"] for each in file["features"]} == ids
    # no other layer is touched, and a record is itself
    for other in {"boundaries", "overlaps", "incidents"} - {name}:
        counts = [client.get(f"{HERE}/counts", params=p | {"layers": other}).json() for p in (asked, days)]
        assert counts[0] == counts[1]
    every = rows(client, name, limit=200, **days)["rows"]
    for row in every[:1]:
        assert client.get(f"{HERE}/collections/{name}/items/{row['id']}", params=asked).status_code == 200


def test_a_click_finds_only_what_the_layer_is_narrowed_to(client: TestClient) -> None:
    row = rows(client, sort="km2")["rows"][0]
    shape = client.get(f"{HERE}/collections/overlaps/items/{row['id']}").json()["geometry"]
    inside = shapely.from_geojson(orjson.dumps(shape)).representative_point()
    at = {"lon": inside.x, "lat": inside.y, "layers": "overlaps"}
    assert row["id"] in [each["id"] for each in client.get(f"{HERE}/identify", params=at).json()["features"]]
    for only, there in ((f"overlaps:q={row['code']}", True), ("overlaps:q=nobody", False)):
        found = client.get(f"{HERE}/identify", params=at | {"only": only}).json()["features"]
        assert (row["id"] in [each["id"] for each in found]) is there


def test_nothing_is_narrowed_by_what_is_withheld_from_the_room(client: TestClient) -> None:
    first = rows(client)["rows"][0]
    assert client.patch(f"{HERE}/overlaps/{first['id']}", json={"owner": "Amina K.", "note": "near the mill"},
                        headers={"If-Match": f'"{first["version"]}"'}).status_code == 200  # fmt: skip
    doors = ["counts", "collections/overlaps/items", "lists/overlaps", "labels?layer=overlaps", "export/overlaps.csv",
             "identify?lon=1&lat=1", "histogram", "collections/overlaps/tiles/WebMercatorQuad/0/0/0",
             "tiles/WebMercatorQuad/8/0/0?limit=3"]  # fmt: skip
    for door in doors:
        answers = [client.get(f"{HERE}/{door}{'&' if '?' in door else '?'}audience=hct&only=overlaps:owner%3D{who}") for who in ("Amina+K.", "nobody")]  # fmt: skip
        assert [each.status_code for each in answers] == [400, 400], door
        assert answers[0].content == answers[1].content
        assert "withheld" in answers[0].text
    words = {who: client.get(f"{HERE}/counts", params={"audience": "hct", "only": f"overlaps:q={who}"}).json()["layers"]["overlaps"]["count"] for who in ("amina", "water")}  # fmt: skip
    assert words == {who: rows(client, audience="hct", q=who)["matched"] for who in words}
    assert words["amina"] == 0 < words["water"]
    # the page opens, and its requests say it
    assert client.get(f"{HERE}/map?audience=hct&only=overlaps:owner%3DX").status_code == 200


def test_the_sql_itself_holds_no_row_by_what_is_withheld(engine: Engine, gridded: Callable) -> None:
    for room, n in (("hct", 0), ("internal", 1)):
        scope = Scope("grid", room, only=Only("overlaps", (("owner", "none"),)))
        with transaction(engine, scope.context()) as connection:
            assert (features.count(connection, LISTS["overlaps"], scope) > 0) is bool(n)


@pytest.mark.parametrize(
    "only",
    ["overlaps:share=many", "overlaps:x=1", "nothing:status=open", "boundaries:q=x", "overlaps:deaths=1", ":", "overlaps:status",
     "overlaps:status=open&status=new", "overlaps:due=%00", "incidents:spot=1:2026-13-01/2026-12-01", "incidents:spot=1", "overlaps:since=2026-13-01", "overlaps:q=" + "x" * 2000],
)  # fmt: skip
def test_what_narrows_nothing_is_refused_in_words(client: TestClient, only: str) -> None:
    for door in ("counts", "tiles/WebMercatorQuad/0/0/0"):
        answer = client.get(f"{HERE}/{door}", params={"only": only})
        assert answer.status_code == 400, answer.text
        assert answer.json()["hint"]


def test_every_filter_may_be_left_out() -> None:
    for name, parameter in inspect.signature(narrowing._narrowed).parameters.items():
        assert TypeAdapter(parameter.annotation).validate_python(parameter.default) == parameter.default, name
