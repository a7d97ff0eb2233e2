"""Borders that shapes have in common are one line, so nothing tears however much is smoothed away."""

from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.draw.shared_lines import SCALE, Shapes, shared
from tests.draw.single_file import rings


def built(made: Shapes, n: int) -> BaseGeometry:
    read: dict[str, Any] = {"shapes": made.shapes, "lines": made.lines}
    lines = [shapely.LinearRing(np.array(ring) / SCALE) for ring in rings(read, n)]
    outer = [shapely.Polygon(ring) for ring in lines if ring.is_ccw]
    holes = [shapely.Polygon(ring) for ring in lines if not ring.is_ccw]
    whole = shapely.union_all(outer)
    return shapely.difference(whole, shapely.union_all(holes)) if holes else whole


def wavy(from_x: float, to_x: float) -> list[tuple[float, float]]:
    return [(x, 0.02 * np.sin(x * 40)) for x in np.linspace(from_x, to_x, 400)]


@pytest.mark.parametrize("tolerance", [0.0, 0.001, 0.01, 0.2])
def test_neighbours_still_meet_in_one_line(tolerance: float) -> None:
    border = wavy(0, 1)
    north = shapely.Polygon([*border, (1, 1), (0, 1)])
    south = shapely.Polygon([*border[::-1], (0, -1), (1, -1)])
    both = shapely.Polygon([(0, 1), (1, 1), border[-1], (1, -1), (0, -1), border[0]])
    made = shared([north, south, both], tolerance)
    a, b, c = (built(made, n) for n in range(3))
    assert shapely.intersection(a, b).area == 0
    assert shapely.union(a, b).equals(c)
    assert len(a.exterior.coords) < 40 or tolerance < 0.01


def test_holes_parts_lines_and_points_are_what_they_were() -> None:
    ring = shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (1, 2), (2, 2), (2, 1)]])
    parts = shapely.MultiPolygon([ring, shapely.box(5, 5, 6, 6)])
    inside = shapely.box(1, 1, 2, 2)
    line, points = shapely.LineString([(0, 0), (1, 1), (2, 0)]), shapely.MultiPoint([(1, 2), (3, -4.123456)])
    made = shared([parts, inside, line, points], 0)
    assert built(made, 0).equals(parts)
    assert built(made, 1).equals(inside)
    read: dict[str, Any] = {"shapes": made.shapes, "lines": made.lines}
    assert rings(read, 2) == [[(0, 0), (100000, 100000), (200000, 0)]]
    assert made.shapes[3] == [1, [[100000, 200000], [300000, -412346]]]
    hole = {n if n >= 0 else ~n for n in made.shapes[0][1][1]}
    assert hole == {n if n >= 0 else ~n for n in made.shapes[1][1][0]}, "the hole and what fills it are one line"


def test_a_ring_that_would_vanish_keeps_its_corners() -> None:
    small = shapely.box(0, 0, 0.001, 0.001)
    beside = shapely.box(0.001, 0, 0.002, 0.001)
    made = shared([small, beside], 0.5)
    assert built(made, 0).equals(small)
    assert built(made, 1).equals(beside)
    assert shared([], 1) == Shapes([], [])
