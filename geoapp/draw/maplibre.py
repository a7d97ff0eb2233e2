"""How are the layers drawn in a program that reads MapLibre styles, from the tiles of all of them at once?

Made of each layer's `style`, in drawing order: one fill, line or circle a class. Patterns and writing would need pictures and
glyphs from elsewhere: a hatch is a faint fill of its colour under its outline, and nothing is labelled.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from layers import Layer, Rule, Symbol

SOURCE = "geoapp"
FAINT = 0.18
"""Opacity of the fill that stands for a hatch."""
INK = "#4A535A"


def style(
    title: str, layers: Sequence[Layer], tiles: str, bounds: Sequence[float], said: dict[str, str]
) -> dict[str, Any]:
    """A MapLibre style of version 8; `tiles` is the address with `{z}`, `{y}` and `{x}`, `said` what stands in it besides."""
    west, south, east, north = bounds
    source = {"type": "vector", "tiles": [tiles], "minzoom": 0, "maxzoom": 22, "bounds": list(bounds)}
    if "attribution" in said:
        source["attribution"] = said["attribution"]
    return {
        "version": 8, "name": title, "metadata": said, "center": [(west + east) / 2, (south + north) / 2], "zoom": 6,
        "sources": {SOURCE: source},
        "layers": [
            {"id": "sea", "type": "background", "paint": {"background-color": "#D6E4EA"}},
            *(drawn for layer in layers for rule in reversed(layer.style.rules) for drawn in _class(layer, rule)),
            *(_cells(layer) for layer in layers),
        ],
    }  # fmt: skip


def _class(layer: Layer, rule: Rule) -> Iterator[dict[str, Any]]:
    """One class of a layer: its ground, its white casing, its line, its points."""
    symbol, of = rule.symbol, layer.style.opacity
    number = layer.style.rules.index(rule)
    picked = _picked(layer, rule)

    def drawn(kind: str, what: str, shape: str, paint: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"{layer.name}/{number}/{what}", "type": kind, "source": SOURCE, "source-layer": layer.name,
            "minzoom": layer.zoom[0], "maxzoom": min(layer.zoom[1] + 1, 24),
            "filter": ["all", ["==", ["geometry-type"], shape], ["!", ["has", "_n"]], *picked],
            "layout": {"visibility": "visible" if layer.on and rule.on else "none"}, "metadata": {"title": rule.label},
            "paint": paint,
        }  # fmt: skip

    if symbol.fill or symbol.hatch:
        opacity = FAINT if symbol.hatch else symbol.fill_opacity
        color = (symbol.hatch_color if symbol.hatch else symbol.fill) or symbol.fill or INK
        yield drawn("fill", "fill", "Polygon", {"fill-color": color, "fill-opacity": opacity * of})
    if symbol.stroke:
        # an outline of a surface, and a way: lines draw both
        shapes = ("Polygon", "LineString") if layer.shape == "polygon" or layer.mixed else ("LineString",)
        for shape in shapes:
            if symbol.casing:
                yield drawn("line", f"casing-{shape}", shape, {"line-color": "#FFFFFF", "line-width": symbol.width + 2})
            yield drawn("line", f"line-{shape}", shape, _line(symbol, of))
    color = symbol.fill or symbol.stroke or symbol.hatch_color or INK
    radius = symbol.size / 2 if layer.shape == "point" or symbol.marker else 2.5
    paint = {"circle-color": color, "circle-radius": radius, "circle-stroke-color": symbol.stroke or "#FFFFFF", "circle-stroke-width": 1, "circle-opacity": of}  # fmt: skip
    yield drawn("circle", "point", "Point", paint)


def _line(symbol: Symbol, opacity: float) -> dict[str, Any]:
    paint: dict[str, Any] = {"line-color": symbol.stroke, "line-width": symbol.width, "line-opacity": opacity}
    if symbol.dash and symbol.width:
        # in widths of the line
        paint["line-dasharray"] = [round(part / symbol.width, 3) for part in symbol.dash]
    return paint


def _picked(layer: Layer, rule: Rule) -> list[Any]:
    """The condition on a feature's value by which it is of a class."""
    if layer.style.by is None:
        return []
    value = ["to-string", ["get", layer.style.by]]
    if rule.value is not None:
        return [["==", value, str(rule.value)]]
    named = [str(each.value) for each in layer.style.rules if each.value is not None]
    return [["!", ["in", value, ["literal", named]]]]


def _cells(layer: Layer) -> dict[str, Any]:
    """What is too dense to be drawn one by one, as circles that grow with how many they count."""
    grown = ["interpolate", ["linear"], ["get", "_n"], 1, 3, 100, 9, 10_000, 18]
    return {
        "id": f"{layer.name}/cells", "type": "circle", "source": SOURCE, "source-layer": layer.name,
        "minzoom": layer.zoom[0], "maxzoom": min(layer.zoom[1] + 1, 24), "filter": ["has", "_n"],
        "layout": {"visibility": "visible" if layer.on else "none"}, "metadata": {"title": f"{layer.title}, counted"},
        "paint": {"circle-color": INK, "circle-opacity": 0.55, "circle-radius": grown, "circle-stroke-color": "#FFFFFF",
                  "circle-stroke-width": 1},
    }  # fmt: skip
