"""A QGIS project opens the GeoPackage beside it: read by QGIS itself where there is one."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as Xml

import pyogrio
import pytest
from sqlalchemy import Engine

from geoapp import export
from geoapp.scope import Scope
from layers import GROUPS, get

SCOPE = Scope("grid", purpose="export", member="tester")
LAYERS = [get(name) for name in ("boundaries", "areas_of_operation", "overlaps", "incidents")]
OPENED_BY_QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsProject
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
read = project.read(sys.argv[1])
layers = {l.name(): [l.isValid(), l.featureCount(), l.renderer().type(), l.labelsEnabled(), l.attributeAlias(2)]
          for l in project.mapLayers().values()}
groups = {g.name(): [c.name() for c in g.children()] for g in project.layerTreeRoot().children()}
order = [l.name() for l in project.layerTreeRoot().layerOrder()]
print(json.dumps([read, project.crs().authid(), layers, groups, order]))
"""


@pytest.fixture
def project(engine: Engine, gridded: Callable, tmp_path: Path) -> Path:
    counts = [export.write(engine, SCOPE, LAYERS, tmp_path / f"grid{suffix}") for suffix in (".gpkg", ".qgz")]
    assert counts[0] == counts[1]
    return tmp_path / "grid.qgz"


def test_its_paths_lead_to_the_geopackage_beside_it(project: Path) -> None:
    with zipfile.ZipFile(project) as archive:
        assert archive.namelist() == ["grid.qgs"]
        root = Xml.fromstring(archive.read("grid.qgs").split(b"\n", 1)[1])
    assert "/" not in "".join(source.text.removeprefix("./") for source in root.iter("datasource"))
    for source in root.iter("datasource"):
        file, layer = source.text.split("|layername=")
        assert len(pyogrio.read_dataframe(project.parent / file, layer=layer)) > 0
    groups = [group.get("name") for group in root.findall("layer-tree-group/layer-tree-group")]
    assert groups == [name for name in GROUPS if name in {layer.group for layer in LAYERS}]
    assert {item.get("id") for item in root.iter("layer-tree-layer")} == {
        i.text for i in root.findall(".//maplayer/id")
    }
    assert "is not absence" in root.findtext("projectMetadata/abstract")


def has_qgis() -> bool:
    python = shutil.which("python3", path="/usr/bin")
    return python is not None and not subprocess.run([python, "-c", "import qgis.core"], capture_output=True).returncode


@pytest.mark.skipif(not has_qgis(), reason="QGIS is not installed (python3-qgis)")
def test_qgis_opens_it_in_colour(project: Path) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-c", OPENED_BY_QGIS, str(project)], capture_output=True, text=True, timeout=120,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(project.parent), "PATH": "/usr/bin"},
    )  # fmt: skip
    read, crs, layers, groups, order = json.loads(done.stdout.splitlines()[-1])
    assert (read, crs) == (True, "EPSG:4326")
    assert set(layers) == {layer.title for layer in LAYERS}
    for layer in LAYERS:
        valid, count, renderer, labelled, alias = layers[layer.title]
        assert valid and count > 0
        assert renderer == "categorizedSymbol"
        assert labelled == (layer.style.label is not None)
        assert alias == layer.fields[0].title
    assert groups["Actors and presence"] == ["Areas of operation"]
    assert order == [layer.title for layer in reversed(LAYERS)], "incidents lie on top, whatever their group"
