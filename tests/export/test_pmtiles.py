"""PMTiles: the tiles of the map, read by GDAL and by the format's own reader, with what they say of themselves."""

import gzip
from collections.abc import Callable
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import Compression, TileType
from sqlalchemy import Engine, text

from geoapp import db, export
from geoapp.codes import codes
from geoapp.draw import pyramid, tile
from geoapp.export import neutrality
from geoapp.export.formats import pmtiles
from geoapp.scope import Scope
from layers import get
from tests.gridland import collection

SCOPE = Scope("grid", purpose="export", member="tester")
LAYERS = ("boundaries", "areas_of_operation", "overlaps", "presence_counts", "hot_spots", "incidents", "risk_zones")


@pytest.mark.parametrize("most", [tile.MOST, 1])
def test_each_tile_is_that_of_the_map(
    engine: Engine, gridded: Callable, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """With `most` of one record also where records are counted in place of being drawn."""
    monkeypatch.setattr(tile, "MOST", most)
    monkeypatch.setattr(pyramid, "MOST", most)
    compared = 0
    with db.transaction(engine, SCOPE.context()) as connection:
        for layer in map(get, LAYERS):
            for z in (3, 8, 10):
                if not tile.due([layer], z):
                    continue
                (x0, y1), (x1, y0) = tile.place(z, 10, 5), tile.place(z, 11, 6)
                asked = pyramid.query(layer, SCOPE, z, (x0, x1, y0, y1), tile.drawn(layer))
                found = {(x, y): bytes(part) for x, y, part in connection.execute(text(asked.sql), asked.binds)}
                for x in range(x0, x1 + 1):
                    for y in range(y0, y1 + 1):
                        known = tile.tile(connection, layer, SCOPE, z, x, y)
                        assert found.pop((x, y), b"") == known, (layer.name, z, x, y)
                        compared += bool(known)
                assert found == {}
    assert compared > 40


def test_gdal_reads_its_shapes(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    layer, path = get("areas_of_operation"), tmp_path / "a.pmtiles"
    counts = export.write(engine, SCOPE, [layer, get("rough_incidents")], path)
    export.write(engine, SCOPE, [layer], tmp_path / "a.gpkg")
    kept = geopandas.read_file(tmp_path / "a.gpkg", layer=layer.name).set_index("record").sort_index()
    drawn = pyogrio.read_dataframe(path, layer=layer.name)
    drawn = drawn.to_crs(4326).dissolve("_id").sort_index()
    assert drawn.index.tolist() == kept.index.tolist()
    assert drawn["actor"].tolist() == kept["actor"].tolist()
    assert counts == {"areas_of_operation": len(kept), "rough_incidents": 0}
    # a unit of the grid is some metres, and so are the seams between tiles
    beside = shapely.symmetric_difference(drawn.geometry.to_numpy(), kept.geometry.to_numpy())
    assert max(shapely.area(beside) / shapely.area(kept.geometry.to_numpy())) < 1e-3


def test_it_says_what_it_is_and_how_deep_it_goes(engine: Engine, bring: Callable, tmp_path: Path) -> None:
    ring = [[10, 5], [10.0001, 5], [10.0001, 5.0001], [10, 5]]
    small = {"type": "Polygon", "coordinates": [ring]}
    far = {"type": "Polygon", "coordinates": [[[x + 5, y + 5] for x, y in ring]]}
    places = [(shape, {"id": f"H{n}", "hazard_type": "minefield"}) for n, shape in enumerate((small, far))]
    assert bring("hazards", collection(places)).created == 2
    hazards = get("hazards")
    export.write(engine, SCOPE, [hazards], tmp_path / "h.pmtiles")
    read = Reader(MemorySource((tmp_path / "h.pmtiles").read_bytes()))
    header, said = read.header(), read.metadata()
    assert (header["tile_type"], header["tile_compression"]) == (TileType.MVT, Compression.GZIP)
    last = header["max_zoom"]
    assert last < pmtiles.DEEPEST, "five degrees are more ground than the tiles of zoom 12 may cover"
    assert said["zooms"].startswith(f"From 0 to {last}:")
    assert said["handling"].startswith("TLP:")
    assert "in no file" in said["licence"]
    assert hazards.warning in said["warning"]
    (layer,) = said["vector_layers"]
    assert (layer["id"], layer["maxzoom"]) == ("hazards", last)
    assert layer["codes"]["hazard_type"] == codes(str(hazards.field("hazard_type").code))
    seen = tile.place(0, 10, 5)
    assert b"_small" in gzip.decompress(read.get(0, *seen)), "a field of some metres is a point when the world is seen"
    assert neutrality.check(tmp_path / "h.pmtiles") == []
    narrow = Scope("grid", purpose="export", member="tester", bbox=(9, 4, 11, 6))
    assert export.write(engine, narrow, [hazards], tmp_path / "n.pmtiles") == {"hazards": 1}
    header = Reader(MemorySource((tmp_path / "n.pmtiles").read_bytes())).header()
    assert header["max_zoom"] == pmtiles.DEEPEST
    assert header["max_lon_e7"] < 110_000_000
