"""KML 2.2: layers as folders in their colours, and routes, for Google Earth and phones."""

from collections import Counter
from io import BytesIO
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.export.formats._base import Format, LayerFile, RouteFile, xml_text
from geoapp.export.formats._told import called, class_of, columns, days
from layers import Layer, Symbol

_NAMESPACE = "http://www.opengis.net/kml/2.2"


class Writer:
    """Elements of an XML document, written as they come, many at a time: an archive packs what it is given piece by piece."""

    PIECES = 8_192

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._pieces = out, ['<?xml version="1.0" encoding="utf-8"?>\n']
        self._open: list[str] = []
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

    def _close_tag(self) -> None:
        if self._bare:
            self._pieces.append(">")
            self._bare = False

    def _flush(self) -> None:
        self._out.write("".join(self._pieces).encode())
        self._pieces.clear()

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

    def shape(self, geom: BaseGeometry) -> None:
        """Points, lines, polygons and collections of them; longitude first."""
        if hasattr(geom, "geoms"):
            self.start("MultiGeometry")
            for part in geom.geoms:
                self.shape(part)
            self.end()
        elif geom.geom_type == "Polygon":
            self.start("Polygon")
            for tag, ring in (
                ("outerBoundaryIs", geom.exterior),
                *(("innerBoundaryIs", hole) for hole in geom.interiors),
            ):
                self.start(tag)
                self._coordinates("LinearRing", ring)
                self.end()
            self.end()
        else:
            self._coordinates(geom.geom_type, geom)

    def _coordinates(self, tag: str, geom: BaseGeometry) -> None:
        self.start(tag)
        if tag == "LineString":
            self.leaf("tessellate", 1)
        self.leaf("coordinates", " ".join([f"{x:.7f},{y:.7f}" for x, y in shapely.get_coordinates(geom).tolist()]))
        self.end()


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
    fields, drawn = file.fields(layer), Counter[int]()
    told = columns(fields)
    for part in file.batches(layer):
        for row, geom in zip(part, shapely.from_wkb([row[1] for row in part]), strict=True):
            place, (first, last) = class_of(layer, fields, row), days(fields, row)
            drawn[place] += 1
            kml.start("Placemark", id=f"{layer.name}.{row[0]}")
            kml.leaf("name", called(layer, fields, row))
            if first or last:
                kml.start("TimeSpan")
                for tag, day in (("begin", first), ("end", last)):
                    if day:
                        kml.leaf(tag, day.isoformat())
                kml.end()
            kml.leaf("styleUrl", f"#{layer.name}-{place}")
            kml.start("ExtendedData")
            for column in told:
                value = column.of(row)
                if value is not None:
                    kml.start("Data", name=column.name)
                    kml.leaf("displayName", column.title)
                    kml.leaf("value", value)
                    kml.end()
            kml.end()
            if geom is not None:
                kml.shape(geom)
            kml.end()
    return drawn


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
        kml.shape(shapely.Point(lon, lat))
        kml.end()
    for feature in file.route["features"]:
        told = feature["properties"]
        kml.start("Placemark")
        kml.leaf("name", f"Segment {told['number']}")
        what = [told["road"], f"km {told['from_km']:.1f}", f"arrives {told['arrives']}",
                ", ".join(a["name"] for a in told["actors"]),
                ", ".join(f"{z['level']} {z['name']}" for z in told["zones"])]  # fmt: skip
        kml.leaf("description", "; ".join(str(each) for each in what if each))
        kml.shape(shapely.geometry.shape(feature["geometry"]))
        kml.end()
    kml.finish()
    return out.getvalue()


KML = Format(
    ".kml", "application/vnd.google-earth.kml+xml", "KML", "Google Earth and phones", write, many=True,
    write_route=write_route,
)  # fmt: skip
