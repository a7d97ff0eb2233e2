"""KMZ: read by GDAL's LIBKML, with its days, its words, a legend and signs that need no network."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pyogrio
import pytest
import shapely
from PIL import Image
from sqlalchemy import Engine

from geoapp import export
from geoapp.codes import codes
from geoapp.export.formats.kml import shape
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


@pytest.mark.parametrize("origin", [(0.0, 0.0), (20.0, -12.0), (-179.9999, 5e-6)])
def test_corners_are_plain_numbers_to_the_seventh_digit(origin: tuple[float, float]) -> None:
    x, y = origin
    hole = [(x + 0.2, y + 0.2), (x + 0.2, y + 0.30000004), (x + 0.3, y + 0.2)]
    drawn = shapely.Polygon([(x, y), (x + 1 / 3, y + 1e-6), (x + 1, y + 1), (x - 1e-9, y + 2 / 3)], [hole])
    told = re.findall(r"<coordinates>([^<]+)</coordinates>", shape(drawn))
    assert all(re.fullmatch(r"-?\d+(\.\d{1,7})?", number) for each in told for number in re.split("[ ,]", each))
    for ring, each in zip((drawn.exterior, *drawn.interiors), told, strict=True):
        corners = [[float(number) for number in corner.split(",")] for corner in each.split(" ")]
        assert np.abs(np.array(corners) - shapely.get_coordinates(ring)).max() <= 0.51e-7
