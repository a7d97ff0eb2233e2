"""Two moments beside each other: a dozen edits counted by hand, both states read whole and differenced, and no room told more."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import db, ingest
from geoapp.app import create_app
from geoapp.client import connect
from geoapp.settings import Settings
from layers import get
from layers.compared import COMPARED, KINDS
from tests.gridland import HEAD, TODAY, ZONES, area, incident, square

HERE = "/operations/grid"
THEN = date(2026, 10, 1)
MARKER = "Canary-7731"


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def now(engine: Engine) -> str:
    with db.transaction(engine, db.Context("grid")) as connection:
        moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def standing(key: str, column: int, **more: Any) -> tuple[dict, dict]:
    """An organisation's area that lies on nobody else's, all year."""
    dates = {"date_from": "2026-01-01", "date_to": "2026-12-31"}
    return area(key, f"Group {key}", "civil", square(9, column), **dates | more)


@pytest.fixture
def edited(engine: Engine, gridded: Callable, context: db.Context) -> list[str]:
    """Gridland with a dozen edits; the moments before them, midway, and after."""
    assert gridded(
        "areas", [standing(key, n) for n, key in enumerate(("ends", "moves", "revised", "learned"))], "a.geojson"
    ).landed
    gone = gridded("areas", [standing("gone", 4, source=MARKER)], "b.geojson")
    moments = [now(engine)]
    force = {"date_to": "2026-12-31", "source": "Liaison"}
    edits = [
        standing("ends", 0, date_to="2026-10-05"),
        standing("moves", 5),
        standing("revised", 2, activity="Wells"),
        standing("learned", 3, date_to="2026-09-20"),
        area("patrol", "Patrol", "military", square(0, 0, 2, 2), date_from="2026-10-10", **force),
        area("guard", "Guard", "military", square(3, 3), date_from="2026-08-01", **force),
    ]
    assert gridded("areas", edits, "c.geojson").landed
    moments.append(now(engine))
    assert gone.batch is not None
    ingest.withdraw(engine, context, gone.batch)
    shape, zone = ZONES[0]
    assert gridded("risk_zones", [(shape, zone | {"likelihood": 2, "impact": 2, "basis": MARKER})], "z.geojson").landed
    more = [
        incident(71, "2026-10-12", 8, 1),
        incident(72, "2026-09-15", 8, 2),
        incident(5, "2026-03-12", 8, 8, timestamp="1800000000", notes=MARKER),
    ]
    more += [incident(3, "2025-03-10", 2, 4, timestamp="1800000000")]
    assert gridded("incidents", "\n".join([HEAD, *more]), "i.csv", source="exercise").landed
    secret = area(
        "s1", "Secret Force", "non_state_armed", square(5, 5, 3, 2), handling="RED", date_to="2026-12-31", source=MARKER
    )
    assert gridded("areas", [secret], "s.geojson").landed
    return [*moments, now(engine)]


def asked(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.get(f"{HERE}/compare", params={"limit": 500} | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    for key, n in found["counts"].items():
        assert n["then"] + n["new"] - n["ended"] - n["withdrawn"] == n["now"], key
        assert n["happened"] + n["learned"] == sum(n[kind] for kind in KINDS), key
    return found


def told(found: dict[str, Any], of: str) -> set[tuple[str, str, bool]]:
    return {
        (each["name"].partition(" · ")[2] or each["name"], each["kind"], each["learned"])
        for each in found["changes"]
        if each["of"] == of
    }


def test_a_dozen_edits_are_told_apart(client: TestClient, edited: list[str]) -> None:
    found = asked(client, then=edited[0], then_on=str(THEN))
    assert found["then"]["day"] == "2026-10-01" and found["now"] == {"known": None, "day": str(TODAY)}
    assert told(found, "areas_of_operation") == {
        ("Group ends", "ended", False), ("Group moves", "moved", True), ("Group revised", "revised", True),
        ("Group learned", "ended", True), ("Patrol", "new", False), ("Guard", "new", True),
        ("Group gone", "withdrawn", True), ("Secret Force", "new", True),
    }  # fmt: skip
    assert told(found, "overlaps") == {("Late Comers and Patrol", "new", False), ("Late Comers and Guard", "new", True)}
    assert told(found, "risk_zones") == {("Crossing", "revised", True)}
    kinds = sorted((each["kind"], each["learned"]) for each in found["changes"] if each["of"] == "incidents")
    assert kinds == [("moved", True), ("new", False), ("new", True)], "a note is told to some rooms, and is no change"
    n = found["counts"]["areas_of_operation"]
    assert (n["then"], n["new"], n["ended"], n["withdrawn"], n["now"]) == (6, 3, 2, 1, 6)
    by_name = {each["name"]: each for each in found["changes"]}
    revised = by_name["Group revised"]
    assert revised["fields"] == [{"name": "activity", "title": "Activity", "was": "not said", "now": "Wells"}]
    assert (revised["by"], revised["begins"], by_name["Guard"]["source"]) == ("tester", "2026-01-01", "Liaison")
    assert edited[0] < revised["recorded"] < edited[1]
    ended = by_name["Group ends"]
    assert (
        ended["ends"] == "2026-10-05"
        and {"name": "period_end", "title": "To", "was": "31 Dec 2026", "now": "5 Oct 2026"} in ended["fields"]
    )
    moved = by_name["Group moves"]
    assert moved["was_at"]["at"] != moved["is_at"]["at"] and "shape" not in moved["is_at"]
    shown = asked(client, then=edited[0], then_on=str(THEN), shapes="true", of="areas_of_operation", kind="moved")
    assert [each["name"] for each in shown["changes"]] == ["Group moves"]
    assert shown["changes"][0]["was_at"]["shape"]["type"] in ("Polygon", "MultiPolygon") and set(shown["counts"]) == {
        "areas_of_operation"
    }


def test_on_one_day_everything_was_learned_and_of_one_knowledge_everything_happened(
    client: TestClient, edited: list[str]
) -> None:
    learned = asked(client, then=edited[0], then_on=str(TODAY))
    assert learned["matched"] > 0 and all(each["learned"] for each in learned["changes"])
    assert ("Patrol", "new", True) in told(learned, "areas_of_operation")
    happened = asked(client, then_on=str(THEN))
    assert not any(each["learned"] or each["recorded"] for each in happened["changes"])
    assert told(happened, "areas_of_operation") == {("Group ends", "ended", False), ("Patrol", "new", False)}
    none = asked(client, then=edited[2], now=edited[2], then_on=str(TODAY), now_on=str(TODAY))
    assert none["matched"] == 0


def test_pages_hold_every_difference_once(client: TestClient, edited: list[str]) -> None:
    every = asked(client, then=edited[0], then_on=str(THEN))
    paged = [
        asked(client, then=edited[0], then_on=str(THEN), limit=4, offset=n)["changes"]
        for n in range(0, every["matched"], 4)
    ]
    assert [each for page in paged for each in page] == every["changes"] and every["matched"] == len(every["changes"])


def state(client: TestClient, names: tuple[str, ...], fields: tuple[str, ...], **scope: str) -> dict[int, tuple]:
    """A layer read whole through the door of its items: each record by what is compared of it."""
    found: dict[int, list] = {}
    layer_of: dict[int, str] = {}
    for name in names:
        page = client.get(f"{HERE}/collections/{name}/items", params=scope).json()
        assert page["numberMatched"] == page["numberReturned"]
        for each in page["features"]:
            if layer_of.setdefault(each["id"], name) == name:
                said = [each["properties"].get(field) for field in fields]
                found.setdefault(each["id"], []).append((json.dumps(each["geometry"]), json.dumps(said)))
    return {id_: (layer_of[id_], tuple(sorted(rows))) for id_, rows in found.items()}


@pytest.mark.parametrize("room", ["internal", "hct", "cmwg_mixed", "public"])
def test_both_states_read_whole_differ_in_just_this(client: TestClient, edited: list[str], room: str) -> None:
    for then, then_on, until in (
        (edited[0], THEN, edited[2]),
        (edited[1], TODAY, edited[2]),
        (edited[0], THEN, edited[1]),
    ):
        found = asked(client, then=then, then_on=str(then_on), now=until, now_on=str(TODAY), audience=room)
        for c in COMPARED:
            if c.key not in found["counts"]:
                continue
            sides = [
                state(client, c.layers, c.fields, audience=room, as_of=known, datetime=f"../{day}" if c.happens else str(day))
                for known, day in ((then, then_on), (until, TODAY))
            ]  # fmt: skip
            old, new = sides
            expected = {(i, "gone") for i in old.keys() - new.keys()} | {(i, "new") for i in new.keys() - old.keys()}
            expected |= {(i, "changed") for i in old.keys() & new.keys() if old[i] != new[i]}
            words = {"ended": "gone", "withdrawn": "gone", "new": "new", "moved": "changed", "revised": "changed"}
            got = {(each["id"], words[each["kind"]]) for each in found["changes"] if each["of"] == c.key}
            assert got == expected, (room, c.key)
            n = found["counts"][c.key]
            assert (n["then"], n["now"]) == (len(old), len(new)), (room, c.key)


def test_a_room_is_told_no_more_than_its_rules_say_at_either_moment(client: TestClient, edited: list[str]) -> None:
    asking = {"then": edited[0], "then_on": str(THEN), "shapes": "true"}
    assert MARKER in json.dumps(asked(client, **asking)), "the room that records is told"
    for subject in ("areas_of_operation", "risk_zones"):
        rule = f"{HERE}/audiences/hct/rules/{subject}"
        withheld = {"areas_of_operation": ["source"], "risk_zones": ["basis"]}[subject]
        put = client.put(rule, json={"precision": "exact", "withheld": withheld}, headers={"If-Match": '"0"'})
        assert put.status_code in (200, 201), put.text
    for room in ("hct", "cmwg_mixed", "public"):
        found = asked(client, **asking, audience=room)
        assert MARKER not in json.dumps(found) and "Secret Force" not in json.dumps(found), room
        assert not any(each["by"] for each in found["changes"]), "who recorded is told where it is recorded"
    silent = asked(client, **asking, audience="public")
    assert any(words.startswith("overlaps: ") for words in silent["not_told"]) and "overlaps" not in silent["counts"]
    assert asked(client, **asking, audience="hct")["partly"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_two_comparisons_add_up_to_the_one_over_both(
    client: TestClient, edited: list[str], data: st.DataObject
) -> None:
    days = sorted(data.draw(st.lists(st.dates(date(2026, 4, 1), date(2026, 12, 31)), min_size=3, max_size=3)))
    known = sorted(data.draw(st.lists(st.sampled_from(edited), min_size=3, max_size=3)))
    at = list(zip(known, map(str, days), strict=True))

    def between(a: tuple[str, str], b: tuple[str, str]) -> dict[str, Any]:
        return asked(client, then=a[0], then_on=a[1], now=b[0], now_on=b[1])

    ab, bc, ac = between(at[0], at[1]), between(at[1], at[2]), between(at[0], at[2])
    for key, whole in ac["counts"].items():
        first, second = ab["counts"][key], bc["counts"][key]
        assert (first["then"], first["now"], second["now"]) == (whole["then"], second["then"], whole["now"])

        def net(n: dict[str, int]) -> int:
            return n["new"] - n["ended"] - n["withdrawn"]

        assert net(first) + net(second) == net(whole)
    ids = [{(each["of"], each["id"]) for each in found["changes"]} for found in (ab, bc, ac)]
    assert ids[2] <= ids[0] | ids[1], "what differs in the end differed on the way"


@pytest.mark.parametrize(
    "wrong",
    [{}, {"then": "yesterday"}, {"then_on": "2026-13-01"}, {"then": "2026-10-01", "now": "2026-09-01"}, {"then_on": "2027-01-01"},
     {"then": "2026-09-01", "of": "actors"}, {"then": "2026-09-01", "kind": "lost"}, {"then": "2026-09-01", "audience": "nobody"}],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(client: TestClient, wrong: dict[str, str]) -> None:
    answer = client.get(f"{HERE}/compare", params=wrong)
    assert (
        answer.status_code == 400
        and answer.json()["detail"]
        and answer.headers["content-type"].startswith("application/problem")
    )
    assert client.get("/operations/nowhere/compare?then=2026-09-01").status_code == 404


def test_a_notebook_has_every_page_of_it(client: TestClient, edited: list[str]) -> None:
    op = connect(client=client).operation("grid")
    found = op.compare(edited[0], then_on=str(THEN))
    assert (
        len(found)
        == asked(client, then=edited[0], then_on=str(THEN))["matched"]
        == found[["of", "id"]].drop_duplicates().shape[0]
    )
    assert found.attrs["counts"]["areas_of_operation"]["now"] == 6 and found.begins.dtype.kind == "M"
    assert len(op.compare(edited[2])) == 0


def test_every_layer_that_a_pack_watches_is_compared() -> None:
    from layers.changes import WATCHED

    assert {w.layer for w in WATCHED} <= {name for c in COMPARED for name in c.layers}
    for c in COMPARED:
        for name in c.layers:
            assert {*c.fields, c.begins, c.ends} - {None} <= {field.name for field in get(name).fields}
