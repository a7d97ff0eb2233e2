"""KMZ: read by GDAL's LIBKML, with its days, its words, a legend and signs that need no network."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as Xml

import pyogrio
import shapely
from PIL import Image
from sqlalchemy import Engine

from geoapp import export
from geoapp.codes import codes
from geoapp.scope import Scope
from layers import get

SCOPE = Scope("grid", purpose="export", member="tester")
KML = "{http://www.opengis.net/kml/2.2}"


def test_gdal_reads_shapes_days_and_words(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    export.write(engine, SCOPE, [get("overlaps"), get("incidents")], tmp_path / "o.kmz")
    export.write(engine, SCOPE, [get("overlaps")], tmp_path / "o.gpkg")
    drawn = pyogrio.read_dataframe(f"/vsizip/{tmp_path}/o.kmz/doc.kml", layer="Overlaps").sort_values("code")
    kept = pyogrio.read_dataframe(tmp_path / "o.gpkg", layer="overlaps").sort_values("code")
    assert drawn["relation_words"].tolist() == [codes("relations")[code] for code in kept["relation"]]
    assert [str(day)[:10] for day in drawn["begin"]] == [str(day)[:10] for day in kept["period_start"]]
    assert [str(day)[:10] for day in drawn["end"]] == [str(day)[:10] for day in kept["period_end"]]
    for one, other in zip(drawn.geometry, kept.geometry, strict=True):
        assert shapely.equals_exact(shapely.normalize(shapely.force_2d(one)), shapely.normalize(other), 1e-6) or (
            shapely.force_2d(one).symmetric_difference(other).area < 1e-9
        )


def test_everything_it_shows_is_inside(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    export.write(engine, SCOPE, [get("overlaps"), get("incidents")], tmp_path / "o.kmz")
    with zipfile.ZipFile(tmp_path / "o.kmz") as archive:
        root = Xml.fromstring(archive.read("doc.kml"))
        names = set(archive.namelist())
        pictures = {name: Image.open(io.BytesIO(archive.read(name))) for name in names if name.endswith(".png")}
    hrefs = {each.text for each in root.iter(f"{KML}href")}
    assert hrefs <= names
    assert root.findtext(f".//{KML}ScreenOverlay/{KML}Icon/{KML}href") == "legend.png"
    assert pictures["legend.png"].height > 100
    styles = {each.get("id") for each in root.iter(f"{KML}Style")}
    used = {each.text.removeprefix("#") for each in root.iter(f"{KML}styleUrl")}
    assert used <= styles
    assert len(used) > 1
