"""What is drawn is cut, joined, widened, mended: on squares whose answers can be counted, and with borders shared to the last digit."""

from collections.abc import Callable
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from geoapp.app import create_app
from geoapp.errors import Refused
from geoapp.record.reshaping import _BY_AREA, _split, _widen
from geoapp.record.shapes import mended
from geoapp.settings import Settings
from tests.gridland import square
from tests.overlay.test_overlaps import km2

HERE = "/operations/grid"


def corners(shape: dict[str, Any]) -> set[tuple[float, ...]]:
    return {tuple(each) for each in shapely.get_coordinates(shapely.geometry.shape(shape)).tolist()}


def test_by_records_and_by_what_is_drawn_over_http(engine: Engine, gridded: Callable) -> None:
    with TestClient(create_app(Settings(), engine)) as client:

        def done(status: int = 200, **asked: Any) -> dict[str, Any]:
            room = {"audience": asked.pop("audience", "internal")}
            answer = client.post(f"{HERE}/shapes", json=asked, params=room)
            assert answer.status_code == status, answer.text
            return answer.json()

        def number(layer: str, **fields: str) -> int:
            return int(client.get(f"{HERE}/collections/{layer}/items", params=fields).json()["features"][0]["id"])

        district = number("boundaries", pcode="GD0011")
        there = square(1, 1)
        taken = done(do="take", layer="boundaries", id=district)
        assert corners(taken["geometry"]) == corners(there)
        assert taken["km2"] == pytest.approx(km2(there), rel=1e-6)
        # three by three squares with a district in their middle taken away: a hole with the district's own corners
        ring = done(do="away", geometry=square(0, 0, 3, 3), layer="boundaries", id=district)
        assert len(ring["geometry"]["coordinates"]) == 2
        assert corners(ring["geometry"]) == corners(square(0, 0, 3, 3)) | corners(there)
        assert ring["km2"] == pytest.approx(km2(square(0, 0, 3, 3)) - km2(there), rel=1e-6)
        whole = done(do="join", geometry=ring["geometry"], layer="boundaries", id=district)
        assert whole["km2"] == pytest.approx(km2(square(0, 0, 3, 3)), rel=1e-6), "it dissolves: nothing is left between"
        assert len(whole["geometry"]["coordinates"]) == 1
        assert (
            done(do="join", geometry=square(0, 0), by=square(5, 5))["said"][-1] == "It has 2 parts that do not touch."
        )
        half = done(do="common", geometry=square(0, 0, 2, 1), by=square(1, 0, 3, 3))
        assert corners(half["geometry"]) == corners(square(1, 0))
        line = {"type": "LineString", "coordinates": [[10.1, 4], [10.1, 6]]}
        cut = done(do="split", geometry=square(0, 0, 3, 1), by=line)
        assert [corners(each["geometry"]) for each in cut["pieces"]] == [
            corners(square(1, 0, 2, 1)),
            corners(square(0, 0)),
        ]
        bow = {"type": "Polygon", "coordinates": [[[10, 5], [10.1, 5.1], [10.1, 5], [10, 5.1], [10, 5]]]}
        whole_again = done(do="mend", geometry=bow)
        assert whole_again["geometry"]["type"] == "MultiPolygon"
        assert "crossed itself (Self-intersection[10.05 5.05])" in whole_again["said"][0]
        # what cannot be says why, in the words of the form
        for wrong, status in (
            ({"do": "away", "geometry": there, "layer": "boundaries", "id": district}, 422),
            ({"do": "common", "geometry": there, "by": square(5, 5)}, 422),
            ({"do": "split", "geometry": square(3, 3), "by": line}, 422),
            ({"do": "join", "geometry": bow, "by": there}, 422),
            ({"do": "join", "geometry": there}, 400),
            ({"do": "join", "by": there}, 400),
            ({"do": "widen", "geometry": there, "metres": 0}, 400),
            ({"do": "widen", "geometry": there, "metres": -20_000}, 422),
            ({"do": "take", "layer": "boundaries", "id": 999_999}, 404),
            ({"do": "take", "layer": "pg_class", "id": 1}, 404),
            ({"do": "take", "layer": "incidents", "id": number("incidents")}, 422),
        ):
            assert done(status, **wrong)["detail"]
        # a record that the room is not told is no record
        secret = number("areas_of_operation", actor="Secret Force")
        told, missing = (
            done(404, do="take", layer="areas_of_operation", id=each, audience="hct")["detail"].replace(str(each), "N")
            for each in (secret, 999_999)
        )
        assert told == missing


def test_what_lies_beside_comes_with_every_decimal_the_smallest_first(
    engine: Engine, gridded: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = 10.1 / 3 + 7
    shape = {"type": "Polygon", "coordinates": [[[odd, 5.2], [10.5, 5.2], [10.5, 5.3], [odd, 5.3], [odd, 5.2]]]}
    row = (shape, {"source_key": "odd", "actor": "First Brigade", "domain": "military", "handling": "GREEN"})
    assert gridded("areas", [row], "odd.geojson").landed
    with TestClient(create_app(Settings(), engine)) as client:
        asked = {"layers": "boundaries,areas_of_operation,incidents", "bbox": "10.01,5.21,10.49,5.29"}
        found = client.get(f"{HERE}/beside", params=asked | {"audience": "internal"}).json()
        assert [odd, 5.2] in [corner for line in found["lines"] for corner in line]
        assert found["left_out"] == 0
        # of the secret one the room is sent nothing
        secret = {"layers": "areas_of_operation", "bbox": "10.62,5.62,10.65,5.65"}
        assert len(client.get(f"{HERE}/beside", params=secret).json()["lines"]) == 1
        assert client.get(f"{HERE}/beside", params=secret | {"audience": "hct"}).json()["lines"] == []
        monkeypatch.setattr("geoapp.draw.beside.MOST", 5)
        small = client.get(f"{HERE}/beside", params=asked | {"audience": "internal"}).json()
        assert (len(small["lines"]), small["left_out"] > 1) == (1, True)


@given(st.integers(0, 5), st.integers(0, 5), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_what_is_cut_and_joined_again_is_the_whole(column: int, row: int, width: int, height: int) -> None:
    mine, other = (shapely.geometry.shape(each) for each in (square(1, 1, 4, 4), square(column, row, width, height)))
    try:
        left, shared = (_BY_AREA[do](mine, other).shape for do in ("away", "common"))
    except Refused:
        return
    assert shapely.equals(shapely.union(left, shared), mine)
    assert not shapely.intersection(left, other).area
    line = shapely.LineString([(9, 5.05 + 0.1 * row), (12, 5.05 + 0.1 * row)])
    try:
        pieces = _split(mine, line).pieces
    except Refused:
        return
    assert shapely.equals(shapely.union_all(pieces), mine)
    assert shapely.intersection(*pieces).length > 0, "they share a border"


@pytest.mark.parametrize("lat", [0.0, 47.0, -65.0])
def test_a_buffer_is_measured_on_the_ground(lat: float) -> None:
    """A circle of 10 km has 314 km² at every latitude; one on 10 km of a meridian has a rectangle more."""
    round_one = _widen(shapely.Point(20, lat), 10_000)
    assert round_one.told()["km2"] == pytest.approx(314.16, rel=0.01)
    way = _widen(shapely.LineString([(20, lat), (20, lat + 0.0898)]), 1_000)
    assert way.told()["km2"] == pytest.approx(20 + 3.14, rel=0.02)
    there_and_back = _widen(_widen(round_one.shape, 500).shape, -500)
    assert there_and_back.told()["km2"] == pytest.approx(314.16, rel=0.01)


def test_mending_is_bounded() -> None:
    star = [[10 + (i * 7 % 11) * 0.01, 5 + (i * 5 % 13) * 0.01] for i in range(1200)]
    with pytest.raises(Refused, match="crosses itself"):
        mended({"type": "Polygon", "coordinates": [[*star, star[0]]]})
