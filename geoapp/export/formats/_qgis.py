"""The colours that QGIS opens a layer with: its style file, made from the layer's one declaration."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from xml.etree import ElementTree as Xml

from geoapp.codes import codes
from geoapp.export.formats._sld import sld
from layers import Layer, Symbol

MM = 0.2646
"""Millimetres in a CSS pixel at 96 dpi."""

HATCH = {
    "diagonal": [("line", 45.0)], "horizontal": [("line", 0.0)], "vertical": [("line", 90.0)],
    "grid": [("line", 0.0), ("line", 90.0)], "dots": [("point", 0.0)], "stripes": [("line", 135.0)],
}  # fmt: skip
MARKER = {
    "circle": "circle", "square": "square", "pentagon": "pentagon", "hexagon": "hexagon", "diamond": "diamond",
    "triangle": "triangle", "ring": "circle",
}  # fmt: skip


def _rgba(color: str | None, opacity: float = 1.0) -> str:
    if color is None:
        return "0,0,0,0"
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def _options(parent: Xml.Element, **values: str) -> None:
    mapped = Xml.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        Xml.SubElement(mapped, "Option", name=name, value=value, type="QString")


def _piece(parent: Xml.Element, class_: str, **values: str) -> Xml.Element:
    piece = Xml.SubElement(parent, "layer", {"class": class_, "enabled": "1", "locked": "0", "pass": "0"})
    _options(piece, **values)
    return piece


def _line(parent: Xml.Element, color: str | None, width: float, dash: tuple[float, ...] = ()) -> None:
    more = {"use_custom_dash": "1", "customdash": ";".join(f"{max(d, 0.4) * MM:.2f}" for d in dash),
            "customdash_unit": "MM"} if dash else {}  # fmt: skip
    _piece(
        parent, "SimpleLine", line_color=_rgba(color), line_width=f"{width * MM:.2f}", line_width_unit="MM",
        capstyle="round", joinstyle="round", **more,
    )  # fmt: skip


def _symbol(parent: Xml.Element, name: str, shape: str, symbol: Symbol) -> None:
    kind = {"polygon": "fill", "line": "line", "point": "marker"}[shape]
    element = Xml.SubElement(parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    if shape == "point":
        _piece(
            element, "SimpleMarker", name=MARKER[symbol.marker or "circle"], color=_rgba(symbol.fill, symbol.fill_opacity),
            outline_color=_rgba(symbol.stroke), outline_width=f"{symbol.width * MM:.2f}", outline_width_unit="MM",
            size=f"{symbol.size * MM:.2f}", size_unit="MM",
        )  # fmt: skip
        return
    if shape == "line":
        _line(element, symbol.stroke, symbol.width, symbol.dash)
        return
    if symbol.fill:
        _piece(element, "SimpleFill", color=_rgba(symbol.fill, symbol.fill_opacity), style="solid", outline_style="no")
    colors = [symbol.hatch_color, symbol.hatch_color_2]
    for place, (pattern, angle) in enumerate(HATCH.get(symbol.hatch or "", [])):
        distance = f"{symbol.hatch_px * MM:.2f}"
        if pattern == "point":
            piece = _piece(element, "PointPatternFill", distance_x=distance, distance_y=distance, displacement_x="0")
            inner = Xml.SubElement(piece, "symbol", type="marker", name=f"@{name}@{place}", alpha="1")
            _piece(
                inner,
                "SimpleMarker",
                name="circle",
                color=_rgba(colors[0]),
                outline_style="no",
                size="0.6",
                size_unit="MM",
            )
            continue
        for offset, color in enumerate(c for c in colors if c):
            piece = _piece(
                element, "LinePatternFill", angle=f"{angle:g}", distance=distance, distance_unit="MM",
                offset=f"{offset * symbol.hatch_px * MM / 2:.2f}", offset_unit="MM",
            )  # fmt: skip
            inner = Xml.SubElement(piece, "symbol", type="line", name=f"@{name}@{place}{offset}", alpha="1")
            wide = symbol.hatch_px / 2 if symbol.hatch == "stripes" else 1.2
            _line(inner, color, wide)
    if symbol.casing:
        _line(element, "#FFFFFF", symbol.width + 2)
    _line(element, symbol.stroke, symbol.width, symbol.dash)


def qml(layer: Layer, withheld: Collection[str] = ()) -> str:
    """The QGIS style of a layer as XML: its classes, what its columns are called, and words for its codes."""
    root = Xml.Element("qgis", version="3.22", styleCategories="Symbology|Labeling|Fields|Forms")
    root.append(renderer(layer, withheld))
    if layer.style.label and layer.style.label not in withheld:
        root.set("labelsEnabled", "1")
        root.append(labeling(layer.style.label))
    root.extend(spoken(layer, withheld))
    Xml.SubElement(root, "layerOpacity").text = str(layer.style.opacity)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + Xml.tostring(root, encoding="unicode")


def renderer(layer: Layer, withheld: Collection[str] = ()) -> Xml.Element:
    """The classes of a layer; the class of all others alone where the field that picks them is withheld."""
    by = layer.style.by if layer.style.by not in withheld else None
    rules = layer.style.rules if by else layer.style.rules[-1:]
    found = Xml.Element(
        "renderer-v2",
        {"type": "categorizedSymbol" if by else "singleSymbol", "forceraster": "0", "enableorderby": "0"},
    )
    if by:
        found.set("attr", by)
        categories = Xml.SubElement(found, "categories")
        for place, rule in enumerate(rules):
            value = "" if rule.value is None else str(rule.value)
            Xml.SubElement(categories, "category", value=value, symbol=str(place), label=rule.label, render="true")
    symbols = Xml.SubElement(found, "symbols")
    for place, rule in enumerate(rules):
        _symbol(symbols, str(place), layer.shape, rule.symbol)
    return found


def labeling(field: str) -> Xml.Element:
    """The value of a field beside each record, with a white edge."""
    found = Xml.Element("labeling", type="simple")
    settings = Xml.SubElement(found, "settings", calloutType="simple")
    style = Xml.SubElement(
        settings, "text-style", fieldName=field, fontSize="8", fontSizeUnit="Point", fontWeight="50", textColor="40,40,40,255",
        isExpression="0",
    )  # fmt: skip
    Xml.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255"
    )
    # what is left out here is nought to QGIS, and a label that may be placed nowhere is not drawn
    Xml.SubElement(settings, "placement", placement="0", placementFlags="10", priority="5", dist="0")
    Xml.SubElement(settings, "rendering", obstacle="1", obstacleType="1", drawLabels="1", fontMaxPixelSize="10000")
    return found


def spoken(layer: Layer, withheld: Collection[str] = ()) -> Iterator[Xml.Element]:
    """What the columns of a layer are called in QGIS, and the words that its table and forms show for codes."""
    aliases, widgets = Xml.Element("aliases"), Xml.Element("fieldConfiguration")
    for place, field in enumerate((f for f in layer.fields if f.name not in withheld), 2):
        title = f"{field.title} ({field.unit})" if field.unit else field.title
        Xml.SubElement(aliases, "alias", index=str(place), field=field.name, name=title)
        if field.code and field.kind != "list":
            widget = Xml.SubElement(Xml.SubElement(widgets, "field", name=field.name), "editWidget", type="ValueMap")
            config = Xml.SubElement(Xml.SubElement(widget, "config"), "Option", type="Map")
            pairs = Xml.SubElement(config, "Option", type="List", name="map")
            for code, words in codes(field.code).items():
                _options(pairs, **{words: code})
    yield aliases
    yield widgets


def layer_styles(
    connection: sqlite3.Connection, layers: Sequence[Layer], hidden: Callable[[Layer], Collection[str]], moment: str
) -> None:
    """Write the `layer_styles` table into a GeoPackage, so that QGIS opens every layer in its colours."""
    connection.execute("""
        CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256),
            f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
            styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
            update_time DATETIME)
    """)
    connection.execute("""
        INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description)
        VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS')
    """)
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
        " VALUES ('', '', ?, 'geom', ?, ?, ?, 1, ?, '', ?)",
        [
            (layer.name, layer.name, qml(layer, hidden(layer)), sld(layer, hidden(layer)), layer.question, moment)
            for layer in layers
        ],
    )
