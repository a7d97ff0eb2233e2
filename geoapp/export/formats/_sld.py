"""The colours that GeoServer and others draw a layer with: an SLD 1.0 document made from the layer's one declaration."""

from collections.abc import Collection
from xml.etree import ElementTree as Xml

from layers import Layer, Rule, Symbol

_SLD, _OGC = "http://www.opengis.net/sld", "http://www.opengis.net/ogc"
_HATCH = {
    "diagonal": "shape://slash", "horizontal": "shape://horline", "vertical": "shape://vertline", "grid": "shape://plus",
    "dots": "shape://dot", "stripes": "shape://backslash",
}  # fmt: skip
"""GeoServer's marks that fill an area; a program that does not know them draws the outline alone."""
_MARK = {"circle": "circle", "square": "square", "triangle": "triangle", "ring": "circle"}


def sld(layer: Layer, withheld: Collection[str] = ()) -> str:
    """One rule for each class; the class of all others alone where the field that picks them is withheld."""
    root = Xml.Element("StyledLayerDescriptor", {"version": "1.0.0", "xmlns": _SLD, "xmlns:ogc": _OGC})
    named = Xml.SubElement(root, "NamedLayer")
    Xml.SubElement(named, "Name").text = layer.name
    style = Xml.SubElement(named, "UserStyle")
    Xml.SubElement(style, "Title").text = layer.title
    types = Xml.SubElement(style, "FeatureTypeStyle")
    by = layer.style.by if layer.style.by not in withheld else None
    rules = layer.style.rules if by else layer.style.rules[-1:]
    others = [rule.value for rule in rules if rule.value is not None]
    for rule in rules:
        _rule(types, rule, by, others, layer.shape)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False)


def _rule(parent: Xml.Element, rule: Rule, by: str | None, others: list[str | int], shape: str) -> None:
    element = Xml.SubElement(parent, "Rule")
    Xml.SubElement(element, "Title").text = rule.label
    if by:
        condition = Xml.SubElement(element, "ogc:Filter")
        if rule.value is not None:
            _equal(condition, by, rule.value)
        elif others:
            # what no other rule names, and what has no value: a comparison with nothing is neither true nor false
            either = Xml.SubElement(condition, "ogc:Or")
            nothing = Xml.SubElement(either, "ogc:PropertyIsNull")
            Xml.SubElement(nothing, "ogc:PropertyName").text = by
            inside = Xml.SubElement(Xml.SubElement(either, "ogc:Not"), "ogc:Or") if len(others) > 1 else None
            for value in others:
                _equal(inside if inside is not None else Xml.SubElement(either, "ogc:Not"), by, value)
    if shape == "polygon":
        if rule.symbol.fill:
            _fill(Xml.SubElement(Xml.SubElement(element, "PolygonSymbolizer"), "Fill"), rule.symbol)
        for color in (c for c in (rule.symbol.hatch_color, rule.symbol.hatch_color_2) if c and rule.symbol.hatch):
            _hatch(element, rule.symbol, color)
        if rule.symbol.stroke:
            _stroke(Xml.SubElement(element, "PolygonSymbolizer"), rule.symbol)
    elif shape == "line":
        _stroke(Xml.SubElement(element, "LineSymbolizer"), rule.symbol)
    else:
        graphic = Xml.SubElement(Xml.SubElement(element, "PointSymbolizer"), "Graphic")
        mark = Xml.SubElement(graphic, "Mark")
        Xml.SubElement(mark, "WellKnownName").text = _MARK.get(rule.symbol.marker or "", "circle")
        if rule.symbol.fill:
            _fill(Xml.SubElement(mark, "Fill"), rule.symbol)
        _stroke(mark, rule.symbol)
        Xml.SubElement(graphic, "Size").text = f"{rule.symbol.size:g}"


def _equal(parent: Xml.Element, by: str, value: str | int) -> None:
    equal = Xml.SubElement(parent, "ogc:PropertyIsEqualTo")
    Xml.SubElement(equal, "ogc:PropertyName").text = by
    Xml.SubElement(equal, "ogc:Literal").text = str(value)


def _hatch(parent: Xml.Element, symbol: Symbol, color: str) -> None:
    graphic = Xml.SubElement(
        Xml.SubElement(Xml.SubElement(Xml.SubElement(parent, "PolygonSymbolizer"), "Fill"), "GraphicFill"), "Graphic"
    )
    mark = Xml.SubElement(graphic, "Mark")
    Xml.SubElement(mark, "WellKnownName").text = _HATCH[symbol.hatch or "diagonal"]
    stroke = Xml.SubElement(mark, "Stroke")
    _parameter(stroke, "stroke", color)
    Xml.SubElement(graphic, "Size").text = f"{symbol.hatch_px:g}"


def _fill(fill: Xml.Element, symbol: Symbol) -> None:
    _parameter(fill, "fill", symbol.fill or "#808080")
    _parameter(fill, "fill-opacity", f"{symbol.fill_opacity:g}")


def _stroke(parent: Xml.Element, symbol: Symbol) -> None:
    stroke = Xml.SubElement(parent, "Stroke")
    _parameter(stroke, "stroke", symbol.stroke or symbol.fill or "#808080")
    _parameter(stroke, "stroke-width", f"{symbol.width:g}")
    if symbol.dash:
        _parameter(stroke, "stroke-dasharray", " ".join(f"{dash:g}" for dash in symbol.dash))


def _parameter(parent: Xml.Element, name: str, value: str) -> None:
    Xml.SubElement(parent, "CssParameter", name=name).text = value
