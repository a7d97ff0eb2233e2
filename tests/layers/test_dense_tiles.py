"""Nothing is dropped from a tile: what is too dense is counted in cells, what is too small becomes a dot."""

from collections.abc import Callable, Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, text

from geoapp import db, record
from geoapp.draw import features, tile
from geoapp.scope import Scope, parse_period
from layers import Layer, get
from tests.gridland import INCIDENTS, TODAY, area, incident, square

ROOMS = ("internal", "hct", "cmwg_mixed", "military_counterpart", "public")
TILES = {
    7: [(67, 61), (67, 62)],
    8: [(135, y) for y in (123, 124)],
    9: [(x, y) for x in (270, 271) for y in range(246, 250)],
}
"""All tiles at a zoom that Gridland lies in."""


def tiles(engine: Engine, layer: Layer, scope: Scope, z: int) -> list[list[dict[str, Any]]]:
    with db.transaction(engine, scope.context()) as connection:
        made = [tile.tile(connection, layer, scope, z, x, y) for x, y in TILES[z]]
    return [mapbox_vector_tile.decode(data).get(layer.name, {"features": []})["features"] for data in made]


def cells(found: list[list[dict[str, Any]]]) -> list[int]:
    return [f["properties"]["_n"] for each in found for f in each if "_n" in f["properties"]]


def matched(engine: Engine, layer: Layer, scope: Scope) -> int:
    with db.transaction(engine, scope.context()) as connection:
        return features.count(connection, layer, scope)


@pytest.fixture
def many(gridded: Callable) -> Iterator[Callable]:
    """900 more incidents, at most 9 in a square and day; a third of them for few rooms."""
    for handling, first in (("GREEN", 1000), ("AMBER", 2000), ("RED", 3000)):
        rows = [incident(first + n, f"2026-03-{1 + n % 28:02}", n % 10, n // 10 % 10, 1 + n % 2) for n in range(300)]
        text_ = "\n".join([INCIDENTS.split("\n")[0], *rows])
        assert gridded("incidents", text_, f"{handling}.csv", source=f"list {first}", handling=handling).created == 300
    yield gridded


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("period", [None, "2026-03-05/2026-03-20"])
def test_the_cells_of_dense_tiles_hold_every_incident_once(
    many: Callable, engine: Engine, monkeypatch: pytest.MonkeyPatch, room: str, period: str | None
) -> None:
    layer, scope = get("incidents"), Scope("grid", room, period=parse_period(period), member="tester")
    expected = matched(engine, layer, scope)
    singles = tiles(engine, layer, scope, 8)
    assert cells(singles) == []
    assert len({f["id"] for each in singles for f in each}) == expected
    monkeypatch.setattr(tile, "MOST", 0)
    for z in (8, 9):
        counted = tiles(engine, layer, scope, z)
        assert sum(cells(counted)) == expected, z
        assert all(set(f["properties"]) == {"_n"} for each in counted for f in each)
    known = Scope("grid", room, period=parse_period(period), as_of=None, member="tester")
    assert tiles(engine, layer, known, 8) == tiles(engine, layer, scope, 8)


def test_a_report_that_speaks_for_one_that_is_not_shown_is_counted(
    many: Callable, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = db.Context("grid", member="tester")
    with db.transaction(engine, inside) as connection:
        pairs = connection.execute(text("""
            SELECT a.id, b.id FROM facts.incident AS a JOIN facts.incident AS b ON a.geom = b.geom AND a.finest = 0 AND b.finest = 0
            WHERE a.handling = 'GREEN' AND b.handling = 'RED' ORDER BY a.id, b.id LIMIT 9
        """)).all()  # fmt: skip
        once = dict(reversed(pair) for pair in pairs)
        for one, other in {b: a for a, b in once.items()}.items():
            record.link(connection, one, other)
    monkeypatch.setattr(tile, "MOST", 0)
    for room in ROOMS:
        scope = Scope("grid", room, member="tester")
        assert sum(cells(tiles(engine, get("incidents"), scope, 8))) == matched(engine, get("incidents"), scope), room


def test_rows_that_are_not_shown_make_no_tile_dense(
    gridded: Callable, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile, "MOST", 4)
    layer, scope = get("incidents"), Scope("grid", "hct", member="tester")
    before = [tiles(engine, layer, scope, z) for z in (8, 9)]
    assert not any(cells(each) for each in before)
    rows = [incident(500 + n, "2026-03-01", 3, 3) for n in range(50)]
    text_ = "\n".join([INCIDENTS.split("\n")[0], *rows])
    assert gridded("incidents", text_, "hidden.csv", source="exercise", handling="RED").created == 50
    assert [tiles(engine, layer, scope, z) for z in (8, 9)] == before
    assert sum(cells(tiles(engine, layer, Scope("grid", member="tester"), 8))) >= 50


def test_shapes_too_many_are_counted_too(gridded: Callable, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = Scope("grid", member="tester")
    for name in ("boundaries", "areas_of_operation", "overlaps", "presence"):
        layer = get(name)
        expected = matched(engine, layer, scope)
        assert expected
        monkeypatch.setattr(tile, "MOST", 0)
        assert [sum(cells(tiles(engine, layer, scope, z))) for z in (7, 9)] == [expected, expected], name
        monkeypatch.setattr(tile, "MOST", 2000)
        assert cells(tiles(engine, layer, scope, 7)) == []


def test_a_shape_too_small_to_be_seen_is_still_drawn(gridded: Callable, engine: Engine) -> None:
    drawn = [
        area("tiny", "Tiny Post", "military", square(5.5, 5.5, 0.01, 0.01)),
    ]
    assert gridded("areas", drawn).landed
    layer, scope = get("areas_of_operation"), Scope("grid", member="tester")
    found = {f["properties"]["actor"]: f for each in tiles(engine, layer, scope, 7) for f in each}
    assert found["Tiny Post"]["geometry"]["type"] == "Point"
    assert found["Tiny Post"]["properties"]["_small"] is True
    assert found["First Brigade"]["geometry"]["type"] == "Polygon"
    assert "_small" not in found["First Brigade"]["properties"]


def test_no_tile_weighs_too_much(gridded: Callable, engine: Engine) -> None:
    """The heaviest tile that is drawn record by record: as many as there may be, each at a place and of a kind of its own."""
    rows = [incident(10_000 + n, "2026-03-01", n % 50 / 5, n // 50 / 4.5) for n in range(2050)]
    text_ = "\n".join([INCIDENTS.split("\n")[0], *rows])
    assert gridded("incidents", text_, "dense.csv", source="exercise").created == 2050
    layer, scope = get("incidents"), Scope("grid", member="tester")
    with db.transaction(engine, scope.context()) as connection:
        packed = {
            (z, x, y): (len(tile.packed(data := tile.tile(connection, layer, scope, z, x, y))), data)
            for z, places in TILES.items()
            for x, y in places
        }
    assert max(size for size, _ in packed.values()) <= 150_000
    assert TODAY
