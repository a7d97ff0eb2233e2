"""Roads of an OpenStreetMap extract (`.osm.pbf`): its highway ways, streamed, with the places of their nodes only.

Three passes over the file: which nodes roads stand on, where these are, the roads. What is held is 16 bytes for each
node of a road, however large the country.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geoapp.ingest import road_tags
from geoapp.ingest.columns import RefusedFile, Rows, Sheet
from geoapp.ingest.kinds.roads import HIGHWAY

CHUNK = 5_000
TAGS = ("highway", "name", "ref", "surface", "bridge", "tunnel", "oneway", "junction", "maxspeed", *road_tags.TAGS)
_CUT = "The file is cut off or damaged"


def read(path: Path, limits: dict[str, Any]) -> Sheet:
    """The roads of a PBF. Raises RefusedFile when it is damaged, also in the midst of its batches."""
    import osmium

    ways = osmium.IdTracker()
    try:
        for way in _of(path, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
            if way.tags.get("highway") in HIGHWAY and way.tags.get("area") != "yes":
                ways.add_way(way.id)
                ways.add_references(way)
    except (RuntimeError, ValueError, OverflowError) as error:
        raise _damaged(error) from None
    count = len(ways.way_ids())
    if count > limits["rows"]:
        raise RefusedFile("too-many-rows", f"The file has {count:,} roads.", "Take a smaller extract.")
    if not count:
        raise RefusedFile(
            "no-roads", "There are no roads in this extract.", "Take one that holds ways with the tag highway."
        )
    notes: list[Any] = []
    return Sheet(["osm_id", *TAGS], None, _batches(path, ways, notes), notes, count)


def _of(path: Path, entities: Any) -> Any:
    import osmium

    return osmium.FileProcessor(osmium.io.File(str(path), "pbf"), entities, osmium.io.ThreadPool(1, 4))


def _damaged(error: Exception) -> RefusedFile:
    words = " ".join(str(error).split())[:120]
    return RefusedFile("damaged", f"{_CUT} ({words}).", "Download it again and compare its size with what was offered.")


def _batches(path: Path, ways: Any, notes: list[Any]) -> Iterator[Rows]:
    import osmium

    places = osmium.NodeLocationsForWays(osmium.index.create_map("sparse_mem_array"))
    places.ignore_errors()
    stream = _of(path, osmium.osm.NODE | osmium.osm.WAY).with_filter(ways.id_filter()).with_filter(places)
    stream = stream.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    factory = osmium.geom.WKBFactory()
    cells: list[list[str | None]] = [[] for _ in range(len(TAGS) + 1)]
    shapes: list[Any] = []
    number, broken = 2, 0

    def batch() -> Rows:
        geoms = np.empty(len(shapes), dtype=object)
        geoms[:] = [s if not isinstance(s, str) else None for s in shapes]
        whole = np.array([isinstance(s, str) for s in shapes])
        geoms[whole] = shapely.from_wkb([s for s in shapes if isinstance(s, str)])
        return Rows([pa.array(c, pa.string()) for c in cells], np.arange(number, number + len(shapes)), geoms)

    try:
        for way in stream:
            try:
                shape: Any = factory.create_linestring(way)
            except (osmium.InvalidLocationError, RuntimeError):
                shape, broken = _pieces(way), broken + 1
            tags = way.tags
            for column, value in zip(cells, (str(way.id), *(tags.get(tag) for tag in TAGS)), strict=True):
                column.append(value)
            shapes.append(shape)
            if len(shapes) == CHUNK:
                yield batch()
                number += len(shapes)
                cells, shapes = [[] for _ in cells], []
    except (RuntimeError, ValueError, OverflowError) as error:
        raise _damaged(error) from None
    if shapes:
        yield batch()
    if broken:
        notes.append((
            "warning", "nodes-missing", f"{broken:,} roads stand on nodes that the extract does not hold; only the pieces in it"
            " were taken.", "Take an extract with complete ways.",
        ))  # fmt: skip


def _pieces(way: Any) -> Any:
    """What is left of a way whose nodes are not all in the file: its stretches between those that are not."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            stretches.append([])
        elif (at := (node.location.lon, node.location.lat)) not in stretches[-1][-1:]:
            stretches[-1].append(at)
    lines = [s for s in stretches if len(s) > 1]
    return shapely.multilinestrings([shapely.linestrings(s) for s in lines]) if lines else None
