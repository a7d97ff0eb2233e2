"""A hazard is seen at every zoom at which its layer is drawn, however small or thin; as many are drawn as are counted."""

import math
from collections.abc import Callable
from typing import Any

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine

from geoapp import db
from geoapp.draw import panel, tile
from geoapp.scope import Scope
from layers import get

METRE = 1 / 111_320
LON, LAT = 10.3, 5.3


def ring(*corners: tuple[float, float]) -> list[list[float]]:
    """A ring by metres east and north of the middle of Gridland."""
    return [[LON + x * METRE, LAT + y * METRE] for x, y in (*corners, corners[0])]


def box(x: float, y: float, width: float, height: float) -> list[list[float]]:
    return ring((x, y), (x + width, y), (x + width, y + height), (x, y + height))


SHAPES: dict[str, dict[str, Any]] = {
    "one metre": {"type": "Polygon", "coordinates": [box(0, 0, 1, 1)]},
    "100 m": {"type": "Polygon", "coordinates": [box(3000, 0, 100, 100)]},
    "1 km": {"type": "Polygon", "coordinates": [box(6000, 0, 1000, 1000)]},
    "20 km": {"type": "Polygon", "coordinates": [box(-10_000, 5000, 20_000, 20_000)]},
    "belt": {"type": "Polygon", "coordinates": [box(-10_000, -3000, 20_000, 30)]},
    "belt aslant": {"type": "Polygon", "coordinates": [ring((-9000, -9000), (5000, 4000), (5020, 3980), (-8980, -9020))]},
    "belt around a corner": {
        "type": "Polygon",
        "coordinates": [ring((0, -6000), (8000, -6000), (8000, -14_000), (8020, -14_000), (8020, -5980), (0, -5980))],
    },
    "pieces far apart": {
        "type": "MultiPolygon", "coordinates": [[box(-15_000, -15_000, 40, 40)], [box(15_000, 15_000, 40, 40)]]
    },
    "large and small": {
        "type": "MultiPolygon",
        "coordinates": [[box(-14_000, -9000, 6000, 6000)], [box(-5000, -9000, 100, 100)], [box(-5000, -3500, 100, 100)]],
    },
}  # fmt: skip


def across(shape: dict[str, Any], z: int) -> set[tuple[int, int]]:
    """The tiles that the shape's box lies in."""
    rings = [
        r
        for part in (shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]])
        for r in part
    ]
    places = [spot for r in rings for spot in r]
    columns = [(lon + 180) / 360 * 2**z for lon, _ in places]
    rows = [(1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z for _, lat in places]
    return {
        (x, y)
        for x in range(int(min(columns)), int(max(columns)) + 1)
        for y in range(int(min(rows)), int(max(rows)) + 1)
    }


@pytest.mark.parametrize("kind", ["hazards", "areas"])
def test_every_shape_is_drawn_at_every_zoom_and_counted(gridded: Callable, engine: Engine, kind: str) -> None:
    own: dict[str, Any] = {"haz_type": "CHA"}
    if kind == "areas":
        own = {"actor": "Thin Line", "domain": "military", "date_from": "2026-01-01", "date_to": "2026-12-31"}
    features = [(shape, {"source_key": name, "name": name} | own) for name, shape in SHAPES.items()]
    assert gridded(kind, features).created == len(SHAPES)
    layer, scope = get("hazards" if kind == "hazards" else "areas_of_operation"), Scope("grid", member="tester")
    with db.transaction(engine, scope.context()) as connection:
        for z in range(layer.zoom[0], 13):
            tiles = set().union(*(across(shape, z) for shape in SHAPES.values()))
            if z > 9:  # close by the ends of the large one are enough
                tiles = set().union(*(across(shape, z) for name, shape in SHAPES.items() if name != "20 km"))
            drawn: dict[int, dict[str, Any]] = {}
            parted: dict[int, list[dict[str, Any]]] = {}
            for x, y in tiles:
                found = mapbox_vector_tile.decode(tile.tile(connection, layer, scope, z, x, y))
                for f in found.get(layer.name, {"features": []})["features"]:
                    drawn[f["id"]] = f
                    parted.setdefault(f["id"], []).append(f)
            named = {f["properties"].get("name") for f in drawn.values()}
            if kind == "hazards":
                assert named == set(SHAPES), z
                counted = panel.counts(connection, scope, ["hazards"])["hazards"]
                assert len(drawn) == counted["count"] == sum(counted["classes"]), z
            else:
                thin = [f for f in drawn.values() if f["properties"]["actor"] == "Thin Line"]
                assert len(thin) == len(SHAPES), z
            # the whole is no dot any more, and its small pieces are no shapes yet
            if kind == "hazards" and 6 <= z <= 10:
                pieces = next(p for p in parted.values() if p[0]["properties"]["name"] == "large and small")
                spots = [f["geometry"] for f in pieces if f["properties"].get("_small")]
                assert any(f["geometry"]["type"].endswith("Polygon") for f in pieces), z
                assert max(len(g["coordinates"]) if g["type"] == "MultiPoint" else 1 for g in spots) == 2 or z > 8, z
            for feature in drawn.values():
                if feature["geometry"]["type"] in ("Point", "MultiPoint"):
                    assert feature["properties"]["_small"] is True
