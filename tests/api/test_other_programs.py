"""Programs that people have read a served operation: GDAL by OGC API Features, geopandas by address."""

import geopandas as gpd
import pyogrio
import pytest
from sqlalchemy import Engine, text

from geoapp import db


def test_overlaps_are_read_with_their_ground(address: str, engine: Engine, context: db.Context) -> None:
    with db.transaction(engine, context) as connection:
        count, km2 = connection.execute(
            text("SELECT count(*), sum(o.km2) FROM facts.overlap AS o WHERE o.ground_id IS NOT NULL")
        ).one()
    read = gpd.read_file(f"{address}/collections/overlaps/items?f=json&limit=1000")
    assert len(read) == count > 0
    assert read.to_crs("ESRI:54034").area.sum() / 1e6 == pytest.approx(km2, rel=1e-3)


def test_gdal_finds_every_layer_and_pages_through_it(address: str) -> None:
    layers = {name for name, _ in pyogrio.list_layers(f"OAPIF:{address}")}
    assert {"overlaps", "boundaries", "areas_of_operation", "incidents"} <= layers
    read = pyogrio.read_info(f"OAPIF:{address}", layer="boundaries", force_feature_count=True)
    assert read["features"] == len(gpd.read_file(f"{address}/collections/boundaries/items?f=json&limit=1000"))
