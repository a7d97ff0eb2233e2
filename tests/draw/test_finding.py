"""One search: who and what is meant is found in any script and with a letter wrong, in each room only by what it is told."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geoapp.app import create_app
from geoapp.cli import output
from geoapp.client import Operation, connect
from geoapp.draw.vocabulary import Name, Vocabulary
from geoapp.names import searched
from geoapp.settings import Settings
from tests.gridland import HEAD, area, incident, square


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def found(client: TestClient, q: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    answer = client.get("/operations/grid/search", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return {group["kind"]: group["found"] for group in answer.json()["groups"]}


def titles(client: TestClient, q: str, kind: str, **more: Any) -> list[str]:
    return [each["title"] for each in found(client, q, **more).get(kind, [])]


def test_every_kind_is_found_by_what_it_is_called(client: TestClient) -> None:
    assert titles(client, "first brigade", "actors") == ["First Brigade"]
    assert titles(client, "brigade first", "areas_of_operation") == ["First Brigade"]
    with_others = {
        frozenset(title.split(" and ")) - {"First Brigade"}
        for title in titles(client, "First Brigade", "overlaps", limit=20)
    }
    others = ("Water Aid Group", "Health Hands", "Well Diggers", "Pump Friends")
    assert with_others == {frozenset({other}) for other in others}
    assert titles(client, "Square 2-7", "boundaries") == [
        "Square 2-7",
        "Square 7-2",
    ]  # its words in any order come later
    assert titles(client, "GD0027", "boundaries") == ["Square 2-7"]
    assert titles(client, "crossing", "risk_zones") == ["Crossing"]
    [incident] = found(client, "Place 5")["incidents"]
    assert incident["title"] == "Armed clash"
    assert incident["matched"] == "Place: Place 5"
    assert incident["period"] == "2026-03-12/2026-03-12"
    assert incident["where"] == "GD0188"
    assert [each["id"] for each in found(client, "grd5")["incidents"]] == [incident["id"]]
    assert [each["matched"] for each in found(client, "GRD4")["rough_incidents"]] == ["Number at the source: GRD4"]


@pytest.mark.parametrize(
    "q",
    [
        "frist brigade",
        "First Brigde",
        "first brigadde",
        "FIRST-BRIGADE",
        "firstbrigade",
        "  first \u200f brigade\u202e ",
    ],
)
def test_a_letter_may_be_wrong(client: TestClient, q: str) -> None:
    assert titles(client, q, "actors") == ["First Brigade"]


def test_a_figure_may_not(client: TestClient) -> None:
    assert titles(client, "Square 2-11", "boundaries") == []
    assert titles(client, "GD0099", "boundaries") == []


@pytest.mark.parametrize(
    "q", ["5.25, 10.35", "5°15'N 10°21'E", "5 15 0 N, 10 21 0 E", "32N 649695 580517", "32N PL 49695 80517"]
)
def test_coordinates_are_understood_in_every_notation(client: TestClient, q: str) -> None:
    [hit] = found(client, q)["coordinates"]
    assert hit["bbox"][0] == pytest.approx(10.35, abs=2e-3)
    assert hit["bbox"][1] == pytest.approx(5.25, abs=2e-3)


NAMES = {
    "أَحْمَد الإغاثة": ["احمد", "أحمد الاغاثة", "الاغاثه", "احـمـد"],
    "لجنة مستشفى": ["لجنه", "مستشفي", "مستشفى"],
    "Красный Щит": ["красный", "КРАСНЫЙ ЩИТ", "краснии щит", "щит"],
    "Союз Ёлка": ["елка", "ёлка"],
    "Médecins Réunis": ["medecins", "MEDECINS REUNIS", "médecins reuni", "medecns"],
    "Łódź Straße": ["lodz", "strasse"],
}


def test_names_of_any_script(client: TestClient, gridded: Callable) -> None:
    shapes = [area(f"n{i}", name, "civil", square(8, i, 1, 1)) for i, name in enumerate(NAMES)]
    assert gridded("areas", shapes, "names.geojson").landed
    for name, written in NAMES.items():
        for q in (name, *written):
            assert titles(client, q, "actors") == [name], q


@pytest.mark.parametrize(
    "q", ["%", "_", "\\", "%%%", "a' OR '1'='1", "& | ! ( )", "'a' & b:*", "<->", "\u202e\u200f", "", " ", "\x00", "a\x00b", "ж" * 200, "\ud800".encode("utf-8", "replace").decode()]
)  # fmt: skip
def test_hostile_words_find_nothing_and_break_nothing(client: TestClient, q: str) -> None:
    assert found(client, q) == {}


def test_what_is_too_long_is_refused_in_words(client: TestClient) -> None:
    answer = client.get("/operations/grid/search", params={"q": "a" * 10_000})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/problem+json")


ROOMS = ("internal", "hct", "public")


def test_a_room_finds_nothing_that_it_is_not_told(client: TestClient, gridded: Callable) -> None:
    """The canary: each room finds a record by a name exactly where its own items have that name."""
    canary = [area("k1", "Kanarienvogel Unit", "non_state_armed", square(6, 6), handling="RED")]
    assert gridded("areas", canary, "canary.geojson").landed
    answer = client.get("/operations/grid/panel").json()
    for room in (each["key"] for each in answer["audiences"]):
        told = client.get("/operations/grid/collections/areas_of_operation/items", params={"audience": room}).text
        for q, name in (
            ("Kanarienvogel", "Kanarienvogel Unit"),
            ("kanarienvogle unit", "Kanarienvogel Unit"),
            ("Secret Force", "Secret Force"),
            ("Late Comers", "Late Comers"),
        ):
            seen = json.dumps(found(client, q, audience=room))
            assert (name in seen) == (f'"{name}"' in told), (room, q)
            if f'"{name}"' not in told:
                # not even that there is something: the same as for a word that nothing has
                assert found(client, q, audience=room) == found(client, "Xyzzyplugh", audience=room) == {}
    told = {
        room: "Place 5" in client.get("/operations/grid/collections/incidents/items", params={"audience": room}).text
        for room in ROOMS
    }
    assert told["internal"]
    for room, shown in told.items():
        assert ("incidents" in found(client, "Place 5", audience=room)) == shown
        shows = "GRD5" in client.get("/operations/grid/collections/incidents/items", params={"audience": room}).text
        assert ("incidents" in found(client, "GRD5", audience=room)) == shows


def test_who_is_named_and_what_is_noted_is_found_where_it_is_told(client: TestClient, gridded: Callable) -> None:
    for name in ("One Party", "Other Party"):
        hits = found(client, name)
        assert {each["matched"] for each in hits["incidents"]} == {f"Named as a party: {name}"}
        assert len(hits["incidents"]) == 4
        assert len(hits["rough_incidents"]) == 1
    lines = [
        HEAD,
        incident(60, "2026-03-14", 8, 7, notes="Zylkowa convoy was stopped."),
        incident(61, "2026-03-15", 8, 7),
    ]
    assert gridded("incidents", "\n".join(lines), "more.csv").landed
    assert found(client, "convoy zylkowa") == {}
    [noted] = found(client, "convoy zylkowa", within=True)["incidents"]
    assert noted["matched"] == "Note: Zylkowa convoy was stopped."
    assert noted["period"] == "2026-03-14/2026-03-14"
    rooms = [each["key"] for each in client.get("/operations/grid/panel").json()["audiences"]]
    for room in set(rooms) - {"internal"}:  # who is named, and the source's own words, stay in rooms that record
        assert not {"incidents", "rough_incidents"} & found(client, "One Party", audience=room).keys(), room
        assert found(client, "convoy zylkowa", audience=room, within=True) == {}, room
        assert found(client, "%", audience=room, within=True) == {}, room


def test_an_actor_is_itself_and_is_found_by_what_it_was_called(client: TestClient) -> None:
    [hit] = found(client, "First Battalion")["actors"]
    assert hit["layer"] is None
    page = client.get(f"/operations/grid/actors/{hit['id']}").json()
    assert page["actor"]["name"] == "First Battalion"
    other = next(
        each["id"] for each in client.get("/operations/grid/actors").json()["actors"] if each["name"] == "Pump Friends"
    )
    address = f"/operations/grid/collections/actors/items/{other}"
    match = {"If-Match": f'"{client.get(f"/operations/grid/actors/{other}").json()["actor"]["version"]}"'}
    kept = client.patch(address, json={"properties": {"other_names": "Old Pumpers"}}, headers=match)
    assert kept.status_code == 200, kept.text
    assert [each["id"] for each in found(client, "old pumpers")["actors"]] == [other]
    assert found(client, "old pumpers", audience="hct") == {}


def test_a_name_stays_while_any_incident_has_it(client: TestClient, gridded: Callable) -> None:
    """Also when the newest of many that are kept by their number all go."""
    old = [incident(100 + n, "2026-04-01", 6, 6).replace(f"Place {100 + n}", "Vrnjacka") for n in range(3)]
    new = [incident(200 + n, "2026-04-02", 6, 6).replace(f"Place {200 + n}", "Vrnjacka") for n in range(25)]
    assert gridded("incidents", "\n".join([HEAD, *old]), "old.csv").landed
    batch = gridded("incidents", "\n".join([HEAD, *new]), "new.csv").batch
    assert len(found(client, "vrnjacka", limit=20)["incidents"]) == 20
    assert client.delete(f"/operations/grid/imports/{batch}").status_code == 200
    assert len(found(client, "vrnjacka", limit=20)["incidents"]) == 3


def test_what_is_kept_follows_what_is_recorded(client: TestClient, gridded: Callable) -> None:
    assert titles(client, "Newcomer Union", "actors") == []
    assert gridded("areas", [area("u1", "Newcomer Union", "civil", square(9, 9))], "new.geojson").landed
    assert titles(client, "Newcomer Union", "actors") == ["Newcomer Union"]
    assert found(client, "Newcomer Union", as_of="2020-01-01") == {}
    assert "areas_of_operation" not in found(client, "Late Comers", datetime="2026-01-01/2026-02-01")
    assert "areas_of_operation" in found(client, "Late Comers", datetime="2026-08-01/2026-08-02")


def test_no_such_room_and_a_limit(client: TestClient) -> None:
    assert client.get("/operations/grid/search", params={"q": "first", "audience": "nobody"}).status_code == 400
    assert client.get("/operations/none/search", params={"q": "first"}).status_code == 404
    assert len(found(client, "square", limit=3)["boundaries"]) == 3
    assert len(found(client, "square", limit=500)["boundaries"]) == 20


def test_the_notebook_and_the_shell_say_the_same(client: TestClient) -> None:
    op: Operation = connect(client=client).operation("grid")
    frame = op.search("Crossing")
    assert frame.kind.tolist() == ["risk_zones"]
    assert frame.title.tolist() == ["Crossing"]
    assert op.search("nothing of that name").empty
    out = Console(file=io.StringIO(), width=120)
    output.found(out, client.get("/operations/grid/search", params={"q": "Crossing"}).json()["groups"])
    assert "Crossing" in out.file.getvalue()  # type: ignore[attr-defined]


WORD = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzàéïõüабвгдежзиклмнопрстуابتثجحخدذرزسشصضطظعغفقكلمنهو"),
    min_size=4,
    max_size=12,
)


@given(st.lists(st.lists(WORD, min_size=1, max_size=4), min_size=1, max_size=30), st.data())
def test_a_title_finds_its_record_also_with_one_letter_changed(names: list[list[str]], data: st.DataObject) -> None:
    said = [" ".join(words) for words in names]
    vocabulary = Vocabulary(Name("name", text, (i,)) for i, text in enumerate(said))
    which = data.draw(st.integers(0, len(said) - 1))
    at = data.draw(st.integers(0, len(said[which]) - 1).filter(lambda i: said[which][i] != " "))
    other = data.draw(st.sampled_from("qxzжش"))
    changed = said[which][:at] + other + said[which][at + 1 :]
    for q in (said[which], said[which].upper(), changed):
        assert said[which] in {match.name.text for match in vocabulary.find(searched(q), 100)}, q
    best = vocabulary.find(searched(said[which]), 1)[0]
    assert searched(best.name.text) == searched(said[which])
