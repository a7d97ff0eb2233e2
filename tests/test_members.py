"""Administrators see to the people of their operation, and of no other; nobody else does, by any door or statement."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from geoapp import accounts, db, members, record
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.errors import GeoappError, Refused
from geoapp.model.roles import ROLES, WHAT, matrix
from geoapp.settings import Settings
from tests.conftest import PASSWORD

Signed = Callable[..., TestClient]
HTML = {"accept": "text/html"}
AT = "/operations/grid/members"


def invited(client: TestClient, email: str, role: str = "viewer", rooms: list[str] | None = None, **more: Any) -> Any:
    return client.post(AT, json={"email": email, "name": "Somebody", "role": role, "rooms": rooms or []} | more)


def seen(client: TestClient, at: str = AT) -> dict[str, dict[str, Any]]:
    return {each["email"]: each for each in client.get(at).json()["members"]}


def taken(client: TestClient, link: str) -> int:
    """The status of setting the password by a link."""
    path = link.split("testserver")[1]
    secret = path.split("link=")[1]
    client.get(path)
    return client.post("/password", data={"link": secret, "password": PASSWORD, "again": PASSWORD}).status_code


def test_what_each_role_records_is_told_from_one_place() -> None:
    recorded = {table for role in ROLES for table in role.records}
    assert set(WHAT) == recorded
    said = dict(matrix())
    assert said["Members, their roles and rooms"] == ("administrator",)
    assert said["Incidents"] == ("security_adviser", "information_manager", "coordinator", "administrator")
    assert all("viewer" not in roles for roles in said.values())


def test_an_administrator_invites_changes_and_removes(signed: Signed) -> None:
    client = signed("administrator")
    answer = invited(client, "Guest@Example.org", rooms=["hct"])
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    told = answer.json()
    assert told["link"].startswith("http://testserver/password?link=link.")
    guest = seen(client)["guest@example.org"]
    assert (guest["role"], guest["rooms"], guest["state"], guest["seen_at"]) == ("viewer", ["hct"], "invited", None)
    assert (guest["link_ends_at"], guest["id"]) == (told["link_ends_at"], told["id"])
    fresh = TestClient(client.app, follow_redirects=False)
    assert taken(fresh, told["link"]) == 303
    assert fresh.post("/sign-in", data={"email": "guest@example.org", "password": PASSWORD}).status_code == 303
    assert fresh.get("/operations/grid/panel?audience=internal").status_code == 400
    assert seen(client)["guest@example.org"]["state"] == "active"
    assert seen(client)["guest@example.org"]["seen_at"] is not None
    # another role holds at the next request
    assert client.patch(f"{AT}/{told['id']}", json={"role": "planner"}).status_code == 204
    assert fresh.get("/operations/grid/panel?audience=internal").status_code == 200
    assert client.delete(f"{AT}/{told['id']}").status_code == 204
    assert fresh.get("/operations/grid/panel?audience=internal").status_code == 404
    assert list(seen(client)) == ["administrator@example.org"]


def test_others_see_their_own_line_and_change_nothing(signed: Signed) -> None:
    administrator = signed("administrator")
    number = seen(administrator)["administrator@example.org"]["id"]
    for role in ROLES:
        if "member" in role.records:
            continue
        client = signed(role.key)
        told = client.get(AT).json()
        assert [each["email"] for each in told["members"]] == [f"{role.key}@example.org"]
        assert (told["administers"], len(told["records"])) == (False, len(WHAT))
        own = told["members"][0]["id"]
        for answer in (
            invited(client, "x@example.org"), client.patch(f"{AT}/{own}", json={"role": "administrator"}),
            client.patch(f"{AT}/{number}", json={"role": "viewer"}), client.delete(f"{AT}/{number}"),
            client.post(f"{AT}/{number}/links"), client.post(f"{AT}/{own}/links"),
        ):  # fmt: skip
            assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json"), role.key
        assert client.get("/operations/grid/member", headers=HTML).status_code == 200
    assert len(seen(administrator)) == len(ROLES)


def test_what_cannot_be_is_said_in_words(signed: Signed) -> None:
    client = signed("administrator")
    own = seen(client)["administrator@example.org"]["id"]
    for wanted, status in (
        ({"email": "no address"}, 400), ({"role": "king"}, 400), ({"rooms": ["nowhere"]}, 400), ({"name": "  "}, 400),
        ({"role": "planner", "rooms": ["hct"]}, 400), ({"more": 1}, 400), ({"email": "administrator@example.org"}, 409),
    ):  # fmt: skip
        answer = client.post(AT, json={"email": "a@b.org", "name": "A", "role": "viewer", "rooms": []} | wanted)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), wanted
    for number in ("999999", "x", str(2**63)):
        assert client.delete(f"{AT}/{number}").status_code == 404, number
        assert client.post(f"{AT}/{number}/links").status_code == 404, number
    # the last administrator stays
    for answer in (
        client.delete(f"{AT}/{own}"),
        client.delete(f"{AT}/me"),
        client.patch(f"{AT}/{own}", json={"role": "coordinator"}),
    ):
        assert (answer.status_code, "last administrator" in answer.json()["detail"]) == (422, True)
    assert client.post(AT, json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert "a@b.org" not in seen(client)


def test_the_last_administrator_stays_also_in_the_shell_and_an_invitation_is_none_yet(
    signed: Signed, owner: Engine
) -> None:
    client = signed("administrator")
    number = invited(client, "second@example.org", "administrator").json()["id"]
    assert client.delete(f"{AT}/me").status_code == 422  # the second one has no password yet
    for change in (
        lambda connection: accounts.remove(connection, "administrator@example.org", "grid"),
        lambda connection: accounts.add(connection, "administrator@example.org", "", "grid", "viewer", []),
    ):
        with pytest.raises(Refused, match="last administrator"), owner.begin() as connection:
            change(connection)
    link = client.post(f"{AT}/{number}/links").json()["link"]
    assert taken(TestClient(client.app, follow_redirects=False), link) == 303
    assert client.delete(f"{AT}/me").status_code == 204
    assert client.get(AT).status_code == 404


def test_two_administrators_who_leave_at_once_leave_one(signed: Signed, urls: Urls) -> None:
    clients = [signed("administrator", email=f"a{n}@example.org") for n in range(2)]
    secrets, said = [each.cookies["geoapp_session"] for each in clients], []
    engine, together = db.engine(urls.app, serves=False), threading.Barrier(2)

    def go(secret: str) -> None:
        together.wait()
        try:
            members.leave(engine, secret, "grid")
            said.append("left")
        except GeoappError as error:
            said.append(type(error).__name__)

    threads = [threading.Thread(target=go, args=(each,)) for each in secrets]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["Refused", "left"]
    engine.dispose()


def test_a_token_sees_to_nobody(signed: Signed, owner: Engine) -> None:
    client = signed("administrator")
    with owner.begin() as connection:
        token = accounts.issue(connection, "administrator@example.org", "token", timedelta(days=1))
    plain = TestClient(client.app, headers={"Authorization": f"Bearer {token}"})
    assert plain.get("/operations/grid/collections/incidents/items").status_code == 200
    assert {plain.get(AT).status_code, invited(plain, "x@example.org").status_code} == {404}


@pytest.fixture
def other(signed: Signed, owner: Engine) -> Iterator[tuple[TestClient, TestClient]]:
    """The administrator of Gridland, and one of another operation."""
    record.add_operation(owner, "other", "Other")
    yield (
        signed("administrator"),
        signed("administrator", email="theirs@example.org", operation="other"),
    )


def test_another_operation_is_as_one_that_there_is_not(other: tuple[TestClient, TestClient]) -> None:
    client, theirs = other
    number = seen(theirs, "/operations/other/members")["theirs@example.org"]["id"]
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("PATCH", f"/{number}"),
        ("DELETE", f"/{number}"),
        ("DELETE", "/me"),
        ("POST", f"/{number}/links"),
    ):
        body = {"email": "a@b.org", "name": "A", "role": "viewer"} if path == "" else {"role": "viewer"}
        said = [client.request(method, f"/operations/{key}/members{path}", json=body if method in ("POST", "PATCH") and "links" not in path else None)
                for key in ("other", "nother")]  # fmt: skip
        assert [each.status_code for each in said] == [404, 404], (method, path)
        assert said[0].text.replace("other", "nother") == said[1].text
    # a foreign number and none answer alike in one's own operation
    foreign, none = (client.delete(f"{AT}/{each}") for each in (number, 987654))
    assert (foreign.status_code, foreign.text) == (none.status_code, none.text) == (404, none.text)


def test_no_link_opens_what_its_giver_does_not_administer(other: tuple[TestClient, TestClient]) -> None:
    client, theirs = other
    # an account of elsewhere comes in, and gets no link from here, now or later
    answer = invited(client, "theirs@example.org").json()
    assert (answer["link"], answer["link_ends_at"]) == (None, None)
    refused = client.post(f"{AT}/{answer['id']}/links")
    assert (refused.status_code, "other operations" in refused.json()["detail"]) == (403, True)
    # whoever was invited here first and elsewhere later: the link that was given here ends, and there is no other
    link = invited(client, "both@example.org").json()
    assert (
        theirs.post(
            "/operations/other/members", json={"email": "both@example.org", "name": "B", "role": "coordinator"}
        ).json()["link"]
        is None
    )
    assert taken(TestClient(client.app, follow_redirects=False), link["link"]) == 401
    assert client.post(f"{AT}/{link['id']}/links").status_code == 403
    # a name given elsewhere stays, and removing somebody here leaves them there
    assert seen(theirs, "/operations/other/members")["theirs@example.org"]["name"] == "Administrator"
    assert client.delete(f"{AT}/{answer['id']}").status_code == 204
    assert theirs.get("/operations/other/members").status_code == 200


def test_who_was_disabled_is_not_let_in_again_by_an_administrator(signed: Signed, owner: Engine) -> None:
    client = signed("administrator")
    signed("viewer")
    number = seen(client)["viewer@example.org"]["id"]
    with owner.begin() as connection:
        accounts.disable(connection, "viewer@example.org")
    assert seen(client)["viewer@example.org"]["state"] == "disabled"
    assert client.post(f"{AT}/{number}/links").status_code == 409
    assert client.delete(f"{AT}/{number}").status_code == 204
    assert invited(client, "viewer@example.org").status_code == 409


PEOPLE = "SELECT m.email, m.name, m.password, m.disabled_at, p.role, p.rooms FROM keys.member AS m LEFT JOIN keys.membership AS p ON p.member_id = m.id ORDER BY 1, 5"


def attacks(session: str, number: int) -> tuple[str, ...]:
    """What somebody could say in SQL to see to people, with the secret of their own session."""
    said = "'" + session + "'"
    return (
        f"SELECT calc.set_member({said}, 'grid', NULL, 'x@example.org', 'X', 'administrator', NULL)",
        f"SELECT calc.set_member({said}, 'grid', {number}, NULL, NULL, 'administrator', NULL)",
        f"SELECT calc.set_member({said}, 'grid', {number}, NULL, NULL, 'viewer', NULL)",
        "SELECT calc.set_member('', 'grid', NULL, 'x@example.org', 'X', 'administrator', NULL)",
        "SELECT calc.set_member(NULL, 'grid', NULL, 'x@example.org', 'X', 'administrator', NULL)",
        "SELECT calc.set_member(NULL, NULL, NULL, 'x@example.org', 'X', 'administrator', NULL)",
        f"SELECT calc.remove_member({said}, 'grid', {number})",
        f"SELECT calc.remove_member(NULL, 'grid', {number})",
        f"SELECT calc.give_link({said}, 'grid', {number}, 'link.mine', '1 day')",
        f"SELECT calc.give_link('', 'grid', {number}, 'link.mine', '1 day')",
        "SELECT calc.leave_operation('', 'grid')",
        "UPDATE keys.membership SET role = 'administrator'",
        "DELETE FROM keys.membership",
        "INSERT INTO keys.membership (member_id, operation_id, role) VALUES (1, 1, 'administrator')",
        "INSERT INTO keys.secret (hash, member_id, kind, ends_at) VALUES (sha256('member.x'), 1, 'session', 'infinity')",
        "UPDATE keys.member SET password = ''",
        "ALTER TABLE keys.membership DISABLE TRIGGER keeps_administrator",
        "DROP TRIGGER keeps_administrator ON keys.membership",
        "CREATE OR REPLACE FUNCTION calc.session_of(secret text) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE VIEW calc.role AS SELECT 'viewer'::text AS key, ARRAY['member']::text[] AS records",
        f"SET search_path = pg_temp; CREATE TEMPORARY TABLE role AS SELECT 'viewer'::text AS key, ARRAY['member'] AS records; SELECT calc.remove_member({said}, 'grid', {number})",
        f"SELECT set_config('backtrace_functions', 'geoapp', true); SELECT calc.remove_member({said}, 'grid', {number})",
    )


@pytest.mark.parametrize("role", ["viewer", "coordinator"])
def test_no_statement_of_who_is_no_administrator_changes_people(
    signed: Signed, urls: Urls, owner: Engine, role: str
) -> None:
    number = seen(signed("administrator", email="boss@example.org"))["boss@example.org"]["id"]
    session = signed(role).cookies["geoapp_session"]
    with owner.connect() as connection:
        before = connection.execute(text(PEOPLE)).all()
    engine = db.engine(urls.app, serves=False)
    for attack in attacks(session, number):
        with engine.connect() as connection, db.asking(session):
            db.set_context(connection, db.Context("grid"))
            try:
                connection.exec_driver_sql(attack)
                connection.commit()
            except DBAPIError:
                connection.rollback()
            connection.invalidate()
        with owner.connect() as connection:
            assert connection.execute(text(PEOPLE)).all() == before, attack
            assert connection.execute(text("SELECT count(*) FROM keys.secret WHERE kind = 'link'")).scalar() == 0, (
                attack
            )
    with engine.connect() as connection, db.asking(session):
        db.set_context(connection, db.Context("grid"))
        asked = "SELECT count(*) FROM calc.members(:session, 'grid')"
        assert connection.execute(text(asked), {"session": session}).scalar() == 1
        for nobody in ("", None, "member.x", session[:-1]):
            assert connection.execute(text(asked), {"session": nobody}).scalar() == 0
    engine.dispose()


def test_without_accounts_there_is_no_page_and_no_door(engine: Engine, gridded: Callable) -> None:
    client = TestClient(create_app(Settings(), engine, worker=False))
    assert client.get(AT).status_code == client.get("/operations/grid/member").status_code == 404
    page = client.get("/operations/grid", headers=HTML).text
    assert "Packs" in page
    assert "Members" not in page
