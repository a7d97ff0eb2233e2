"""Hot spots: five within ten kilometres, no more than a fortnight apart; the same as a plain reckoning in memory."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from shapely.geometry import Point, shape
from sqlalchemy import Connection, Engine, event, text
from starlette.testclient import TestClient

from geoapp import db
from geoapp.app import create_app
from geoapp.draw import features, tile
from geoapp.draw.hot_spots import hot_spots
from geoapp.scope import Only, Scope
from geoapp.settings import Settings
from layers import get
from layers._gathered import DAYS, DEGREE_KM, KM, LEAST, MOST_KM
from layers.hot_spots import MARGIN_KM
from tests.gridland import HEAD, TODAY, incident

LAYER = get("hot_spots")
PUT = text("""
    INSERT INTO facts.incident (operation_id, handling, valid, finest, coarsest, source, source_event_id, time_precision,
        geo_precision, event_type, taxonomy, fatalities, same_as_source, same_as_event, geom)
    VALUES (calc.operation(), CAST(:handling AS facts.handling), daterange(:day, :day, '[]'), 0, 1, 'hand', :event, :time,
        :place, :type, 'local', 1, :lead_source, :lead, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
""")
DEFAULTS = {
    "handling": "GREEN", "time": "day", "place": "settlement", "type": "Battles", "lead_source": None, "lead": None,
}  # fmt: skip


def put(connection: Connection, rows: list[dict]) -> None:
    connection.execute(PUT, [DEFAULTS | {"event": f"h{n}"} | row for n, row in enumerate(rows)])


def five(day: date = TODAY, apart: int = 1, **more: str) -> list[dict]:
    """Five incidents one kilometre from each other, so many days apart, the last on the day."""
    return [
        {"lon": 10.5 + 0.01 * n, "lat": 5.5, "day": day - timedelta(days=apart * (4 - n)), **more} for n in range(5)
    ]


def spots(connection: Connection, period: tuple[date, date] | None = None, **more: object) -> list[dict]:
    return features.rows(connection, LAYER, Scope("grid", period=period, **more))


def scattered(connection: Connection, scope: Scope) -> dict[str, int]:
    """What gathers and forms no hot spot; told with the very hot spots that the items are."""
    found, places, incidents = hot_spots(connection, scope)
    assert found == features.geojson(connection, LAYER, scope)[0]
    return {"places": places, "incidents": incidents}


def reach_km(connection: Connection, spot: int) -> float:
    """How far the drawn ground of a hot spot reaches from end to end, about."""
    ground = shape(orjson.loads(features.one(connection, LAYER, Scope("grid"), spot))["geometry"])
    at = np.array(ground.exterior.coords) * DEGREE_KM
    at[:, 0] *= np.cos(np.radians(ground.centroid.y))
    return float(np.linalg.norm(at[:, None] - at[None], axis=2).max())


@pytest.fixture
def room(engine: Engine) -> Iterator[Connection]:
    """A transaction in the internal room that is taken back."""
    with engine.connect() as connection, connection.begin() as begun:
        db.set_context(connection, db.Context("grid", member="tester"))
        yield connection
        begun.rollback()


def reckoned(rows: list[tuple[float, float, date]]) -> tuple[set[frozenset[int]], list[frozenset[int]]]:
    """The hot spots of rows in order of their id, as sets of places in the list: DBSCAN in memory, then cut in time. Those
    that reach too far to be one are given beside them, uncut."""
    lon, lat = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    middle = np.radians((lat.min() + lat.max()) / 2)
    at = np.c_[lon * DEGREE_KM * np.cos(middle), lat * DEGREE_KM]
    distances = np.linalg.norm(at[:, None] - at[None], axis=2)
    assume(np.abs(distances - KM).min() > 1e-6)
    near = cKDTree(at).query_ball_point(at, KM)
    core = [len(found) >= LEAST for found in near]
    spot: dict[int, int] = {}
    for start in range(len(rows)):
        if not core[start] or start in spot:
            continue
        spot[start], waiting = start, [start]
        while waiting:
            for other in near[waiting.pop()]:
                if core[other] and other not in spot:
                    spot[other] = start
                    waiting.append(other)
    first = {place: rank for rank, place in enumerate(dict.fromkeys(r[:2] for r in rows))}
    by_place = sorted((i for i in range(len(rows)) if core[i]), key=lambda i: (first[rows[i][:2]], i))
    for edge in range(len(rows)):
        if not core[edge]:
            spot |= {edge: spot[i] for i in by_place[::-1] if i in near[edge]}
    pieces, wide = set(), []
    for one in set(spot.values()):
        places = np.unique([at[i] for i in spot if spot[i] == one], axis=0)
        reach = np.linalg.norm(places - places.mean(axis=0), axis=1).max()
        assume(abs(reach - MOST_KM / 2) > 1e-6)
        if reach > MOST_KM / 2:
            wide.append(frozenset(i for i in spot if spot[i] == one))
            continue
        inside = sorted((i for i in spot if spot[i] == one), key=lambda i: (rows[i][2], i))
        gaps = [n for n, (a, b) in enumerate(pairwise(inside), 1) if (rows[b][2] - rows[a][2]).days > DAYS]
        for begin, stop in pairwise([0, *gaps, len(inside)]):
            if stop - begin >= LEAST:
                pieces.add(frozenset(inside[begin:stop]))
    return pieces, wide


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 25), st.integers(0, 80)), min_size=5, max_size=70))
def test_the_same_as_reckoned_in_memory(room: Connection, drawn: list[tuple[int, int, int]]) -> None:
    rows = [(round(10 + 0.02 * x, 2), round(5 + 0.02 * y, 2), TODAY - timedelta(days=d)) for x, y, d in drawn]
    expected, wide = reckoned(rows)
    with room.begin_nested() as kept:
        put(room, [{"lon": x, "lat": y, "day": d} for x, y, d in rows])
        ids = list(
            room.execute(text("SELECT i.id FROM facts.incident AS i WHERE i.source = 'hand' ORDER BY i.id")).scalars()
        )
        found = spots(room)
        reaches = {f["id"]: reach_km(room, f["id"]) for f in found}
        kept.rollback()
    assert max(reaches.values(), default=0) <= MOST_KM + 2 * MARGIN_KM + 0.5
    parts = [next((w for w in wide if ids.index(f["id"]) in w), None) for f in found]
    for w in wide:
        assert sum(f["n"] for f, part in zip(found, parts, strict=True) if part is w) <= len(w)
    assert all(f["n"] >= LEAST for f in found)
    whole = [f for f, part in zip(found, parts, strict=True) if part is None]
    told = {(f["id"], f["n"], f["first_day"], f["last_day"], f["fatalities"]) for f in whole}
    assert told == {
        (ids[min(p)], len(p), min(rows[i][2] for i in p), max(rows[i][2] for i in p), len(p)) for p in expected
    }


def test_a_chain_across_the_country_is_several(room: Connection) -> None:
    chain = [{"lon": 10.0 + 0.02 * n, "lat": 5.5, "day": TODAY - timedelta(days=n % 10)} for n in range(50)]
    put(room, chain)
    found = spots(room)
    assert len(found) > 3, "a chain of 108 km does not fit in three of 30"
    assert sum(f["n"] for f in found) == len(chain)
    assert max(reach_km(room, f["id"]) for f in found) <= MOST_KM + 2 * MARGIN_KM + 0.5
    assert f"{MOST_KM} km" in (LAYER.style.note or "")
    # a list of one holds its incidents, and no incident is in two
    span = f"{TODAY - timedelta(days=90)}/{TODAY}"
    members = [
        features.rows(room, get("incidents"), Scope("grid", only=Only("incidents", (("spot", f"{f['id']}:{span}"),))))
        for f in found
    ]
    assert [len(each) for each in members] == [f["n"] for f in found]
    assert len({row["id"] for each in members for row in each}) == len(chain)
    assert [f["beside"] for f in found] == [0] * len(found)


def test_what_parting_leaves_over_is_told(room: Connection) -> None:
    at = [(0, 5), (5, 5), (10, 5), (15, 5), (24, 2), (33, 2)]
    places = [10 + km / (DEGREE_KM * np.cos(np.radians(5.5))) for km, n in at for _ in range(n)]
    put(room, [{"lon": lon, "lat": 5.5, "day": TODAY - timedelta(days=n % 5)} for n, lon in enumerate(places)])
    found = spots(room)
    left = len(places) - sum(f["n"] for f in found)
    assert 0 < left < LEAST
    assert {f["beside"] for f in found} == {left}


def test_what_gathers_and_forms_none_is_told(room: Connection) -> None:
    everywhere = Scope("grid")
    assert scattered(room, everywhere) == {"places": 0, "incidents": 0}
    step = 4.9 / (DEGREE_KM * np.cos(np.radians(5.5)))
    put(room, [{"lon": 10 + step * n, "lat": 5.5, "day": TODAY} for n in range(8)])  # 34 km: parted into four and four
    assert spots(room) == []
    assert scattered(room, everywhere) == {"places": 1, "incidents": 8}
    apart = [{"event": f"e{n}", "lon": 11, "lat": 5, "day": TODAY - timedelta(days=16 * n)} for n in range(5)]
    put(room, apart)
    assert scattered(room, everywhere) == {"places": 2, "incidents": 13}, "a fortnight and more between each of them"
    put(room, [{"event": f"f{n}", "lon": 11, "lat": 5, "day": TODAY} for n in range(4)])
    assert [found["n"] for found in spots(room)] == [5]
    assert scattered(room, everywhere) == {"places": 1, "incidents": 8}


def test_how_near_and_how_soon_is_said_and_meant(room: Connection) -> None:
    put(room, five(apart=DAYS))
    assert [(f["n"], f["within_km"], f["least"], f["gap_days"]) for f in spots(room)] == [(5, KM, LEAST, DAYS)]
    for number in (str(KM), str(LEAST), str(DAYS)):
        assert number in (LAYER.style.note or "")


@pytest.mark.parametrize(
    "rows",
    [
        five()[:4],
        five(apart=DAYS + 1),
        five(place="adm2"),
        five(time="month"),
        five(day=TODAY - timedelta(days=91)),
        [r | {"lat": 5.5 + 0.1 * n} for n, r in enumerate(five())],
        [*five()[:4], five()[4] | {"lead_source": "hand", "lead": "h0"}],
    ],
    ids=["four", "too late", "district only", "month only", "long ago", "too far", "two reports of one event"],
)
def test_what_is_none(room: Connection, rows: list[dict]) -> None:
    put(room, rows)
    assert spots(room) == []


def test_a_second_report_counts_where_the_first_is_not_seen(room: Connection) -> None:
    put(room, [*five()[:4], five()[4] | {"lead_source": "hand", "lead": "secret"},
               five()[4] | {"event": "secret", "handling": "RED"}])  # fmt: skip
    assert [f["n"] for f in spots(room)] == [5]
    db.set_context(room, db.Context("grid", "hct", member="tester"))
    assert [f["n"] for f in spots(room, audience="hct")] == [5]


def test_more_fewer_or_as_many_as_before(room: Connection) -> None:
    far = {"lon": 12.0}
    put(room, [{"lon": 10.5, "lat": 5.5, "day": TODAY - timedelta(days=d)} for d in (0, 1, 13, 14, 27)]
        + [far | {"lat": 5.5, "day": TODAY - timedelta(days=d), "event": f"f{d}"} for d in (0, 14, 15, 16, 27, 41)])  # fmt: skip
    assert [(f["recent"], f["before"], f["course"]) for f in spots(room)] == [(3, 2, "rising"), (1, 4, "falling")]
    later = (TODAY - timedelta(days=89), TODAY + timedelta(days=28))
    assert [f["course"] for f in spots(room, later)] == ["past", "past"]


def test_it_lies_around_its_incidents_and_is_whole_in_every_tile(room: Connection) -> None:
    put(room, five())
    ground = shape(orjson.loads(features.one(room, LAYER, Scope("grid"), spots(room)[0]["id"]))["geometry"])
    assert ground.is_valid
    assert all(ground.contains(Point(r["lon"], r["lat"])) for r in five())
    south = (5.5 - ground.bounds[1]) * DEGREE_KM
    assert south == pytest.approx(2, abs=1e-3)
    for box, touched in (((10.52, 5.505, 10.53, 5.51), 1), ((10.52, 5.52, 10.53, 5.53), 0)):
        assert features.count(room, LAYER, Scope("grid").within(box)) == touched
    assert tile.tile(room, LAYER, Scope("grid"), 9, 270, 248)


def test_the_page_clusters_once(engine: Engine, gridded: Callable) -> None:
    lines = [incident(100 + n, f"2026-10-{10 + n}", 7, 7) for n in range(6)]
    assert gridded("incidents", "\n".join([HEAD, *lines]), "open.csv", source="exercise", handling="GREEN").landed
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]) if "ST_ClusterDBSCAN" in a[2] else None)
    with TestClient(create_app(Settings(), engine)) as client:
        found = client.get(
            "/operations/grid/hot-spots", params={"audience": "hct", "datetime": "2026-10-01/2026-10-31"}
        )
    assert [f["properties"]["n"] for f in found.json()["features"]] == [6]
    assert found.json()["scattered"] == {"places": 0, "incidents": 0}
    assert len(asked) == 1, "rows and counts of one clustering"


def test_rooms(engine: Engine, gridded: Callable) -> None:
    lines = [incident(100 + n, f"2026-10-{10 + n}", 7, 7) for n in range(6)]
    assert gridded("incidents", "\n".join([HEAD, *lines]), "open.csv", source="exercise", handling="GREEN").landed

    def told(audience: str) -> list[dict]:
        scope = Scope("grid", audience, member="tester")
        with db.transaction(engine, scope.context()) as connection:
            return [f | {"id": 0} for f in features.rows(connection, LAYER, scope)]

    rooms = ("internal", "hct", "cmwg_mixed", "military_counterpart", "public")
    before = {audience: told(audience) for audience in rooms}
    assert [f["n"] for f in before["internal"]] == [6]
    assert before["public"] == []
    lines = [incident(200 + n, f"2026-10-{10 + n}", 7, 7) for n in range(6)]
    assert gridded("incidents", "\n".join([HEAD, *lines]), "red.csv", source="exercise", handling="RED").landed
    assert [f["n"] for f in told("internal")] == [12]
    assert {audience: told(audience) for audience in rooms[1:]} == {a: before[a] for a in rooms[1:]}


def test_as_known_on_a_day(engine: Engine, gridded: Callable) -> None:
    known = datetime.now(UTC)
    lines = [incident(100 + n, f"2026-10-{10 + n}", 7, 7) for n in range(6)]
    assert gridded("incidents", "\n".join([HEAD, *lines]), "new.csv", source="exercise").landed
    for moment, n in ((known, []), (datetime.now(UTC), [6])):
        scope = Scope("grid", as_of=moment, member="tester")
        with db.transaction(engine, scope.context()) as connection:
            assert [f["n"] for f in features.rows(connection, LAYER, scope)] == n
