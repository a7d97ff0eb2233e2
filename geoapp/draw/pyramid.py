"""Every tile of a layer at one zoom, for files: the layer's SELECT is made once a zoom, not once a tile.

What a tile shows is decided as on the map (`tile.py`): a point for what is too small to be seen, counted cells (`_n`) where more than
`MOST` records lie.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from geoapp.draw.query import Query, meets, source
from geoapp.draw.query import told as as_file
from geoapp.draw.tile import CELLS, EXTENT, HALF, MARGIN, MOST, SMALL, drawn_from, on_grid, pieces, smoothed
from geoapp.scope import WORLD, Scope
from layers import Layer

EDGE = EXTENT // CELLS
Corners = tuple[int, int, int, int]
"""The first and the last column of tiles, the first and the last row."""


def query(
    layer: Layer, scope: Scope, z: int, corners: Corners, fields: Sequence[str], where: str = "true",
    values: Mapping[str, Any] | None = None,
) -> Query:  # fmt: skip
    """Rows `x`, `y` and the layer's part of that tile, for the tiles that something lies in: of the records whose row `t` meets
    `where`, with these fields of each."""
    size = 2 * HALF / (1 << z)
    # within a box the shape is compared with it, in degrees
    column, in_mercator = drawn_from(layer, z) if scope.bbox == WORLD else (layer.geometry, False)
    told = "".join(f', t."{name}"' for name in fields)
    said = "".join(f', {as_file(name)} AS "{name}"' for name in fields)
    small = "" if layer.shape == "point" else ', t.small AS "_small"'
    beside = f"UNION ALL {_own(pieces(told, 'SELECT t.* FROM spread AS t', 't.x, t.y, '))}" if layer.pieces else ""
    sql = f"""
        WITH one AS MATERIALIZED (
            SELECT row_number() OVER () AS r, t.id{told},
                {"t.geom" if in_mercator else "ST_Transform(t.geom, 3857)"} AS geom
            FROM ({source(layer, scope, column)}) AS t
            WHERE t.geom IS NOT NULL AND {meets(scope)} AND {where}
        ), lain AS MATERIALIZED (
            SELECT o.r, x.x, y.y, count(*) OVER (PARTITION BY x.x, y.y) AS n
            FROM one AS o
            CROSS JOIN LATERAL generate_series(
                greatest(:first_x, floor((ST_XMin(o.geom) + {HALF}) / :size - {MARGIN})::int),
                least(:last_x, floor((ST_XMax(o.geom) + {HALF}) / :size + {MARGIN})::int)
            ) AS x (x)
            CROSS JOIN LATERAL generate_series(
                greatest(:first_y, floor(({HALF} - ST_YMax(o.geom)) / :size - {MARGIN})::int),
                least(:last_y, floor(({HALF} - ST_YMin(o.geom)) / :size + {MARGIN})::int)
            ) AS y (y)
        ), spread AS (
            SELECT l.x, l.y, t.id{told}, t.geom, l.x * :size - {HALF} AS x0, {HALF} - (l.y + 1) * :size AS y0,
                (l.x + 1) * :size - {HALF} AS x1, {HALF} - l.y * :size AS y1
            FROM lain AS l JOIN one AS t USING (r) WHERE l.n <= {MOST}
        ), cut AS MATERIALIZED (
            SELECT t.x, t.y, t.id{told}, t.shown AS geom,
                CASE WHEN ST_Dimension(t.shown) = 0 AND ST_Dimension(t.geom) > 0 THEN true END AS small
            FROM (SELECT t.*, {_own(on_grid(layer))} AS shown FROM spread AS t OFFSET 0) AS t
            {beside}
        )
        SELECT t.x, t.y, ST_AsMVT(m, '{layer.name}', {EXTENT}, 'geom', 'id' ORDER BY t.id)
        FROM (
            SELECT t.*, sum(ST_NPoints(t.geom)) OVER (PARTITION BY t.x, t.y) AS corners FROM cut AS t
            WHERE t.geom IS NOT NULL
        ) AS t
        CROSS JOIN LATERAL (
            SELECT t.id, t.id AS "_id"{said}{small}, {smoothed(layer, "t.corners")} AS geom
        ) AS m
        GROUP BY t.x, t.y
        UNION ALL
        SELECT c.x, c.y, ST_AsMVT(m, '{layer.name}', {EXTENT}, 'geom' ORDER BY c.cy, c.cx)
        FROM (
            SELECT m.cx / {CELLS} AS x, m.cy / {CELLS} AS y, m.cx, m.cy, count(*)::int AS n
            FROM (
                SELECT floor(((ST_XMin(o.geom) + ST_XMax(o.geom)) / 2 + {HALF}) / :size * {CELLS})::int AS cx,
                    floor(({HALF} - (ST_YMin(o.geom) + ST_YMax(o.geom)) / 2) / :size * {CELLS})::int AS cy
                FROM one AS o
            ) AS m
            GROUP BY m.cx, m.cy
        ) AS c
        JOIN (SELECT DISTINCT l.x, l.y FROM lain AS l WHERE l.n > {MOST}) AS d USING (x, y)
        CROSS JOIN LATERAL (
            SELECT c.n AS "_n",
                ST_MakePoint(c.cx % {CELLS} * {EDGE} + {EDGE // 2}, c.cy % {CELLS} * {EDGE} + {EDGE // 2}) AS geom
        ) AS m
        GROUP BY c.x, c.y
    """
    first_x, last_x, first_y, last_y = corners
    binds = scope.binds(z) | {
        "size": size, "small": SMALL * size / EXTENT, "first_x": first_x, "last_x": last_x, "first_y": first_y,
        "last_y": last_y, **(values or {}),
    }  # fmt: skip
    return Query(sql, binds)


def _own(sql: str) -> str:
    """The SQL over rows that know the corners of their tile, in place of one tile's."""
    return re.sub(r":(x0|y0|x1|y1)\b", r"t.\1", sql)
