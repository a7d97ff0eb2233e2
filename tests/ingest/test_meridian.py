"""The base map has no line around the globe: what jumps over the 180° meridian is cut there."""

import json

import numpy as np
import pytest
import shapely

from geoapp.draw import assets
from geoapp.ingest.meridian import cut


def longest_step(shape: shapely.Geometry) -> float:
    """The longest way in degrees of longitude between two corners of a ring."""
    rings = [ring for part in shapely.get_parts(shape) for ring in [part.exterior, *part.interiors]]
    return max(float(np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max()) for ring in rings)


def test_a_shape_across_the_meridian_is_two() -> None:
    island = shapely.Polygon([(178, -17), (-179, -17), (-179, -16), (178, -16)])
    (found,) = cut(np.array([island]))
    assert found.equals(shapely.union(shapely.box(178, -17, 180, -16), shapely.box(-180, -17, -179, -16)))
    assert found.area == pytest.approx(3)


def test_what_does_not_jump_stays() -> None:
    pole = shapely.Polygon([(-180, -90), (-180, -70), (-60, -75), (60, -75), (180, -70), (180, -90)])
    shapes = np.array(
        [
            shapely.segmentize(shapely.box(-170, 0, 170, 1), 90),
            shapely.Point(180, 0),
            shapely.LineString([(-179, 0), (179, 0)]),
            pole,
            None,
        ]
    )
    assert list(cut(shapes)) == list(shapes)


def test_the_countries_of_the_base_map_have_no_line_around_the_globe() -> None:
    world = json.loads(assets.path("countries-50m.json").read_text(encoding="utf-8"))
    scale, move = (np.array(world["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + move for arc in world["arcs"]]

    def ring(numbers: list[int]) -> np.ndarray:
        return np.concatenate([arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers])

    def polygon(rings: list[list[int]]) -> shapely.Polygon:
        return shapely.Polygon(ring(rings[0]), [ring(inner) for inner in rings[1:]])

    jumped = 0
    for country in world["objects"]["countries"]["geometries"]:
        if country["type"] not in ("Polygon", "MultiPolygon"):
            continue
        parts = [country["arcs"]] if country["type"] == "Polygon" else country["arcs"]
        shape = shapely.MultiPolygon([polygon(part) for part in parts])
        (found,) = cut(np.array([shape]))
        if country["properties"]["name"] == "Antarctica":
            continue
        jumped += longest_step(shape) > 180
        assert longest_step(found) < 180, country["properties"]["name"]
    assert jumped >= 2
