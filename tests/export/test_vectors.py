"""Zipped Shapefiles, FlatGeobuf and GeoParquet, read back by GDAL and geopandas and compared with the GeoPackage."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine

from geoapp import export
from geoapp.codes import codes
from geoapp.export.formats.shapefile import short_names
from geoapp.scope import Scope
from layers import get

SCOPE = Scope("grid", purpose="export", member="tester")
LONG = "Ligne – ماء" * 25


@pytest.mark.parametrize("suffix", [".zip", ".fgb", ".parquet"])
def test_shapes_and_values_are_those_of_the_geopackage(
    engine: Engine, gridded: Callable, tmp_path: Path, suffix: str
) -> None:
    layer = get("overlaps")
    export.write(engine, SCOPE, [layer], tmp_path / "o.gpkg")
    known = geopandas.read_file(tmp_path / "o.gpkg", layer="overlaps").sort_values("record").reset_index(drop=True)
    assert export.write(engine, SCOPE, [layer], tmp_path / f"o{suffix}") == {"overlaps": len(known)}
    read = geopandas.read_parquet if suffix == ".parquet" else geopandas.read_file
    found = read(tmp_path / f"o{suffix}").sort_values("record").reset_index(drop=True)
    assert found.crs == known.crs == "EPSG:4326"
    assert all(shapely.equals(found.geometry.to_numpy(), known.geometry.to_numpy()))
    short = short_names(["record", "km2", "actor_a", "period_start", "relation", "relation_words"])
    names = short if suffix == ".zip" else dict.fromkeys(short) | {name: name for name in short}
    for name in ("record", "km2", "actor_a", "relation"):
        assert found[names[name]].tolist() == known[name].tolist(), name
    assert [str(day)[:10] for day in found[names["period_start"]]] == [str(day)[:10] for day in known["period_start"]]
    assert found[names["relation_words"]].tolist() == [codes("relations")[code] for code in known["relation"]]


def test_a_shapefile_loses_no_name_and_no_text(engine: Engine, bring: Callable, tmp_path: Path) -> None:
    site = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [10, 5]},
            "properties": {"id": "S1", "name": LONG, "type": "clinic"}}  # fmt: skip
    assert bring("sites", json.dumps({"type": "FeatureCollection", "features": [site]})).landed
    path = tmp_path / "s.zip"
    export.write(engine, SCOPE, [get("sites"), get("basemap")], path)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert archive.read("sites.cpg") == b"UTF-8"
        columns = list(csv.DictReader(io.StringIO(archive.read("columns.csv").decode("utf-8-sig"))))
        texts = list(csv.DictReader(io.StringIO(archive.read("texts.csv").decode("utf-8-sig"))))
    assert {f"basemap_{shape}.shp" for shape in ("point", "line", "polygon")} < names
    assert [t["text"] for t in texts if t["name"] == "name"] == [LONG]
    told = {c["name"]: c for c in columns if c["layer"] == "sites"}
    assert told["facility_type"]["short"] == "facility_t"
    assert told["facility_type"]["title"] == get("sites").field("facility_type").title
    assert list(geopandas.read_file(path, layer="sites").columns) == [
        "record", *(c["short"] for c in columns if c["layer"] == "sites"), "geometry"
    ]  # fmt: skip
    cut = geopandas.read_file(path, layer="sites")["name"][0]
    assert cut.endswith("…")
    assert LONG.startswith(cut[:-1])
    assert len(cut.encode()) <= 254


def test_short_names_are_unique_whatever_their_case() -> None:
    names = ["verification", "verificati", "verification_words", "VERIFICATION", "verificatio_words", *"ab"]
    short = short_names(names)
    assert len({each.lower() for each in short.values()}) == len(names)
    assert all(len(each) <= 10 for each in short.values())
    many = short_names(f"same_beginning_{n}" for n in range(120))
    assert len(set(many.values())) == 120
    assert max(map(len, many.values())) == 10


def test_a_geoparquet_says_what_it_is(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    export.write(engine, SCOPE, [get("hazards")], tmp_path / "none.parquet")
    footer = pq.read_schema(tmp_path / "none.parquet")
    about = json.loads(pq.read_metadata(tmp_path / "none.parquet").metadata[b"about"])
    assert about["warning"] == get("hazards").warning
    assert footer.field("hazard_type").metadata[b"title"].decode() == get("hazards").field("hazard_type").title
    assert len(geopandas.read_parquet(tmp_path / "none.parquet")) == 0
    export.write(engine, SCOPE, [get("boundaries")], tmp_path / "b.parquet")
    frame = geopandas.read_parquet(tmp_path / "b.parquet")
    geo = json.loads(pq.read_metadata(tmp_path / "b.parquet").metadata[b"geo"])["columns"]["geometry"]
    assert geo["bbox"] == pytest.approx(frame.total_bounds.tolist())
    assert geo["geometry_types"] == sorted(set(frame.geom_type))


def test_what_nobody_knows_the_place_of_is_in_each(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    """Incident 4 is known to its province only."""
    for suffix in (".fgb", ".parquet", ".zip"):
        counts = export.write(engine, SCOPE, [get("rough_incidents")], tmp_path / f"r{suffix}")
        read = geopandas.read_parquet if suffix == ".parquet" else geopandas.read_file
        frame = read(tmp_path / f"r{suffix}")
        assert len(frame) == counts["rough_incidents"] == 1, suffix
        assert frame.geometry.isna().all(), suffix


def test_a_flatgeobuf_has_an_index(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    export.write(engine, SCOPE, [get("boundaries")], tmp_path / "b.fgb")
    assert pyogrio.read_info(tmp_path / "b.fgb")["capabilities"]["fast_spatial_filter"]
    found = pyogrio.read_dataframe(tmp_path / "b.fgb", bbox=(10.01, 5.01, 10.09, 5.09))
    assert sorted(found["level"]) == [1, 2], "not the district there and the province that was joined from it"
