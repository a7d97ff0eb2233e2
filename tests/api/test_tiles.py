"""Tiles of one and of many layers: the same shapes, each room its own, never an old one, and 503 when too many ask."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, create_engine, text
from starlette.testclient import TestClient

from geoapp import db
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.draw.tile import due, tile
from geoapp.scope import Scope
from geoapp.settings import Settings
from layers import STACK
from tests.gridland import INCIDENTS, area, incident, square

HERE = "/operations/grid"
PLACES = ((6, 33, 31), (8, 135, 124), (9, 270, 248))
"""Zoom, column and row of tiles that Gridland lies in."""
ROOMS = ("internal", "hct", "cmwg_mixed", "military_counterpart", "public")


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def got(client: TestClient, path: str, **asked: str) -> bytes:
    answer = client.get(f"{HERE}{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("room", ROOMS)
def test_one_answer_for_all_layers_holds_what_the_layers_hold(client: TestClient, engine: Engine, room: str) -> None:
    scope = Scope("grid", room, member="local")
    for z, x, y in PLACES:
        single = {}
        for layer in STACK:
            single |= mapbox_vector_tile.decode(
                got(client, f"/collections/{layer.name}/tiles/WebMercatorQuad/{z}/{y}/{x}", audience=room)
            )
        together = got(client, f"/tiles/WebMercatorQuad/{z}/{y}/{x}", audience=room)
        assert mapbox_vector_tile.decode(together) == single
        with db.transaction(engine, scope.context()) as connection:
            assert together == b"".join(tile(connection, layer, scope, z, x, y) for layer in due(STACK, z))
        some = got(client, f"/tiles/WebMercatorQuad/{z}/{y}/{x}", audience=room, collections="overlaps,boundaries")
        assert mapbox_vector_tile.decode(some) == {
            n: single[n] for n in ("boundaries", "overlaps") if n in single
        }  # fmt: skip
        assert list(mapbox_vector_tile.decode(some)) == [n for n in ("boundaries", "overlaps") if n in single]


def test_a_thousand_hidden_rows_change_no_byte(client: TestClient, gridded: Callable) -> None:
    def told() -> dict[tuple[str, int], tuple[bytes, str]]:
        found = {}
        for room in ROOMS[1:]:
            for z, x, y in PLACES:
                answer = client.get(f"{HERE}/tiles/WebMercatorQuad/{z}/{y}/{x}?audience={room}")
                found[room, z] = answer.content, answer.headers["etag"]
        return found

    before = told()
    seen = got(client, "/tiles/WebMercatorQuad/9/248/270")
    rows = [incident(1000 + n, f"2026-03-{1 + n % 28:02}", n % 10, n // 100) for n in range(1000)]
    head = INCIDENTS.split("\n")[0]
    assert gridded("incidents", "\n".join([head, *rows]), "many.csv", source="exercise", handling="RED").created == 1000
    assert gridded("areas", [area("h1", "Hidden", "military", square(3, 3, 4, 4), handling="RED")]).landed
    assert told() == before
    assert got(client, "/tiles/WebMercatorQuad/9/248/270") != seen


def test_what_another_process_has_written_is_in_the_next_tile(
    client: TestClient, engine: Engine, gridded: Callable
) -> None:
    other = create_app(Settings(), engine)
    path = f"{HERE}/tiles/WebMercatorQuad/9/248/270"
    with TestClient(other) as elsewhere:
        for number in range(3):
            before = client.get(path)
            assert elsewhere.get(path).content == before.content
            again = client.get(path, headers={"If-None-Match": before.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            line = incident(700 + number, "2026-03-01", 3, 3)
            assert gridded("incidents", f"{INCIDENTS.split(chr(10))[0]}\n{line}", "one.csv", source="exercise").created
            assert client.get(path).content == elsewhere.get(path).content != before.content


def test_a_room_that_may_see_less_from_now_on_is_shown_less_at_once(client: TestClient, urls: Urls) -> None:
    path = f"{HERE}/tiles/WebMercatorQuad/9/248/270?audience=hct&collections=areas_of_operation,incidents"
    assert set(mapbox_vector_tile.decode(client.get(path).content)) == {"areas_of_operation", "incidents"}
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.audience SET rules = '{\"incidents\": \"withheld\"}' WHERE key = 'hct'"))
    assert set(mapbox_vector_tile.decode(client.get(path).content)) == {"areas_of_operation"}
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM facts.audience WHERE key = 'hct'"))
    owner.dispose()
    assert client.get(path).status_code == 400


def test_a_plan_that_is_kept_for_all_shows_each_room_its_own(client: TestClient, engine: Engine) -> None:
    """One session draws for every room by turns, long enough for PostgreSQL to plan no more for each."""
    kept = client.app.state.servers.primary.tiles._pool  # type: ignore[attr-defined]
    kept._max_size = 1
    names = ("areas_of_operation", "incidents", "risk_zones")
    drawn = [layer for layer in STACK if layer.name in names]
    for x in range(268, 274):
        for room in ROOMS:
            scope = Scope("grid", room, member="local")
            with db.transaction(engine, scope.context()) as connection:
                alone = b"".join(tile(connection, layer, scope, 9, x, 248) for layer in drawn)
            found = got(client, f"/tiles/WebMercatorQuad/9/248/{x}", audience=room, collections=",".join(names))
            assert found == alone, (x, room)
    (session,) = kept._pool
    assert sum("ST_AsMVT" in str(query) for query, _ in session._prepared._names) == 3


def test_many_at_once_are_told_the_same(client: TestClient) -> None:
    path = "/tiles/WebMercatorQuad/8/124/135"
    with ThreadPoolExecutor(24) as many:
        answers = list(many.map(lambda n: got(client, path, audience=ROOMS[n % 5]), range(200)))
    for n, room in enumerate(ROOMS):
        assert {hash(a) for a in answers[n::5]} == {hash(got(client, path, audience=room))}


def test_who_reads_no_gzip_is_told_the_same(client: TestClient) -> None:
    path = f"{HERE}/tiles/WebMercatorQuad/8/124/135"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content != b""


def test_too_many_at_once_are_asked_to_come_back(
    client: TestClient, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = client.app.state.servers.primary.tiles  # type: ignore[attr-defined]
    store._pool.timeout, store._pool.max_waiting = 0.2, 2
    held, go_on = threading.Event(), threading.Event()
    owner = create_engine(urls.owner)

    def hold() -> None:
        with owner.begin() as connection:
            connection.execute(text("LOCK TABLE facts.boundary"))
            held.set()
            go_on.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        with ThreadPoolExecutor(20) as many:
            paths = [f"{HERE}/tiles/WebMercatorQuad/9/{240 + n}/270" for n in range(20)]
            waiting = [many.submit(client.get, path) for path in paths]
            refused = [w for w in waiting if _soon(w)]
            go_on.set()
            answers = [w.result() for w in waiting]
    finally:
        go_on.set()
        holder.join()
        owner.dispose()
    assert refused
    assert {a.status_code for a in answers} == {200, 503}
    one = next(a for a in answers if a.status_code == 503)
    assert one.json()["hint"]
    assert one.headers["retry-after"] == "2"
    assert client.get(paths[0]).status_code == 200


def _soon(waiting: object) -> bool:
    try:
        return waiting.result(1).status_code == 503  # type: ignore[attr-defined]
    except TimeoutError:
        return False


def test_a_server_that_was_started_again_is_asked_again(client: TestClient, urls: Urls) -> None:
    path = f"{HERE}/tiles/WebMercatorQuad/8/124/135"
    before = client.get(path)
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip
    owner.dispose()
    after = client.get(path)
    assert (after.status_code, after.content) == (200, before.content)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/tiles/WebMercatorQuad/2/4/0", 404), ("/tiles/WebMercatorQuad/23/0/0", 404), ("/tiles/WebMercatorQuad/2/-1/0", 400),
     ("/tiles/WebMercatorQuad/2/1/1?collections=nothing", 400), ("/tiles/WebMercatorQuad/2/1/1?audience=nobody", 400),
     ("/collections/incidents/tiles/WebMercatorQuad/2/4/0", 404), ("/collections/nothing/tiles/WebMercatorQuad/2/1/1", 404)],
)  # fmt: skip
def test_mistakes_are_told(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"{HERE}{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_no_such_operation_has_no_tiles(client: TestClient) -> None:
    assert client.get("/operations/nowhere/tiles/WebMercatorQuad/2/1/1").status_code == 404


def test_the_tileset_says_how_to_ask(client: TestClient) -> None:
    asked = {"audience": "hct", "collections": "overlaps,incidents"}
    set_ = client.get(f"{HERE}/tiles/WebMercatorQuad", params=asked).json()
    assert [layer["id"] for layer in set_["layers"]] == ["overlaps", "incidents"]
    item = next(link["href"] for link in set_["links"] if link["rel"] == "item")
    told = client.get(f"{HERE}/tiles/WebMercatorQuad/tilejson.json", params=asked).json()
    assert told["tilejson"] == "3.0.0"
    assert (told["minzoom"], told["maxzoom"]) == (0, 22)
    z, x, y = PLACES[2]
    by_item = client.get(item.format(tileMatrix=z, tileRow=y, tileCol=x))
    by_json = client.get(told["tiles"][0].format(z=z, y=y, x=x))
    assert by_item.content == by_json.content != b""
    listed = client.get(f"{HERE}/tiles").json()["tilesets"][0]
    assert client.get(listed["links"][0]["href"]).json()["tileMatrixSetURI"] == set_["tileMatrixSetURI"]
    rels = {link["rel"] for link in client.get(HERE).json()["links"]}
    assert "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector" in rels
    conforms = client.get(f"{HERE}/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets" in conforms


def test_a_style_for_maplibre_draws_every_class_from_one_tile(client: TestClient) -> None:
    (one,) = client.get(f"{HERE}/styles?audience=hct").json()["styles"]
    answer = client.get(one["links"][0]["href"])
    assert answer.headers["content-type"] == "application/vnd.mapbox.style+json"
    style = answer.json()
    (source,) = style["sources"].values()
    (tiles,) = source["tiles"]
    assert tiles.startswith(f"http://testserver{HERE}/tiles/WebMercatorQuad/")
    tile_ = mapbox_vector_tile.decode(client.get(tiles.format(z=9, y=248, x=270)).content)
    assert set(tile_) <= {drawn["source-layer"] for drawn in style["layers"][1:]}
    assert len({drawn["id"] for drawn in style["layers"]}) == len(style["layers"])
    for layer in STACK:
        drawn = [each for each in style["layers"] if each.get("source-layer") == layer.name]
        assert {each["metadata"]["title"] for each in drawn} >= {rule.label for rule in layer.style.rules}
        for name, found in tile_.items():
            if name == layer.name and layer.style.by:  # what the classes are picked by is in the tile
                assert all(layer.style.by in f["properties"] or "_n" in f["properties"] for f in found["features"])
    some = client.get(f"{HERE}/styles/map?collections=overlaps,boundaries").json()
    assert {each.get("source-layer") for each in some["layers"]} == {None, "overlaps", "boundaries"}
    assert "collections=overlaps%2Cboundaries" in some["sources"]["geoapp"]["tiles"][0]
