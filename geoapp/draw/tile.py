"""One vector tile: which SQL gives a layer's part of it, and its bytes. Parts laid end to end are a tile of many layers.

The box is in the layer's own SQL on an indexed EPSG:4326 column; at small scales the geometry is the lighter
EPSG:3857 copy that was made when the shape was stored, so nothing is transformed or simplified while drawing.

What is too small to be seen becomes a point that says so (`_small`), so do the small pieces of a record beside its large ones,
and where more lie than can be told apart the tile has counted cells (`_n`) instead of records.
"""

import gzip
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import Connection, text

from geoapp.draw.query import Query, source
from geoapp.errors import NotFound
from geoapp.scope import Box, Only, Scope, boxed
from layers import Layer
from layers._sql import cell_x, cell_y

EXTENT, BUFFER, MARGIN = 4096, 64, 64 / 4096
MOST = 2000
"""How many records of a layer a tile draws one by one."""
CORNERS = 80_000
"""From how many corners in a tile on a pixel and a half of its shapes is smoothed away; half a pixel always is."""
CELLS = 32
"""Counted cells along the edge of a tile."""
SMALL = 16
"""From which size on, in units of the tile's grid, a shape is drawn as such: two pixels of a tile that is 512 wide."""
MAX_ZOOM = 22
HALF = 20037508.342789244


def bounds(z: int, x: int, y: int) -> Box:
    """The tile in degrees, with the buffer that keeps outlines from showing at its edge. Raises NotFound off the grid."""
    n = 1 << z if 0 <= z <= MAX_ZOOM else 0
    if not (0 <= x < n and 0 <= y < n):
        raise NotFound(f"There is no tile {z}/{y}/{x}.", hint="The grid is WebMercatorQuad, zoom 0 to 22.")

    def latitude(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * min(max(row, 0), n) / n))))

    west, east = ((x - MARGIN) / n * 360 - 180, (x + 1 + MARGIN) / n * 360 - 180)
    return max(west, -180.0), latitude(y + 1 + MARGIN), min(east, 180.0), latitude(y - MARGIN)


def place(z: int, longitude: float, latitude: float) -> tuple[int, int]:
    """The column and the row of the tile that a place lies in; the nearest for one beyond the grid."""
    n = 1 << z
    x, y = (longitude + 180) / 360, 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
    return min(max(math.floor(x * n), 0), n - 1), min(max(math.floor(y * n), 0), n - 1)


def drawn(layer: Layer) -> list[str]:
    """The fields a tile carries: what style and label read, and what the layer says a map needs to speak of a feature."""
    return [f.name for f in layer.fields if f.drawn or f.name in (layer.style.by, layer.style.label)]


def queries(layer: Layer, scope: Scope, z: int, x: int, y: int) -> list[Query]:
    """What gives a layer's part of a tile: the first of these whose answer is not NULL. Raises NotFound off the grid.

    Stored counts where there are some and they say that it is dense; the records one by one when they are few enough; the
    records counted. One by one, since planning what is seldom done takes longer than drawing a tile does.
    """
    size = 2 * HALF / (1 << z) if 0 <= z <= MAX_ZOOM else 0
    binds = scope.within(bounds(z, x, y)).binds(z) | {
        "x0": x * size - HALF, "y0": HALF - (y + 1) * size, "x1": (x + 1) * size - HALF, "y1": HALF - y * size,
        "small": SMALL * size / EXTENT, "cells": CELLS << z, "cx": CELLS * x, "cy": CELLS * y,
    }  # fmt: skip
    return [Query(sql, binds) for sql in _texts(layer, z, _shape(layer, scope), MOST)]


def _shape(layer: Layer, scope: Scope) -> Scope:
    """What of a scope the text of a layer's SQL follows: which values there are, not what they are."""
    only = scope.about(layer.name).only
    return Scope(
        "",
        period=(None, None) if scope.period is not None else None,
        as_of=datetime.min.replace(tzinfo=UTC) if scope.as_of is not None else None,
        only=Only(layer.name, tuple((name, "") for name, _ in only.filters)) if only else None,
    )


@lru_cache(maxsize=2048)
def _texts(layer: Layer, z: int, scope: Scope, most: int) -> tuple[str, ...]:
    found = [_one_by_one(layer, scope, z, most), _counted(layer, _records(layer, scope))]
    every = scope.period is None and scope.as_of is None and scope.only is None
    if layer.cells and z <= layer.cells_zoom and every:
        found.insert(0, _counted(layer, boxed(layer.cells), least=most + 1))
    return tuple(found)


def _one_by_one(layer: Layer, scope: Scope, z: int, most: int) -> str:
    # shapes are only read, transformed and cut when they are few enough; OFFSET 0 keeps one from being transformed
    # wherever it is used
    column, in_mercator = drawn_from(layer, z)
    fields = "".join(f', t."{name}"' for name in drawn(layer))
    flat = f"""SELECT t.id{fields}, {"t.geom" if in_mercator else "ST_Transform(t.geom, 3857)"} AS geom
                    FROM one AS t OFFSET 0"""
    beside = f"UNION ALL {pieces(fields, flat)}" if layer.pieces else ""
    return f"""
        WITH one AS MATERIALIZED (
            SELECT t.id{fields}, t.geom FROM ({source(layer, scope, column)}) AS t LIMIT {most + 1}
        ), cut AS MATERIALIZED (
            SELECT t.id{fields}, t.shown AS geom,
                CASE WHEN ST_Dimension(t.shown) = 0 AND ST_Dimension(t.geom) > 0 THEN true END AS small
            FROM (
                SELECT t.id{fields}, t.geom, {on_grid(layer)} AS shown FROM (
                    {flat}
                ) AS t OFFSET 0
            ) AS t
            {beside}
        )
        SELECT CASE WHEN (SELECT count(*) FROM one) <= {most} THEN ({_single(layer, fields)}) END
    """


_ON_GRID = f"ST_AsMVTGeom({{0}}, ST_MakeEnvelope(:x0, :y0, :x1, :y1, 3857), {EXTENT}, {BUFFER}, true)"


def drawn_from(layer: Layer, z: int) -> tuple[str, bool]:
    """The column to draw from, the lighter copy where there is one for this zoom, and whether it is in EPSG:3857."""
    if layer.simplified and z <= 9:
        return layer.simplified[0 if z <= 5 else 1], True
    return layer.geometry, False


def on_grid(layer: Layer) -> str:
    """A record on the tile's grid: its shape, a point where that is too small to be seen, its outline where it is long
    enough to be seen but thinner than the grid, points where it is many pieces that are each too small."""
    whole = _ON_GRID.format("t.geom")
    if layer.shape == "point":
        return whole
    # a point of a layer of mixed shapes has no extent and stays what it is
    tiny = (
        "ST_Dimension(t.geom) > 0"
        " AND greatest(ST_XMax(t.geom) - ST_XMin(t.geom), ST_YMax(t.geom) - ST_YMin(t.geom)) <= :small"
    )
    middle = _ON_GRID.format("ST_SetSRID(ST_Centroid(Box2D(t.geom)::geometry), 3857)")
    each = "(SELECT ST_Collect(ST_Centroid(p.geom)) FROM ST_Dump(t.geom) AS p)"
    # most shapes that give nothing lie beside the tile; only the thin ones are looked at again
    thin = f"ST_Dimension(t.geom) = 2 AND ST_Area(t.geom) <= ST_Perimeter(t.geom) * :small / {SMALL}"
    again = f"coalesce({_ON_GRID.format('ST_Boundary(t.geom)')}, {_ON_GRID.format(each)})"
    return f"""CASE WHEN {tiny} THEN {middle} ELSE coalesce({whole}, CASE WHEN {thin} THEN {again} END) END"""


def pieces(fields: str, flat: str, beside: str = "") -> str:
    """The pieces that are too small to be seen of records that also have larger ones, as points; several in one place are one.
    `beside` are further columns before the others."""
    size = "greatest(ST_XMax({0}) - ST_XMin({0}), ST_YMax({0}) - ST_YMin({0}))"
    middles = "ST_Collect(DISTINCT ST_SnapToGrid(ST_Centroid(Box2D(p.geom)::geometry), :small))"
    return f"""
            SELECT {beside}t.id{fields}, {_ON_GRID.format("s.geom")}, true
            FROM (
                    {flat}
            ) AS t
            CROSS JOIN LATERAL (
                SELECT ST_SetSRID({middles}, 3857) AS geom FROM ST_Dump(t.geom) AS p
                WHERE ST_Dimension(p.geom) > 0 AND {size.format("p.geom")} <= :small
            ) AS s
            WHERE ST_NumGeometries(t.geom) > 1 AND {size.format("t.geom")} > :small AND s.geom IS NOT NULL"""


def _single(layer: Layer, fields: str) -> str:
    # ST_AsMVT leaves out rows whose shape lies beside the tile. Without an order the bytes would follow the planner, and
    # tell a room that rows it may not see have come
    geom, small = smoothed(layer, "(SELECT sum(ST_NPoints(c.geom)) FROM cut AS c)"), ""
    if layer.shape != "point":
        small = ', t.small AS "_small"'
    return f"""
        SELECT ST_AsMVT(m, '{layer.name}', {EXTENT}, 'geom', 'id') FROM (
            SELECT t.id, t.id AS "_id"{fields}{small}, {geom} AS geom FROM cut AS t ORDER BY t.id, t.small NULLS FIRST
        ) AS m
    """


def smoothed(layer: Layer, corners: str) -> str:
    """The shape of a record without what cannot be seen of it: a third of the bytes goes, of borders two thirds."""
    if layer.shape == "point":
        return "t.geom"
    return f"ST_Simplify(t.geom, CASE WHEN {corners} <= {CORNERS} THEN 4 ELSE 12 END, true)"


def _counted(layer: Layer, cells: str, least: int = 0) -> str:
    """The counts of the tile's own cells, from rows of `x`, `y` (around the world) and `n`; NULL when they are fewer."""
    edge = EXTENT // CELLS
    return f"""
        SELECT CASE WHEN coalesce(sum(m."_n"), 0) >= {least} THEN ST_AsMVT(m, '{layer.name}', {EXTENT}, 'geom') END FROM (
            SELECT sum(c.n)::int AS "_n",
                ST_MakePoint((c.x - :cx) * {edge} + {edge // 2}, (c.y - :cy) * {edge} + {edge // 2}) AS geom
            FROM ({cells}) AS c
            WHERE c.x BETWEEN :cx AND :cx + {CELLS - 1} AND c.y BETWEEN :cy AND :cy + {CELLS - 1}
            GROUP BY c.y, c.x ORDER BY c.y, c.x
        ) AS m
    """


def _records(layer: Layer, scope: Scope) -> str:
    """Every record once, in the cell that the middle of its box lies in."""
    if layer.simplified:
        middle = f"ST_Centroid(Box2D({layer.simplified[0]})::geometry)"
        x, y = (
            f"floor(({half} / {2 * HALF}) * :cells)::int"
            for half in (f"(ST_X(t.geom) + {HALF})", f"({HALF} - ST_Y(t.geom))")
        )
    else:
        middle = layer.geometry if layer.shape == "point" else f"ST_Centroid(Box2D({layer.geometry})::geometry)"
        x, y = cell_x("t.geom", ":cells"), cell_y("t.geom", ":cells")
    # of nothing but the place: below OFFSET 0 every other field would be worked out for every record, the districts of an overlap too
    return f"SELECT {x} AS x, {y} AS y, 1 AS n FROM (SELECT t.geom FROM ({source(layer, scope, middle)}) AS t OFFSET 0) AS t"


def due(layers: Iterable[Layer], z: int) -> list[Layer]:
    """The layers that are drawn at a zoom."""
    return [layer for layer in layers if layer.zoom[0] <= z <= layer.zoom[1]]


def tile(connection: Connection, layer: Layer, scope: Scope, z: int, x: int, y: int) -> bytes:
    """The tile's MVT bytes, empty where nothing lies or the layer is not drawn at this zoom."""
    if not due([layer], z):
        bounds(z, x, y)
        return b""
    for asked in queries(layer, scope, z, x, y):
        found = connection.execute(text(asked.sql), asked.binds).scalar_one()
        if found is not None:
            return bytes(found)
    return b""


def packed(data: bytes) -> bytes:
    """Gzipped once, to be kept and sent as it is."""
    return gzip.compress(data, 5, mtime=0)
