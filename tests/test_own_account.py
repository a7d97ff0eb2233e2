"""What people do with their own account: see and end sessions, make and revoke tokens, change the password. Nobody else's."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geoapp import accounts, record
from tests.conftest import PASSWORD

Signed = Callable[..., TestClient]
ITEMS = "/operations/grid/collections/incidents/items"
TILE = "/operations/grid/tiles/WebMercatorQuad/5/15/16"


def state(client: TestClient) -> dict[str, Any]:
    answer = client.get("/account/state")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    return answer.json()


def again(client: TestClient, **headers: str) -> TestClient:
    """Another browser of the same member."""
    other = TestClient(client.app, follow_redirects=False, headers=headers)
    email = state(client)["email"]
    assert other.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    return other


def made(client: TestClient, **wanted: Any) -> tuple[int, TestClient]:
    """The number of a new token, and a program that asks with it."""
    answer = client.post("/account/tokens", json={"name": "QGIS"} | wanted)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store"), answer.text
    told = answer.json()
    return told["id"], TestClient(client.app, headers={"Authorization": f"Bearer {told['token']}"})


def test_sessions_are_seen_and_ended_at_once(signed: Signed) -> None:
    client = signed("viewer")
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = again(client, **{"user-agent": firefox})
    told = state(client)
    assert (told["email"], told["places"][0]["operation"]) == ("viewer@example.org", "grid")
    assert sorted((each["from_where"], each["this"]) for each in told["sessions"]) == [
        ("testclient", True), ("testclient, Firefox on Windows", False),
    ]  # fmt: skip
    assert {other.get(path).status_code for path in (ITEMS, TILE, "/operations")} == {200}
    number = next(each["id"] for each in told["sessions"] if not each["this"])
    # somebody else's session, and one that there is not, are one
    stranger = signed("planner")
    foreign, none = (stranger.delete(f"/account/sessions/{each}") for each in (number, 987654321))
    assert (foreign.status_code, foreign.text) == (none.status_code, none.text) == (404, none.text)
    assert client.delete(f"/account/tokens/{number}").status_code == 404
    assert client.delete(f"/account/sessions/{number}").status_code == 204
    assert {other.get(path).status_code for path in (ITEMS, TILE, "/operations")} == {401}
    # everywhere, this one too
    third = again(client)
    answer = client.delete("/account/sessions")
    assert (answer.status_code, 'geoapp_session=""' in answer.headers["set-cookie"]) == (204, True)
    assert {each.get("/account/state").status_code for each in (client, third)} == {401}
    assert stranger.get("/account/state").status_code == 200


def test_a_token_does_what_it_is_for_and_nothing_more(signed: Signed, owner: Engine) -> None:
    record.add_operation(owner, "other", "Other")
    client = signed("coordinator")
    with owner.begin() as connection:
        accounts.add(connection, "coordinator@example.org", "", "other", "coordinator", [])
    note = {"type": "Feature", "geometry": None, "properties": {}}

    def may(program: TestClient, operation: str = "grid") -> tuple[list[str], int, int]:
        """The operations it is told of, the status of reading the room that records, and of recording."""
        at = f"/operations/{operation}/collections/incidents/items"
        keys = [each["key"] for each in program.get("/operations").json()]
        return keys, program.get(at).status_code, program.post(at, json=note).status_code

    assert client.post(ITEMS, json=note).status_code == 400
    whole, reading = made(client, reads=False)[1], made(client)[1]
    assert may(whole) == (["grid", "other"], 200, 400)
    assert may(reading) == (["grid", "other"], 200, 403)
    kept = made(client, operation="grid", reads=False)[1]
    assert (may(kept), may(kept, "other")) == ((["grid"], 200, 400), (["grid"], 404, 404))
    number, room = made(client, operation="grid", room="hct", reads=False)
    assert may(room) == (["grid"], 400, 403)
    assert room.get(f"{ITEMS}?audience=hct").status_code == room.get(f"{TILE}?audience=hct").status_code == 200
    assert room.get(TILE).status_code == 400
    assert room.post(f"{ITEMS}?audience=hct", json=note).status_code == 403
    # the use is told, and none sees to an account
    told = {each["id"]: each for each in state(client)["tokens"]}
    assert (told[number]["operation"], told[number]["room"], told[number]["reads"]) == ("grid", "hct", True)
    assert told[number]["used_at"] is not None
    assert {(kept.get("/account/state").status_code, kept.post("/account/tokens", json={"name": "x"}).status_code,
             kept.delete(f"/account/tokens/{number}").status_code)} == {(403, 403, 403)}  # fmt: skip
    # revoked: at the next request, a tile that is kept too
    assert signed("viewer").delete(f"/account/tokens/{number}").status_code == 404
    assert client.delete(f"/account/tokens/{number}").status_code == 204
    assert {room.get(f"{path}?audience=hct").status_code for path in (ITEMS, TILE)} == {401}
    assert client.delete(f"/account/tokens/{number}").status_code == 404
    for wanted, status in (
        ({"name": " "}, 400), ({"days": 0}, 400), ({"days": 367}, 400), ({"operation": "nother"}, 404),
        ({"operation": "grid", "room": "cellar"}, 400), ({"room": "hct"}, 400), ({"operation": ""}, 404), ({"more": 1}, 400),
    ):  # fmt: skip
        answer = client.post("/account/tokens", json={"name": "x"} | wanted)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), wanted
    # an operation in which one does not work is as one that there is not, and a room that one may not enter too
    guest = signed("viewer", "hct", email="guest@example.org")
    foreign, none = (guest.post("/account/tokens", json={"name": "x", "operation": key}) for key in ("other", "nother"))
    assert foreign.text.replace("other", "nother") == none.text
    kept, none = (
        guest.post("/account/tokens", json={"name": "x", "operation": "grid", "room": key})
        for key in ("internal", "nowhere")
    )
    assert kept.text.replace("internal", "nowhere") == none.text
    # what a token is for ends with what its member may
    hct = made(guest, operation="grid", room="hct")[1]
    assert hct.get(f"{ITEMS}?audience=hct").status_code == 200
    with owner.begin() as connection:
        accounts.add(connection, "guest@example.org", "", "grid", "viewer", ["public"])
    assert hct.get(f"{ITEMS}?audience=hct").status_code == 404
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM keys.audit WHERE subject = 'token' AND who NOT LIKE '%@%'")).scalar() == 0  # fmt: skip


def test_the_password_is_changed_by_who_knows_it(signed: Signed) -> None:
    client = signed("viewer")
    other, token = again(client), made(client)[1]
    new = "another password that is long"

    def changed(**said: str) -> int:
        return client.put("/account/password", json={"present": PASSWORD, "password": new} | said).status_code

    assert changed(password="short") == 400
    assert changed(present="a wrong one") == 422
    assert other.get("/operations").status_code == 200
    assert changed() == 204
    assert [each.get("/operations").status_code for each in (client, other, token)] == [200, 401, 200]
    for password, status in ((PASSWORD, 401), (new, 303)):
        answer = other.post("/sign-in", data={"email": "viewer@example.org", "password": password})
        assert answer.status_code == status
    # a browser that was left open is no way to try passwords
    assert [changed(present="wrong") for _ in range(4)] == [422, 422, 422, 429]
    assert token.put("/account/password", json={"present": new, "password": PASSWORD}).status_code == 403
    page = client.get("/account", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
