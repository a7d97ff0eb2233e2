"""The register of actors at its doors: as the room is told, never more than its map; each step shown before it is taken."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp.app import create_app
from geoapp.model import DOMAINS
from geoapp.settings import Settings
from tests.gridland import HEAD as ACLED
from tests.gridland import area, incident, square

HERE = "/operations/grid"
ACTORS = f"{HERE}/actors"
ITEMS = f"{HERE}/collections/actors/items"
JUDGED = {
    "mandate": "CANARY mandate", "mission": "combat", "role": "CANARY role", "method": "CANARY method",
    "interlocutor": "restricted", "interlocutor_on": "2026-09-24", "interlocutor_by": "CANARY body",
    "interlocutor_note": "CANARY terms", "source": "CANARY source", "other_names": "CANARY other", "review_due": "2026-10-01",
}  # fmt: skip


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def known(client: TestClient, room: str = "internal", **asked: str) -> dict[str, dict[str, Any]]:
    found = client.get(f"{ACTORS}/register", params={"audience": room} | asked)
    assert found.status_code == 200, found.text
    return {each["name"]: each for each in found.json()["actors"]}


def send(client: TestClient, actor: dict[str, Any], path: str, body: dict[str, Any] | None = None, **asked: Any) -> Any:
    version = client.get(f"{ACTORS}/{actor['id']}").json()["actor"]["version"]
    return client.post(f"{ACTORS}/{actor['id']}/{path}", json=body, params=asked, headers={"If-Match": f'"{version}"'})


def correct(client: TestClient, id_: int, given: dict[str, Any]) -> None:
    version = client.get(f"{ACTORS}/{id_}").json()["actor"]["version"]
    done = client.patch(f"{ITEMS}/{id_}", json={"properties": given}, headers={"If-Match": f'"{version}"'})
    assert done.status_code == 200, done.text


def test_it_is_written_read_and_corrected_over_http(client: TestClient) -> None:
    made = client.post(ITEMS, json={"properties": {"name": "Hill Guard", "domain": "paramilitary", "parent": "Army"}})
    assert made.status_code == 201
    assert made.headers["location"].endswith(f"/operations/grid/actors/{made.json()['id']}")
    there = client.get(f"{ACTORS}/{made.json()['id']}").json()
    assert (there["actor"]["name"], there["actor"]["under"], there["actor"]["interlocutor"]) == (
        "Hill Guard",
        "Army",
        "undecided",
    )
    record = client.get(f"{ITEMS}/{made.json()['id']}/record")
    assert record.headers["etag"] == '"1"'
    back = client.put(f"{ITEMS}/{made.json()['id']}", json=record.json(), headers={"If-Match": '"1"'})
    assert back.status_code == 200, "a record can be sent back as it was read"
    assert client.patch(f"{ITEMS}/{made.json()['id']}", json={"properties": {"acronym": "H"}}).status_code == 428
    stale = client.patch(
        f"{ITEMS}/{made.json()['id']}", json={"properties": {"acronym": "H"}}, headers={"If-Match": '"7"'}
    )
    assert stale.status_code == 412 and stale.json()["current"]["name"] == "Hill Guard"
    schema = client.get(f"{HERE}/collections/actors/schema").json()
    assert schema["required"] == ["name"] and "geometry" not in schema["properties"]


def test_the_list_is_narrowed_by_words_domain_decision_and_day(client: TestClient) -> None:
    everybody = known(client)
    assert set(everybody) >= {"Army", "First Brigade", "Water Aid Group", "Town Police", "Health Hands"}
    assert everybody["Army"]["units"] == 1 and everybody["First Brigade"]["under"] == "Army"
    assert set(known(client, domain="military")) == {"Army", "First Brigade", "First Battalion"}
    police = everybody["Town Police"]["id"]
    correct(client, police, {"other_names": "Constabulary", "interlocutor": "yes", "interlocutor_on": "2026-10-01",
                             "interlocutor_by": "HCT", "review_due": "2026-10-17"})  # fmt: skip
    assert set(known(client, q="constab")) == set(known(client, interlocutor="yes")) == {"Town Police"}
    assert set(known(client, due="over")) == {"Town Police"} == set(known(client, due="month"))
    assert "Town Police" not in known(client, due="none")
    assert known(client, q="no such name") == {}
    assert client.get(f"{ACTORS}/register", params={"due": "sometime"}).status_code == 400


def test_one_actor_is_told_with_its_chain_ground_sectors_and_overlaps(client: TestClient) -> None:
    everybody = known(client)
    brigade = client.get(f"{ACTORS}/{everybody['First Brigade']['id']}").json()
    assert [(each["name"], each["level"], each["below"]) for each in brigade["chain"]] == [
        ("Army", 1, False), ("First Brigade", 2, False), ("First Battalion", 3, True)
    ]  # fmt: skip
    assert [(each["of_name"], each["period_start"], each["period_end"]) for each in brigade["areas"]] == [
        ("First Brigade", "2026-01-01", "2026-06-30"), ("First Battalion", "2026-01-01", "2026-06-30")
    ]  # fmt: skip
    assert brigade["shares"]["all"] == 4, "Water Aid Group, Health Hands, Well Diggers, Pump Friends"
    hands = client.get(f"{ACTORS}/{everybody['Health Hands']['id']}").json()
    assert [(each["sector"], each["units"]) for each in hands["sectors"]] == [("HEA", 3)]
    assert {each["actor"] for each in hands["shares"]["largest"]} == {"First Brigade", "First Battalion"}


def test_incidents_are_told_only_where_the_source_names_it(client: TestClient, gridded: Callable) -> None:
    one = incident(77, "2026-09-01", 8, 8).replace("One Party", "Town Police")
    assert gridded("incidents", f"{ACLED}\n{one}", "named.csv", source="exercise").landed
    police = known(client)["Town Police"]["id"]
    told = client.get(f"{ACTORS}/{police}").json()["reported"]
    assert (told["all"], [each["event_type"] for each in told["newest"]]) == (1, ["Battles"])
    assert client.get(f"{ACTORS}/{known(client)['Army']['id']}").json()["reported"]["all"] == 0
    assert "reported" not in client.get(f"{ACTORS}/{police}", params={"audience": "hct"}).json()


@pytest.mark.parametrize("room", ["internal", "hct", "cmwg_mixed", "military_counterpart", "public"])
def test_no_room_is_told_of_an_actor_that_its_map_does_not_name(
    client: TestClient, gridded: Callable, room: str
) -> None:
    """One actor of each domain and handling, each with ground: the register holds those that layers name, and no judgement."""
    planted = [
        area(f"k{number}-{handling}", f"CANARY {domain} {handling}", domain, square(number, 8), handling=handling)
        for number, domain in enumerate(DOMAINS)
        for handling in ("CLEAR", "GREEN", "AMBER", "RED")
    ]
    assert gridded("areas", planted).landed
    everybody = known(client)
    for name, each in everybody.items():
        if name.startswith("CANARY"):
            correct(client, each["id"], JUDGED | {"other_names": f"CANARY other {each['id']}", "mission": None})
    on_map = set()
    for layer in ("areas_of_operation", "presence"):
        page = client.get(f"{HERE}/collections/{layer}/items", params={"audience": room, "limit": 1000}).json()
        on_map |= {each["properties"]["actor"] for each in page["features"]}
    found = client.get(f"{ACTORS}/register", params={"audience": room})
    names = {each["name"] for each in found.json()["actors"]}
    assert {name for name in names if "CANARY" in name} == {name for name in on_map if name and "CANARY" in name}
    assert found.json()["all"] == len(names) == sum(found.json()["domains"].values())
    hidden = set(everybody) - names
    for name, each in everybody.items():
        told = client.get(f"{ACTORS}/{each['id']}", params={"audience": room})
        assert (told.status_code == 404) == (name in hidden), name
        if name in hidden:
            missing = client.get(f"{ACTORS}/99999999", params={"audience": room})
            assert told.text.replace(f"actor {each['id']}.", "") == missing.text.replace("actor 99999999.", "")
            continue
        for other in hidden:
            assert other not in told.text, (name, other)
        if room != "internal":
            for words in ("mandate", "role", "method", "body", "terms", "source", "other"):
                assert f"CANARY {words}" not in told.text + found.text
            assert told.json()["actor"]["interlocutor"] is None and told.json()["actor"]["review_due"] is None
            assert not {"steps", "reported"} & set(told.json())
    if room != "internal":
        assert known(client, room, interlocutor="restricted") == {}, "a filter tells what it narrows by"
        assert known(client, room, due="over") == {} == known(client, room, q="canary other")
        assert found.json()["overdue"] == 0
        some = next(iter(everybody.values()))
        for path, body in (
            ("merge", {"other": some["id"]}),
            ("split", {"name": "X", "areas": [1]}),
            ("steps/1/undo", None),
        ):
            refused = client.post(
                f"{ACTORS}/{some['id']}/{path}", json=body, params={"audience": room}, headers={"If-Match": '"1"'}
            )
            assert refused.status_code == 403, refused.text


def test_merging_is_shown_before_it_is_done_and_undone_by_its_step(client: TestClient) -> None:
    everybody = known(client)
    kept, other = everybody["Water Aid Group"], everybody["Well Diggers"]
    looked = send(client, kept, "merge", {"other": other["id"]}, check=True)
    assert looked.status_code == 200, looked.text
    assert set(known(client)) == set(everybody), "nothing stays of a look"
    done = send(client, kept, "merge", {"other": other["id"]})
    assert {k: v for k, v in done.json().items() if k != "step"} == {
        k: v for k, v in looked.json().items() if k != "step"
    }
    assert (done.json()["areas"], done.json()["claims"]) == (0, 1)
    assert "Well Diggers" not in known(client)
    there = client.get(f"{ACTORS}/{kept['id']}").json()
    assert there["actor"]["merged"] == ["Well Diggers"]
    assert [(s["kind"], s["other_name"], s["undone_at"]) for s in there["steps"]] == [("merge", "Well Diggers", None)]
    assert known(client, q="diggers").keys() == {"Water Aid Group"}, "found by the name it had"
    undone = client.post(f"{ACTORS}/{kept['id']}/steps/{done.json()['step']}/undo")
    assert undone.status_code == 200, undone.text
    assert set(known(client)) == set(everybody)
    assert client.post(f"{ACTORS}/{kept['id']}/steps/{done.json()['step']}/undo").status_code == 409
    assert client.post(f"{ACTORS}/{kept['id']}/merge", json={"other": other["id"]}).status_code == 428
    for bad in ({}, {"other": "x"}, {"other": other["id"], "more": 1}, {"other": 2**70}):
        assert send(client, kept, "merge", bad).status_code == 400
    for strange in ("0", "-1", "9" * 30, "x%00"):
        assert client.get(f"{ACTORS}/{strange}").status_code in (400, 404)


def test_splitting_names_what_goes(client: TestClient) -> None:
    brigade = known(client)["First Brigade"]
    was = client.get(f"{ACTORS}/{brigade['id']}").json()
    its = was["areas"][0]["id"]
    looked = send(client, brigade, "split", {"name": "Second Brigade", "areas": [its]}, check=True)
    assert (looked.json()["areas"], looked.json()["units"]) == (1, 0) and "Second Brigade" not in known(client)
    done = send(client, brigade, "split", {"name": "Second Brigade", "areas": [its]})
    assert (
        known(client)["Second Brigade"]["under"] == "Army"
        and done.json()["made"] == known(client)["Second Brigade"]["id"]
    )
    now = client.get(f"{ACTORS}/{brigade['id']}").json()
    assert now["actor"]["version"] > was["actor"]["version"]


def test_as_known_on_another_day_there_is_nobody_yet(client: TestClient) -> None:
    assert known(client, as_of="2001-01-01") == {}
    id_ = known(client)["Army"]["id"]
    assert client.get(f"{ACTORS}/{id_}", params={"as_of": "2001-01-01"}).status_code == 404
    kept, other = known(client)["Army"], known(client)["First Brigade"]
    refused = client.post(f"{ACTORS}/{kept['id']}/merge", json={"other": other["id"]}, params={"as_of": "2026-01-01"},
                          headers={"If-Match": '"1"'})  # fmt: skip
    assert refused.status_code == 409
