"""What does a browser get when it opens a page? Our own frame with a Folium map in it, and nothing from elsewhere.

Names and texts of records never enter Folium: its popups and templates would run them. The map element gets layer
names and one address; the page gets the panel as inert JSON, and scripts put texts into the page as texts.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from geoapp.codes import codes, events
from geoapp.draw.assets import WEB, modules, render_offline
from geoapp.draw.assets import address as static
from layers._palette import HANDLING
from web import Page, pages

PANEL_ID = "panel"
MAX_ZOOM = 18
LISTS = (
    "access_severity", "actor_kinds", "applies_to", "arrangement_types", "constraint_categories", "courses",
    "domains", "endings", "event_types", "geo_precision", "handling", "impacts", "interlocutors", "liaison", "likelihoods",
    "mapping_reasons", "missions", "origins", "overlap_status", "positioning", "relations",
    "risk_levels", "road_classes", "road_status", "sectors", "strategies", "threat_categories", "time_precision",
    "times_of_day", "vehicle_classes", "verification", "zone_status",
)  # fmt: skip
"""The reference lists that pages need to speak about overlaps, routes, incidents and risk zones."""


@dataclass(frozen=True)
class MapParts:
    """A Folium map taken apart, to be put into a page of ours: links for the head, the map's element, its script."""

    header: str
    html: str
    script: str


class OfflineMap(folium.Map):
    """A Leaflet map and nothing else: no Bootstrap, no jQuery, no icon fonts.

    Its template leaves out what Folium's puts into every page: a viewport that forbids enlarging, styles for the
    whole document, and scripts that a Content-Security-Policy would have to excuse.
    """

    default_js = [("leaflet", "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js")]
    default_css = [("leaflet_css", "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css")]
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )


class TileLayers(JSCSSMixin, MacroElement):
    """Every layer of a panel, drawn from its vector tiles by `web/static/map/tiles.js`.

    `names` are the layers in drawing order, `address` what stands before `/{z}/{row}/{col}`. The classes and their
    symbols are read by the script from the page's panel, in the element with the id PANEL_ID.
    """

    default_js = [("protomaps_leaflet", "https://unpkg.com/protomaps-leaflet@5.1.0/dist/protomaps-leaflet.js")]
    _template = Template(
        """
        {% macro script(this, kwargs) %}
        import("{{ this.static }}/map/tiles.js").then(({ mount }) =>
            mount({{ this._parent.get_name() }}, {{ this.names }}, {{ this.address }}, {{ this.panel }}));
        {% endmacro %}
        """
    )

    def __init__(self, names: list[str], address: str, base: str = "") -> None:
        Element.__init__(self)  # all that MacroElement's does besides is to set the name
        self._name = "TileLayers"
        self.names = f"[{', '.join(map(quoted, names))}]"
        self.address, self.panel, self.static = quoted(address), quoted(PANEL_ID), f"{base}{static()}"


def quoted(text: str) -> str:
    """A text as a JavaScript string that neither HTML nor a template reads as anything else."""
    written = json.dumps(text)
    for sign in "<>&{}`$'":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def inert(value: Any) -> Markup:
    """A value as JSON for a `<script type="application/json">`: it can neither end the element nor begin a comment."""
    written = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str)
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(written)  # noqa: S704 - nothing in it is markup any more


def map_page(panel: dict[str, Any], *, nonce: str, base: str = "") -> MapParts:
    """The panel's layers on a Folium map, with every link rewritten to a vendored file.

    Raises NotVendored when a link has none.
    """
    names = tuple(layer["name"] for layer in panel["layers"])
    drawn = _drawn(names, _middle(panel["bbox"]), f"{base}/operations/{panel['operation']['key']}", base)
    return replace(drawn, header=drawn.header.replace("<script", f'<script nonce="{nonce}"'))


@lru_cache(maxsize=64)
def _drawn(names: tuple[str, ...], middle: tuple[float, float], address: str, base: str) -> MapParts:
    """The same of some layers around a place, without a nonce: Folium takes longer to write it than all else of a page."""
    figure = Figure()
    drawn = OfflineMap(
        location=middle, tiles=None, zoom_start=6, max_zoom=MAX_ZOOM, maxZoom=MAX_ZOOM, minZoom=2,
        prefer_canvas=True, zoom_control=False, attributionControl=False,
    )  # fmt: skip
    figure.add_child(drawn)
    drawn.add_child(TileLayers(list(names), f"{address}/tiles/WebMercatorQuad", base))
    render_offline(figure)
    head = "".join(child.render() for name, child in figure.header._children.items() if name != "meta_http")
    return MapParts(header=head, html=figure.html.render(), script=figure.script.render())


def _middle(bbox: list[float]) -> tuple[float, float]:
    west, south, east, north = bbox
    return (south + north) / 2, (west + east) / 2


_NAME: ContextVar[str] = ContextVar("name", default="")


@contextmanager
def signed_in(name: str) -> Iterator[None]:
    """Within it pages are drawn for the member of this name."""
    held = _NAME.set(name)
    try:
        yield
    finally:
        _NAME.reset(held)


@cache
def templates() -> Environment:
    """The templates of pages; what is not told to one is an error, and texts are escaped. `signed_in()` is the name of the member
    for whom one is drawn, nothing where there are no accounts; `static()` where the browser's files are."""
    made = Environment(
        loader=FileSystemLoader(WEB / "templates"), autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals |= {"signed_in": _NAME.get, "static": static, "modules": modules}
    return made


def render(
    name: str, panel: dict[str, Any], *, nonce: str, base: str = "", kinds: Sequence[tuple[str, str]] = (), **more: Any
) -> str:
    """A page as HTML: `name` is that of a page in `web/pages/`, `panel` what `…/panel` answers, `base` the path before `/`,
    `kinds` the key and title of what a person may say that a file is, `more` what its template asks for besides.

    Raises KeyError for a page that there is not.
    """
    page = pages.get(name)
    data = panel | {
        "base": base,
        "codes": {each: dict(codes(each)) for each in LISTS},
        "page": page.name,
        "events": dict(events()),
        "tlp": HANDLING,
    }
    return templates().get_template(page.template).render(
        page=page, pages=pages.PAGES + (pages.WITH_ACCOUNTS if _NAME.get() else ()), panel=panel, data=inert(data), nonce=nonce, base=base,
        address=f"{base}/operations/{panel['operation']['key']}",
        handling_color=HANDLING[panel["audience"]["handling"]], kinds=kinds, panel_id=PANEL_ID,
        parts=_markup(map_page(panel, nonce=nonce, base=base)) if page.map else None, **more,
    )  # fmt: skip


def account(page: Page, *, nonce: str, shortest: int, base: str = "") -> str:
    """The page of one's own account as HTML: it is of no operation, and asks for what it shows itself."""
    return templates().get_template(page.template).render(
        page=page, pages=(), base=base, nonce=nonce, parts=None, panel_id=PANEL_ID, shortest=shortest,
        data=inert({"base": base, "page": page.name}),
    )  # fmt: skip


def _markup(parts: MapParts) -> dict[str, Markup]:
    """The parts as markup: they are made of this module's own templates, names of layers and links to our files."""
    return {
        "header": Markup(parts.header),  # noqa: S704
        "html": Markup(parts.html),  # noqa: S704
        "script": Markup(parts.script),  # noqa: S704
    }
