"""Which borders lie in a box, for shapes that are drawn along them? With every decimal, so that a border can be shared."""

from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geoapp.draw.features import bounded
from geoapp.draw.query import source
from geoapp.scope import BOX, Scope
from layers import Layer

MOST = 20_000
"""Corners that are sent, at most: those of the smallest shapes first, so that districts come before their province."""


def beside(connection: Connection, scope: Scope, layers: Sequence[Layer]) -> dict[str, Any]:
    """The rings and lines, as lists of [longitude, latitude], of the records of these layers that meet the scope's box, and
    how many records were left out because there are too many corners (they are the largest). Points are none."""
    drawn = [layer for layer in layers if layer.shape != "point" and not layer.fixed]
    if not drawn:
        return {"lines": [], "left_out": 0}
    each = " UNION ALL ".join(
        f"SELECT t.geom FROM ({source(layer, scope)}) AS t WHERE t.geom && {BOX} AND ST_Dimension(t.geom) > 0"
        for layer in drawn
    )
    with bounded(connection):
        rows = connection.execute(text(_SMALLEST.format(each)), scope.binds() | {"most": MOST}).all()
    shapes = [shapely.from_wkb(bytes(row.geom)) for row in rows if row.geom is not None]
    lines = [part.coords for shape in shapes for part in _lines(shape)]
    return {"lines": [list(map(list, line)) for line in lines], "left_out": sum(row.geom is None for row in rows)}


_SMALLEST = f"""
    WITH shape AS MATERIALIZED (SELECT DISTINCT ST_AsBinary(b.geom) AS geom, ST_NPoints(b.geom) AS corners
        FROM ({{}}) AS b WHERE ST_Intersects(b.geom, {BOX}))
    SELECT CASE WHEN sum(s.corners) OVER (ORDER BY s.corners, s.geom) <= :most THEN s.geom END AS geom FROM shape AS s
"""


def _lines(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape)
    return [
        line for part in parts
        for line in ([part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part])
        if line.geom_type in ("LinearRing", "LineString")
    ]  # fmt: skip
