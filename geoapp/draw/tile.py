"""One vector tile: which SQL gives a layer's part of it, and its bytes. Parts laid end to end are a tile of many layers.

The box is in the layer's own SQL on an indexed EPSG:4326 column; at small scales the geometry is the lighter
EPSG:3857 copy that was made when the shape was stored, so nothing is transformed or simplified while drawing.
"""

import gzip
import math
from collections.abc import Iterable

from sqlalchemy import Connection, text

from geoapp.draw.query import Query, source
from geoapp.errors import NotFound
from geoapp.scope import Box, Scope
from layers import Layer

EXTENT, BUFFER, MARGIN = 4096, 64, 64 / 4096
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


def drawn(layer: Layer) -> list[str]:
    """The fields a tile carries: what style and label read, and the names that a map needs to speak of a feature."""
    wanted = {
        layer.style.by,
        layer.style.label,
        "name",
        "code",
        "actor",
        "rank",
        "level",
        "class",
        "verification",
        "road_class",
        "status",
    }
    return [f.name for f in layer.fields if f.name in wanted]


def query(layer: Layer, scope: Scope, z: int, x: int, y: int) -> Query:
    """The tile's SQL and values. Raises NotFound off the grid."""
    box = bounds(z, x, y)
    size = 2 * HALF / (1 << z)
    tile = (x * size - HALF, HALF - (y + 1) * size, (x + 1) * size - HALF, HALF - y * size)
    shape = f"ST_Transform({layer.geometry}, 3857)"
    if layer.simplified and z <= 9:
        shape = layer.simplified[0 if z <= 5 else 1]
    fields = "".join(f', t."{name}"' for name in drawn(layer))
    # ST_AsMVT leaves out rows whose shape fell to nothing; a WHERE that says so would cut every shape twice. Without an
    # order the bytes would follow the planner, and tell a room that rows it may not see have come
    sql = f"""
        SELECT ST_AsMVT(m, '{layer.name}', {EXTENT}, 'geom', 'id') FROM (
            SELECT t.id, t.id AS "_id"{fields}, ST_AsMVTGeom(t.geom,
                ST_MakeEnvelope(:x0, :y0, :x1, :y1, 3857), {EXTENT}, {BUFFER}, true) AS geom
            FROM ({source(layer, scope, shape)}) AS t
            ORDER BY t.id
        ) AS m
    """
    binds = scope.within(box).binds(z) | dict(zip(("x0", "y0", "x1", "y1"), tile, strict=True))
    return Query(sql, binds)


def due(layers: Iterable[Layer], z: int) -> list[Layer]:
    """The layers that are drawn at a zoom."""
    return [layer for layer in layers if layer.zoom[0] <= z <= layer.zoom[1]]


def tile(connection: Connection, layer: Layer, scope: Scope, z: int, x: int, y: int) -> bytes:
    """The tile's MVT bytes, empty where nothing lies or the layer is not drawn at this zoom."""
    if not due([layer], z):
        bounds(z, x, y)
        return b""
    asked = query(layer, scope, z, x, y)
    found = connection.execute(text(asked.sql), asked.binds).scalar_one()
    return bytes(found)


def packed(data: bytes) -> bytes:
    """Gzipped once, to be kept and sent as it is."""
    return gzip.compress(data, 5, mtime=0)
