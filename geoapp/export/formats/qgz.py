"""QGIS project: opens the GeoPackage of the same name beside it in colour, with groups, labels and words for codes."""

import zipfile
from xml.etree import ElementTree as Xml

import pyproj
from sqlalchemy import text

from geoapp.draw import features
from geoapp.draw.query import source
from geoapp.export.formats import _zip
from geoapp.export.formats._base import Format, LayerFile, xml_text
from geoapp.export.formats._qgis import labeling, renderer, spoken
from layers import GROUPS, Layer

_SRSID = "3452"
"""WGS 84 in the table of coordinate systems that every QGIS brings."""
_GEOMETRY = {"point": "Point", "line": "Line", "polygon": "Polygon"}


def write(file: LayerFile) -> dict[str, int]:
    """The project alone, by a relative path; records per layer that the GeoPackage holds for the same question."""
    stem = file.stem or file.path.stem
    root = Xml.Element("qgis", projectname=xml_text(file.about["title"]), version="3.22.0")
    Xml.SubElement(root, "title").text = xml_text(f"{file.about['title']} · {file.about['handling']}")
    _crs(Xml.SubElement(root, "projectCrs"))
    about = Xml.SubElement(root, "projectMetadata")
    Xml.SubElement(about, "title").text = xml_text(file.about["title"])
    Xml.SubElement(about, "abstract").text = xml_text("\n".join(f"{k}: {v}" for k, v in file.about.items()))
    _tree(Xml.SubElement(root, "layer-tree-group"), file, stem)
    _canvas(root, file)
    held = Xml.SubElement(root, "projectlayers")
    for layer in file.layers:
        _layer(held, file, layer, stem)
    order = Xml.SubElement(root, "layerorder")
    for layer in reversed(file.layers):
        Xml.SubElement(order, "layer", id=_id(layer))
    properties = Xml.SubElement(root, "properties")
    Xml.SubElement(Xml.SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    Xml.SubElement(Xml.SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"
    head = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    with zipfile.ZipFile(file.path, "w") as archive:
        _zip.add(archive, f"{stem}.qgs", head + Xml.tostring(root, encoding="utf-8"), file.about["made_at"])
    return {layer.name: _count(file, layer) for layer in file.layers}


def _count(file: LayerFile, layer: Layer) -> int:
    where, binds = file.rows(layer)
    sql = f"SELECT count(*) FROM ({source(layer, file.scope)}) AS t WHERE {where}"
    return int(file.connection.execute(text(sql), file.scope.binds() | dict(binds)).scalar_one())


def _id(layer: Layer) -> str:
    """QGIS gives a layer another identifier where its own has ten characters or fewer."""
    return f"geoapp_layer_{layer.name}"


def _source(layer: Layer, stem: str) -> str:
    return f"./{stem}.gpkg|layername={layer.name}"


def _tree(root: Xml.Element, file: LayerFile, stem: str) -> None:
    """Groups as in the layer list of the map; within one, what is on top of the map comes first."""
    for name in GROUPS:
        inside = [layer for layer in reversed(file.layers) if layer.group == name]
        if not inside:
            continue
        group = Xml.SubElement(root, "layer-tree-group", name=name, checked="Qt::Checked", expanded="1")
        for layer in inside:
            Xml.SubElement(
                group, "layer-tree-layer", id=_id(layer), name=layer.title, source=_source(layer, stem),
                providerKey="ogr", checked="Qt::Checked" if layer.on else "Qt::Unchecked",
                expanded="1" if layer.open else "0",
            )  # fmt: skip
    # without an order of its own a map is drawn group by group, and hazards would lie under districts
    custom = Xml.SubElement(root, "custom-order", enabled="1")
    for layer in reversed(file.layers):
        Xml.SubElement(custom, "item").text = _id(layer)


def _canvas(root: Xml.Element, file: LayerFile) -> None:
    """The view when it opens: where its first layers are."""
    boxes = (features.extent(file.connection, layer, file.scope) for layer in file.layers if not layer.mixed)
    box = next((box for box in boxes if box), None)
    if box is None:
        return
    canvas = Xml.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    Xml.SubElement(canvas, "units").text = "degrees"
    extent = Xml.SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
        Xml.SubElement(extent, name).text = f"{value:.6f}"
    _crs(Xml.SubElement(canvas, "destinationsrs"))


def _layer(parent: Xml.Element, file: LayerFile, layer: Layer, stem: str) -> None:
    element = Xml.SubElement(
        parent, "maplayer", type="vector", geometry=_GEOMETRY[layer.shape], styleCategories="AllStyleCategories",
        labelsEnabled="0",
    )  # fmt: skip
    Xml.SubElement(element, "id").text = _id(layer)
    Xml.SubElement(element, "datasource").text = _source(layer, stem)
    Xml.SubElement(element, "layername").text = layer.title
    Xml.SubElement(element, "abstract").text = xml_text(f"{layer.question} {layer.warning or ''}".strip())
    _crs(Xml.SubElement(element, "srs"))
    Xml.SubElement(element, "provider", encoding="UTF-8").text = "ogr"
    element.append(renderer(layer, file.hidden(layer)))
    if layer.style.label and layer.style.label not in file.hidden(layer):
        element.set("labelsEnabled", "1")
        element.append(labeling(layer.style.label))
    element.extend(spoken(layer, file.hidden(layer)))
    Xml.SubElement(element, "layerOpacity").text = str(layer.style.opacity)


def _crs(parent: Xml.Element) -> None:
    system = Xml.SubElement(parent, "spatialrefsys")
    Xml.SubElement(system, "wkt").text = pyproj.CRS(4326).to_wkt()
    Xml.SubElement(system, "proj4").text = "+proj=longlat +datum=WGS84 +no_defs"
    Xml.SubElement(system, "srsid").text = _SRSID
    Xml.SubElement(system, "srid").text = "4326"
    Xml.SubElement(system, "authid").text = "EPSG:4326"
    Xml.SubElement(system, "description").text = "WGS 84"
    Xml.SubElement(system, "geographicflag").text = "true"


QGZ = Format(
    ".qgz", "application/x-qgis-project", "QGIS project", "opens the GeoPackage of the same name beside it", write,
    many=True, records=False,
)  # fmt: skip
