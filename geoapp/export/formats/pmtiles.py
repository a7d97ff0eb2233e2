"""PMTiles: the map's own vector tiles in one file, to be laid on any web server; no program of ours has to run there.

A file says how deep it goes: as deep as MOST_TILES allow over the ground that its records cover, and no deeper than DEEPEST. Every
layer is in its last zoom, whatever the zoom from which the map draws it.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from sqlalchemy import text

from geoapp.audiences import LICENCE
from geoapp.codes import codes
from geoapp.draw import pyramid, tile
from geoapp.draw.query import meets, source
from geoapp.errors import NotAcceptable
from geoapp.export.formats._base import Format, LayerFile
from geoapp.scope import WORLD, Box
from layers import Layer

MOST_TILES, DEEPEST = 1_000, 12
"""Places on the grid that are looked at, of all zooms together; and the last zoom, where a unit of a tile is 2.4 m."""
SOURCES = 100
"""How many sources are named."""
NOBODY = "GeoApp"
POLAR = 85.05
"""Latitude at which the grid ends."""
Place = tuple[int, int, int]


@dataclass(frozen=True)
class _Ground:
    """Where the tiles are: the box that the records cover, in degrees, and the last zoom."""

    box: Box
    last: int

    def tiles(self, z: int) -> Iterator[Place]:
        """The tiles of a zoom that meet the box, in the file's order."""
        (x0, y0), (x1, y1) = (tile.place(z, *corner) for corner in (self.box[:2], self.box[2:]))
        found = [(z, x, y) for x in range(x0, x1 + 1) for y in range(y1, y0 + 1)]
        return iter(sorted(found, key=lambda place: zxy_to_tileid(*place)))

    @property
    def seen(self) -> Box:
        """What the tiles of the last zoom cover, in degrees."""
        boxes = [tile.bounds(*place) for place in self.tiles(self.last)]
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)


def write(file: LayerFile) -> dict[str, int]:
    """Tiles of every layer from zoom 0 on, and what they are in the file's metadata; the records in it by layer. Raises
    NotAcceptable for rows that are in no table."""
    if file.given:
        raise NotAcceptable("These rows are in no table, and have no tiles.", hint="Write a GeoPackage.")
    ground = _ground(file)
    counts, unplaced, sources = {}, {}, set[str]()
    for layer in file.layers:
        counts[layer.name], unplaced[layer.name], named = _held(file, layer, ground)
        sources |= named
    with file.path.open("wb") as out:
        writer = Writer(out)
        for place, data in _tiles(file, ground):
            writer.write_tile(zxy_to_tileid(*place), tile.packed(data))
        west, south, east, north = (round(degrees * 10_000_000) for degrees in ground.box)
        writer.finalize(
            {
                "tile_type": TileType.MVT, "tile_compression": Compression.GZIP,
                "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
                "center_zoom": min(ground.last, 6), "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2,
            },
            _metadata(file, ground, unplaced, sorted(sources)),
        )  # fmt: skip
    return counts


def _ground(file: LayerFile) -> _Ground:
    """The ground that the records cover. What is the same everywhere says nothing of it, unless it is all there is."""
    boxes = [box for layer in file.layers if not layer.fixed and (box := _extent(file, layer))]
    boxes = boxes or [box for layer in file.layers if (box := _extent(file, layer))] or [WORLD]
    west, south, east, north = (
        pick(each) for pick, each in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
    )
    box = (west, max(south, -POLAR), east, min(north, POLAR))
    looked = 0
    for z in range(DEEPEST + 1):
        looked += sum(1 for _ in _Ground(box, z).tiles(z))
        if looked > MOST_TILES:
            return _Ground(box, z - 1)
    return _Ground(box, DEEPEST)


def _extent(file: LayerFile, layer: Layer) -> Box | None:
    where, binds = file.rows(layer)
    sql = (
        "SELECT ST_XMin(b.e), ST_YMin(b.e), ST_XMax(b.e), ST_YMax(b.e) FROM ("
        f" SELECT ST_Extent(t.geom) AS e FROM ({source(layer, file.scope)}) AS t WHERE {meets(file.scope)} AND {where}) AS b"
    )
    found = file.connection.execute(text(sql), file.scope.binds() | dict(binds)).one()
    return None if found[0] is None else (found[0], found[1], found[2], found[3])


def _held(file: LayerFile, layer: Layer, ground: _Ground) -> tuple[int, int, set[str]]:
    """How many records of a layer have a place in the tiles, how many have none that is known, and what sources they name."""
    where, binds = file.rows(layer)
    scope = file.scope.within(ground.seen) if layer.fixed else file.scope
    named = any(field.name == "source" for field in file.fields(layer))
    sql = f"""
        SELECT count(t.geom), count(*) - count(t.geom), {"array_agg(DISTINCT t.source)" if named else "NULL"}
        FROM ({source(layer, scope)}) AS t WHERE {meets(scope)} AND {where}
    """
    placed, unplaced, sources = file.connection.execute(text(sql), scope.binds(ground.last) | dict(binds)).one()
    return placed, unplaced, {each for each in sources or () if each}


def _tiles(file: LayerFile, ground: _Ground) -> Iterator[tuple[Place, bytes]]:
    """The tiles that something is in, parts of all layers laid end to end, one zoom in memory at a time; the first of all even
    when nothing is."""
    for z in range(ground.last + 1):
        places = list(ground.tiles(z))
        columns, rows = [x for _, x, _ in places], [y for _, _, y in places]
        corners = min(columns), max(columns), min(rows), max(rows)
        parts: dict[Place, list[bytes]] = {(0, 0, 0): []} if z == 0 else {}
        for layer in file.layers if z == ground.last else tile.due(file.layers, z):
            where, binds = file.rows(layer)
            fields = [field.name for field in file.fields(layer)]
            asked = pyramid.query(layer, file.scope, z, corners, fields, where, binds)
            for x, y, part in file.connection.execute(text(asked.sql), asked.binds):
                parts.setdefault((z, x, y), []).append(bytes(part))
            file.progress(f"{layer.title}, zoom {z}", z + 1, ground.last + 1)
        for place in places:
            if place in parts:
                yield place, b"".join(parts[place])


_TYPES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}


def _metadata(file: LayerFile, ground: _Ground, unplaced: Mapping[str, int], sources: list[str]) -> dict[str, Any]:
    """What the file says of itself; viewers show `attribution` as HTML."""
    about = dict(file.about)
    titles = {layer.name: layer.title for layer in file.layers}
    named = f"Sources: {', '.join(sources[:SOURCES])}." if sources else ""
    line = " · ".join(filter(None, (about["title"], about["handling"], about["drawn_for"], named)))
    missing = " ".join(f"{n:,} of {titles[name]} have no place and are not in it." for name, n in unplaced.items() if n)
    said = {
        "name": about["title"], "description": "\n".join(f"{name}: {words}" for name, words in about.items()),
        "attribution": html.escape(line), "type": "overlay", "version": "1",
        "licence": LICENCE, "sources": sources[:SOURCES],
        "zooms": f"From 0 to {ground.last}: as deep as {MOST_TILES:,} tiles go over its ground, to {DEEPEST} at most.",
        "counted": f"Where more than {tile.MOST:,} records of a layer lie in a tile it has counts (_n) in their place; what is"
                   " too small to be seen is a point (_small).",
        "vector_layers": [_described(file, layer, ground) for layer in file.layers],
    }  # fmt: skip
    return about | said | ({"unplaced": missing} if missing else {})


def _described(file: LayerFile, layer: Layer, ground: _Ground) -> dict[str, Any]:
    """A layer as TileJSON names it, with the titles of its fields and the words of its codes."""
    fields = file.fields(layer)
    return {
        "id": layer.name, "description": f"{layer.title}: {layer.question} {layer.warning or ''}".strip(),
        "minzoom": min(layer.zoom[0], ground.last), "maxzoom": ground.last,
        "fields": {"_id": "Number"} | {field.name: _TYPES.get(field.kind, "String") for field in fields},
        "titles": {f.name: f"{f.title} ({f.unit})" if f.unit else f.title for f in fields},
        "codes": {field.name: dict(codes(field.code)) for field in fields if field.code},
    }  # fmt: skip


PMTILES = Format(
    ".pmtiles", "application/vnd.pmtiles", "PMTiles", "a web map without a server of its own", write, many=True
)
