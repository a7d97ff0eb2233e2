"""Shapes that are read all at once are those that are read feature by feature, odd ones among them."""

import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from geoapp.ingest import SHELL, vectors
from geoapp.ingest.layer_shapes import at_once

RING = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)]
HOLE = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)]
DRAWN = [
    shapely.Polygon(RING), shapely.Polygon(RING, [HOLE]), None, shapely.Polygon(), shapely.Polygon([(x, y, 7) for x, y in RING]),
    shapely.MultiPolygon([shapely.Polygon(RING), shapely.Polygon([(x + 9, y) for x, y in RING])]), shapely.Polygon(RING),
    shapely.Polygon(RING), shapely.Polygon(RING), shapely.LineString(RING), shapely.Point(1, 2),
]  # fmt: skip


def read(path: Path, form: str) -> tuple[list[Any], list[int], list[Any], list[Any]]:
    sheet = vectors.read(path, form, "polygon", {}, asdict(SHELL))
    batches = list(sheet.batches)
    geoms = [geom for batch in batches if batch.geoms is not None for geom in batch.geoms]
    return (
        [None if geom is None else shapely.to_wkb(geom, hex=True) for geom in geoms],
        [int(row) for batch in batches for row in batch.rows],
        [cell for batch in batches for cell in batch.columns[0].to_pylist()], sheet.notes,
    )  # fmt: skip


def odd(path: Path) -> None:
    """A GeoPackage of polygons by its own account: some are lines or points, one ring is open, one is cut off, one an arc."""
    geoms = np.array(
        [shapely.to_wkb(geom, output_dimension=3) if geom is not None else None for geom in DRAWN], dtype=object
    )
    pyogrio.raw.write(
        path, geoms, [np.array([f"n{i}" for i in range(len(DRAWN))], dtype=object)], ["name"], driver="GPKG", geometry_type="Unknown",
        crs="EPSG:4326", layer="odd",
    )  # fmt: skip
    with sqlite3.connect(path) as file:
        for trigger in [r[0] for r in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            file.execute(f'DROP TRIGGER "{trigger}"')
        file.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'POLYGON'")
        blobs = dict(file.execute("SELECT fid, geom FROM odd"))
        whole = blobs[7]
        start = len(whole) - (1 + 4 + 4 + 4 + 5 * 16)
        kind = whole[start + 1 : start + 5]
        assert int.from_bytes(kind, "little") == 3
        file.execute("UPDATE odd SET geom = ? WHERE fid = 7", (whole[:-8] + np.float64(0.5).tobytes(),))
        file.execute("UPDATE odd SET geom = ? WHERE fid = 8", (whole[:-20],))
        arc = whole[:start] + b"\x01" + (10).to_bytes(4, "little") + (1).to_bytes(4, "little")
        arc += (
            b"\x01" + (8).to_bytes(4, "little") + (5).to_bytes(4, "little") + np.array(RING, dtype=np.float64).tobytes()
        )
        file.execute("UPDATE odd SET geom = ? WHERE fid = 9", (arc,))


def test_odd_shapes_are_read_as_they_are_feature_by_feature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "odd.gpkg"
    odd(path)
    known = at_once(path, "GPKG", "odd", "Polygon")
    assert known is not None
    assert len(known) == len(DRAWN)
    together = read(path, "GPKG")
    with monkeypatch.context() as patched:
        patched.setattr(vectors, "at_once", lambda *_: None)
        one_by_one = read(path, "GPKG")
    assert together == one_by_one
    assert together[0][0] == shapely.to_wkb(DRAWN[0], hex=True)
    assert len(together[1]) >= 8


@pytest.mark.parametrize("kind", ["Polygon", "LineString"])
def test_a_shapefile_is_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    path = tmp_path / "some.shp"
    geoms = [geom if kind == "Polygon" else shapely.LineString(RING) for geom in (*DRAWN[:3], *DRAWN[5:7])]
    pyogrio.raw.write(
        path, np.array([shapely.to_wkb(g) if g is not None else None for g in geoms], dtype=object),
        [np.array(["Béré", "Abéché", "", "d", "e"], dtype=object)], ["name"], driver="ESRI Shapefile", geometry_type=kind, crs="EPSG:4326",
    )  # fmt: skip
    assert at_once(path, "ESRI Shapefile", None, kind)
    together = read(path, "ESRI Shapefile")
    with monkeypatch.context() as patched:
        patched.setattr(vectors, "at_once", lambda *_: None)
        assert read(path, "ESRI Shapefile") == together
    assert together[2][:2] == ["Béré", "Abéché"]


def test_what_is_not_of_a_known_number_is_left_to_fiona(tmp_path: Path) -> None:
    path = tmp_path / "any.geojson"
    path.write_text("{}", encoding="utf-8")
    assert at_once(path, "GeoJSON", None, "Polygon") is None
    assert at_once(path, "GPKG", None, "Point") is None
    assert at_once(path, "GPKG", None, "Polygon") is None  # it cannot be read as any layer
