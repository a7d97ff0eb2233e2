"""The colours that QGIS opens a layer with: its style file, made from the layer's one declaration."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from layers import STACK, Layer, Symbol

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


def qml(layer: Layer) -> str:
    """The QGIS style of a layer as XML."""
    root = Xml.Element("qgis", version="3.22", styleCategories="Symbology|Labeling")
    by = layer.style.by
    renderer = Xml.SubElement(
        root,
        "renderer-v2",
        {"type": "categorizedSymbol" if by else "singleSymbol", "forceraster": "0", "enableorderby": "0"},
    )
    if by:
        renderer.set("attr", by)
        categories = Xml.SubElement(renderer, "categories")
        for place, rule in enumerate(layer.style.rules):
            value = "" if rule.value is None else str(rule.value)
            Xml.SubElement(categories, "category", value=value, symbol=str(place), label=rule.label, render="true")
    symbols = Xml.SubElement(renderer, "symbols")
    for place, rule in enumerate(layer.style.rules):
        _symbol(symbols, str(place), layer.shape, rule.symbol)
    Xml.SubElement(root, "layerOpacity").text = str(layer.style.opacity)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + Xml.tostring(root, encoding="unicode")


def layer_styles(path: Path, layers: Sequence[Layer] = STACK) -> None:
    """Write the `layer_styles` table into a GeoPackage, so that QGIS opens every layer in its colours."""
    with sqlite3.connect(path) as connection:
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
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        connection.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, useAsDefault, description, owner, update_time) VALUES ('', '', ?, 'geom', ?, ?, 1, ?, '', ?)",
            [(layer.name, layer.name, qml(layer), layer.question, now) for layer in layers],
        )
    connection.close()
