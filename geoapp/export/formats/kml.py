"""KML 2.2: layers as folders in their colours, and routes, for Google Earth and phones."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from io import BytesIO
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.export.formats._base import Format, LayerFile, RouteFile, xml_text
from geoapp.export.formats._told import Column, Sayings, columns
from layers import Layer, Symbol

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_PLAIN = 1e-4
"""Degrees below which JSON writes a number with an exponent, which not every reader of KML knows."""


class Writer:
    """Elements of an XML document, written as they come, many at a time: an archive packs what it is given piece by piece."""

    PIECES, LONG = 8_192, 1 << 18
    """Pieces, and characters of markup, that are kept before they are written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._pieces = out, ['<?xml version="1.0" encoding="utf-8"?>\n']
        self._open: list[str] = []
        self._length = 0
        self._bare = False
        """The innermost element has nothing in it yet, and its tag is not closed."""

    def start(self, tag: str, **attributes: str) -> None:
        """Open an element."""
        self._close_tag()
        self._pieces.append(f"<{tag}")
        self._pieces += [f" {name}={quoteattr(xml_text(value))}" for name, value in attributes.items()]
        self._open.append(tag)
        self._bare = True

    def end(self) -> None:
        """Close the innermost element."""
        tag = self._open.pop()
        self._pieces.append("/>" if self._bare else f"</{tag}>")
        self._bare = False
        if len(self._pieces) > self.PIECES:
            self._flush()

    def leaf(self, tag: str, value: Any, **attributes: str) -> None:
        """An element with text alone."""
        self.start(tag, **attributes)
        if words := escape(xml_text(value)):
            self._close_tag()
            self._pieces.append(words)
        self.end()

    def markup(self, text: str) -> None:
        """Elements that are written already, inside the innermost one."""
        self._close_tag()
        self._pieces.append(text)
        self._length += len(text)
        if self._length > self.LONG:
            self._flush()

    def _close_tag(self) -> None:
        if self._bare:
            self._pieces.append(">")
            self._bare = False

    def _flush(self) -> None:
        self._out.write("".join(self._pieces).encode())
        self._pieces.clear()
        self._length = 0

    def document(self, name: str, description: str) -> None:
        """Begin a KML document."""
        self.start("kml", xmlns=_NAMESPACE)
        self.start("Document")
        self.leaf("name", name)
        self.leaf("description", description)

    def finish(self) -> None:
        """Close whatever is open."""
        while self._open:
            self.end()
        self._flush()


def shape(geom: BaseGeometry) -> str:
    """Points, lines, polygons and collections of them; longitude first."""
    if hasattr(geom, "geoms"):
        return f"<MultiGeometry>{''.join(map(shape, geom.geoms))}</MultiGeometry>"
    if geom.geom_type == "Polygon":
        holes = (f"<innerBoundaryIs>{_coordinates('LinearRing', hole)}</innerBoundaryIs>" for hole in geom.interiors)
        outer = f"<outerBoundaryIs>{_coordinates('LinearRing', geom.exterior)}</outerBoundaryIs>"
        return f"<Polygon>{outer}{''.join(holes)}</Polygon>"
    return _coordinates(geom.geom_type, geom)


def _coordinates(tag: str, geom: BaseGeometry) -> str:
    found = np.round(shapely.get_coordinates(geom), 7)
    if (np.abs(found) < _PLAIN).any():
        written = " ".join(["%.7f,%.7f"] * len(found)) % tuple(found.ravel().tolist())
    else:  # a third of the time: by far the most of a file are these numbers
        written = orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].replace(b"],[", b" ").decode()
    draped = "<tessellate>1</tessellate>" if tag == "LineString" else ""
    return f"<{tag}>{draped}<coordinates>{written}</coordinates></{tag}>"


def write(file: LayerFile) -> dict[str, int]:
    """A folder for each layer, a style for each of its classes, days as time spans, every field as extended data."""
    with file.path.open("wb") as out:
        drawn = document(out, file)
    return {name: sum(classes.values()) for name, classes in drawn.items()}


def document(out: BinaryIO, file: LayerFile, legend: str | None = None) -> dict[str, Counter[int]]:
    """Write the KML of layers; records per layer and class. In an archive with its signs (`legend` is the name of its
    picture) points have these, and the legend lies over the map."""
    drawn: dict[str, Counter[int]] = {}
    kml = Writer(out)
    kml.document(file.about["title"], "\n".join(f"{name}: {value}" for name, value in file.about.items()))
    for layer in file.layers:
        for place, rule in enumerate(layer.style.rules):
            _style(kml, f"{layer.name}-{place}", rule.symbol, signs=legend is not None)
    if legend is not None:
        _overlay(kml, legend)
    for layer in file.layers:
        kml.start("Folder")
        kml.leaf("name", layer.title)
        kml.leaf("description", f"{layer.question} {layer.warning or ''}".strip())
        drawn[layer.name] = _placemarks(kml, file, layer)
        kml.end()
    kml.finish()
    return drawn


def _placemarks(kml: Writer, file: LayerFile, layer: Layer) -> Counter[int]:
    """One piece of text a record: by far the most of a file is these."""
    fields, drawn = file.fields(layer), Counter[int]()
    says = Sayings(layer, fields)
    told = [(column.place, _data(column)) for column in columns(fields)]
    for part in file.batches(layer):
        for row, geom in zip(part, shapely.from_wkb([row[1] for row in part]), strict=True):
            place = says.class_of(row)
            drawn[place] += 1
            data = "".join([say(row[at]) for at, say in told if row[at] is not None])
            kml.markup(
                f'<Placemark id="{layer.name}.{row[0]}">{_leaf("name", says.called(row))}'
                f"{_span(*says.days(row))}<styleUrl>#{layer.name}-{place}</styleUrl>"
                f"{f'<ExtendedData>{data}</ExtendedData>' if data else '<ExtendedData/>'}"
                f"{'' if geom is None else shape(geom)}</Placemark>"
            )
    return drawn


def _data(column: Column) -> Callable[[Any], str]:
    """How a column tells a value. Codes, days and names of sources come thousands of times: they are written once."""
    begin = f"<Data name={quoteattr(xml_text(column.name))}>{_leaf('displayName', column.title)}"

    @lru_cache(1 << 12, typed=True)
    def told(value: Any) -> str:
        return f"{begin}{_leaf('value', column.said(value))}</Data>"

    return told


def _leaf(tag: str, value: Any) -> str:
    words = escape(xml_text(value))
    return f"<{tag}>{words}</{tag}>" if words else f"<{tag}/>"


def _span(first: date | None, last: date | None) -> str:
    if not (first or last):
        return ""
    ends = (f"<{tag}>{day.isoformat()}</{tag}>" for tag, day in (("begin", first), ("end", last)) if day)
    return f"<TimeSpan>{''.join(ends)}</TimeSpan>"


def _overlay(kml: Writer, picture: str) -> None:
    kml.start("ScreenOverlay")
    kml.leaf("name", "Legend")
    kml.start("Icon")
    kml.leaf("href", picture)
    kml.end()
    for tag, x, y in (("overlayXY", "0", "0"), ("screenXY", "0.01", "0.05"), ("size", "0", "0")):
        kml.start(tag, x=x, y=y, xunits="fraction", yunits="fraction")
        kml.end()
    kml.end()


def _style(kml: Writer, name: str, symbol: Symbol, *, signs: bool) -> None:
    kml.start("Style", id=name)
    kml.start("IconStyle")
    kml.leaf("color", _color(symbol.fill or symbol.stroke, 1))
    if signs:
        kml.leaf("scale", f"{symbol.size / 24:.2f}")
        kml.start("Icon")
        kml.leaf("href", f"signs/{symbol.marker or 'circle'}.png")
        kml.end()
    kml.end()
    kml.start("LineStyle")
    kml.leaf("color", _color(symbol.stroke, 1))
    kml.leaf("width", symbol.width)
    kml.end()
    kml.start("PolyStyle")
    # KML has no hatch: a hatched class is filled thinly with the hatch's colour
    kml.leaf("color", _color(symbol.fill, symbol.fill_opacity) if symbol.fill else _color(symbol.hatch_color, 0.25))
    kml.end()
    kml.end()


def _color(color: str | None, opacity: float) -> str:
    """KML writes colours backwards: opacity, blue, green, red."""
    if color is None:
        return "00000000"
    return f"{round(opacity * 255):02x}{color[5:7]}{color[3:5]}{color[1:3]}".lower()


def write_route(file: RouteFile) -> bytes:
    """Waypoints, then segments in order, each with what is met on it."""
    out = BytesIO()
    kml = Writer(out)
    kml.document(file.title, file.description)
    for name, lon, lat in file.waypoints:
        kml.start("Placemark")
        kml.leaf("name", name)
        kml.markup(shape(shapely.Point(lon, lat)))
        kml.end()
    for feature in file.route["features"]:
        told = feature["properties"]
        kml.start("Placemark")
        kml.leaf("name", f"Segment {told['number']}")
        what = [told["road"], f"km {told['from_km']:.1f}", f"arrives {told['arrives']}",
                ", ".join(a["name"] for a in told["actors"]),
                ", ".join(f"{z['level']} {z['name']}" for z in told["zones"])]  # fmt: skip
        kml.leaf("description", "; ".join(str(each) for each in what if each))
        kml.markup(shape(shapely.geometry.shape(feature["geometry"])))
        kml.end()
    kml.finish()
    return out.getvalue()


KML = Format(
    ".kml", "application/vnd.google-earth.kml+xml", "KML", "Google Earth and phones", write, many=True,
    write_route=write_route,
)  # fmt: skip
