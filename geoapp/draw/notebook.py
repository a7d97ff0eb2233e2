"""What is a Folium map that works in a notebook and in a saved file without a network, and takes further Folium layers?

Everything it needs is in it: each link that Folium or one of its plugins adds is replaced by the vendored file of that
address, also at every later rendering. Texts of records reach the page as JSON and become text there, never markup.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.template import Template

from geoapp.draw.assets import VENDOR, NotVendored, address, local
from geoapp.draw.page import MAX_ZOOM, OfflineMap
from layers import Layer, Rule, Symbol

_PACKAGED = Path(folium.__file__).parent / "templates"
_PAGE = """<style>html, body { width: 100%; height: 100%; margin: 0 } .folium-map { width: 100%; height: 100% }
.geoapp-said { background: #fff; padding: 2px 8px; font: 12px sans-serif; max-width: 60vw }
.geoapp-record { font: 12px sans-serif; max-height: 240px; overflow: auto } .geoapp-record th { text-align: left; padding-right: 8px }
</style>"""


class _Inline(Element):
    """Text that stands in the page as it is."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class _Figure(Figure):
    """A page that holds the files that its elements link to. Raises NotVendored while rendering for one that is not here."""

    def render(self, **kwargs: Any) -> str:
        for child in list(self._children.values()):
            child.render(**kwargs)
        _inline(self.header)
        html: str = self._template.render(this=self, kwargs=kwargs)
        return html


def _inline(element: Any) -> None:
    for name, child in list(element._children.items()):
        if isinstance(child, JavascriptLink | CssLink):
            text = _file(child.url)
            script = isinstance(child, JavascriptLink)
            element._children[name] = _Inline(f"<script>{text}</script>" if script else f"<style>{text}</style>")
        else:
            _inline(child)


def _file(url: str) -> str:
    """The text of a vendored script or style sheet, its pictures in it."""
    packaged = _PACKAGED / url.rsplit("/", 1)[-1]
    try:
        path = VENDOR / local(url).removeprefix(f"{address()}/vendor/")
    except NotVendored:
        if not packaged.is_file():  # Folium brings some of what it links to
            raise
        path = packaged
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        return re.sub(r"url\(['\"]?([^'\")#?]+)['\"]?\)", lambda m: f"url({_picture(path.parent / m[1])})", text)
    return re.sub(r"\n//# sourceMappingURL=\S*", "", text).replace("</script", "<\\/script")


def _picture(path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode() if path.is_file() else ""
    return f"data:image/png;base64,{data}" if data else "data:,"


class NotebookMap(OfflineMap):
    """A Folium map without a network. `add_to` of further Folium layers, `save` and the notebook's own display work as ever."""

    default_js = [*OfflineMap.default_js, ("jquery", "https://code.jquery.com/jquery-3.7.1.min.js"),
                  ("awesome_markers", "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js")]  # fmt: skip
    default_css = [*OfflineMap.default_css,
                   ("awesome_markers_css", "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.css")]  # fmt: skip

    def __init__(self, said: str, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None, maxZoom=MAX_ZOOM, minZoom=2,
                         attributionControl=False)  # fmt: skip
        figure = _Figure(height="480px")
        figure.add_child(self)
        figure.header.add_child(Element(_PAGE), name="geoapp_page")
        self.add_child(_Said(said))
        self.add_child(_Pictures())
        self.fit_bounds([[south, west], [north, east]])


class _Said(MacroElement):
    """A line on the map: what it is of, for whom, and how it is to be handled."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        {
            const said = L.control({ position: "bottomleft" });
            said.onAdd = () => { const line = L.DomUtil.create("div", "geoapp-said"); line.textContent = {{ this.said|tojson }}; return line; };
            said.addTo({{ this._parent.get_name() }});
        }
        {% endmacro %}
    """)

    def __init__(self, said: str) -> None:
        Element.__init__(self)  # MacroElement's sets a name besides
        self._name, self.said = "Said", said


class _Pictures(MacroElement):
    """Where Leaflet's own marker finds its pictures: in the page."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        L.Icon.Default.prototype._getIconUrl = (name) => ({{ this.pictures|tojson }})[name];
        {% endmacro %}
    """)

    def __init__(self) -> None:
        Element.__init__(self)  # MacroElement's sets a name besides
        self._name = "Pictures"
        named = {"icon": "marker-icon.png", "shadow": "marker-shadow.png"}
        self.pictures = {name: _picture(VENDOR / "images" / file) for name, file in named.items()}


class _Told(MacroElement):
    """What a record says when it is clicked, as texts."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.eachLayer((one) => one.bindPopup(() => {
            const table = L.DomUtil.create("table", "geoapp-record");
            for (const [name, title] of {{ this.titles|tojson }}) {
                const value = one.feature.properties[name];
                if (value === null || value === undefined || value === "") continue;
                const row = table.insertRow();
                const head = document.createElement("th");
                head.textContent = title;
                row.append(head);
                row.insertCell().textContent = value;
            }
            return table;
        }));
        {% endmacro %}
    """)

    def __init__(self, titles: Mapping[str, str]) -> None:
        Element.__init__(self)  # MacroElement's sets a name besides
        self._name, self.titles = "Told", list(titles.items())


def drawn(layer: Layer, records: Mapping[str, Any], titles: Mapping[str, str]) -> Any:
    """A layer's records, a GeoJSON FeatureCollection in CRS84, as a Folium layer in the classes' colours; `titles` are the
    fields that a click tells."""
    symbols = {str(rule.value): rule for rule in layer.style.rules}
    rest = symbols.get("None", layer.style.rules[-1])

    def styled(feature: Mapping[str, Any]) -> dict[str, Any]:
        value = feature["properties"].get(layer.style.by) if layer.style.by else None
        return _style(symbols.get(str(value), rest), layer)

    made = folium.GeoJson(
        dict(records), name=layer.title, style_function=styled, marker=folium.CircleMarker(), show=True, zoom_on_click=False,
    )  # fmt: skip
    made.add_child(_Told(titles))
    return made


def _style(rule: Rule, layer: Layer) -> dict[str, Any]:
    symbol: Symbol = rule.symbol
    color = symbol.stroke or symbol.fill or symbol.hatch_color or "#4A535A"
    # a hatch is a faint fill of its colour: patterns would need a plugin, and hide what lies below
    fill = (symbol.hatch_color or symbol.fill) if symbol.hatch else symbol.fill
    opacity = (0.15 if symbol.hatch else symbol.fill_opacity) * layer.style.opacity
    dash = {"dashArray": " ".join(f"{part:g}" for part in symbol.dash)} if symbol.dash else {}
    return {"color": color, "weight": symbol.width if symbol.stroke else 0.5, "fill": fill is not None,
            "fillColor": fill or color, "fillOpacity": opacity, "radius": max(3, symbol.size / 2.5)} | dash  # fmt: skip
