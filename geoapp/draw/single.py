"""What is a map that fits into one file? A page with its records, its scripts and its styles in it, and no address.

It is drawn by the scripts of the map's page, over tiles that are made in the page. Records are in it as whole numbers and
as texts of inert JSON; its policy lets nothing run but the scripts whose hashes it names, and nothing be fetched.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from markupsafe import Markup
from sqlalchemy import Connection, text

from geoapp.draw import bundle
from geoapp.draw.assets import STATIC, VENDOR, render_offline
from geoapp.draw.nothing import NOTHING_LEFT
from geoapp.draw.page import MAX_ZOOM, OfflineMap, inert, quoted, templates
from geoapp.draw.panel import frame
from geoapp.draw.query import columns, source
from geoapp.draw.shared_lines import SCALE, shared
from geoapp.draw.tile import drawn
from geoapp.draw.wording import NAMES, title, words
from geoapp.errors import TooLarge
from geoapp.scope import Box, Scope, say_date
from layers import STACK, Field, Layer
from layers._palette import HANDLING

MOST = 20_000
"""How many records of a layer are in a file one by one. Points beyond that are counted in cells; of shapes there is no file."""
CELLS = 72
"""Cells in which points are counted, along the longer side of what they cover."""
FINENESS = 4_000
"""Into how many steps the longer side of the operation is divided by what is smoothed away of borders."""
GROUND = next(layer for layer in STACK if layer.fixed)
_STARTS = ("period_start", "occurred_from", "valid_from", "first_day")
_ENDS = ("period_end", "occurred_to", "valid_to", "last_day")
_DATA = "data"
_STYLES = ("lib/app.css", "map/map.css", "single/single.css")

Row = Sequence[Any]
"""A record: its id, its shape as WKB in EPSG:4326 or None, the value of each field that is told."""


@dataclass
class Records:
    """The records of a layer as they come, one by one or, once they are too many, as points in cells."""

    layer: Layer
    fields: Sequence[Field]
    rows: list[Row] = field(default_factory=list)
    points: dict[tuple[float, float], int] = field(default_factory=dict)
    total: int = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take further rows. Raises TooLarge where they are shapes, and more than MOST."""
        self.total += len(rows)
        if self.total <= MOST:
            self.rows += rows
            return
        if self.layer.shape != "point":
            raise TooLarge(
                f"{self.layer.title} has more than {MOST:,} shapes, which is more than one file can draw.",
                hint="Say a shorter period, narrow the list, or write a GeoPackage.",
            )
        for _, shape, *_ in [*self.rows, *rows]:
            if shape is not None:
                place = shapely.get_coordinates(shapely.from_wkb(shape))[0]
                key = (round(float(place[0]), 2), round(float(place[1]), 2))
                self.points[key] = self.points.get(key, 0) + 1
        self.rows = []

    def cells(self) -> list[list[int]]:
        """Counts by cell as `[x, y, n]`, at the middle of each; nothing where the records are there one by one."""
        if not self.points:
            return []
        xs, ys = zip(*self.points, strict=True)
        size = max(max(xs) - min(xs), max(ys) - min(ys), 0.5) / CELLS
        counts: dict[tuple[int, int], int] = {}
        for (x, y), n in self.points.items():
            cell = (int(x // size), int(y // size))
            counts[cell] = counts.get(cell, 0) + n
        return [
            [round((x + 0.5) * size * SCALE), round((y + 0.5) * size * SCALE), n]
            for (x, y), n in sorted(counts.items())
        ]


class SingleLayers(MacroElement):
    """The layers of a single file on its map, mounted by `web/static/single/single.js`."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        single.mount({{ this._parent.get_name() }}, {{ this.data }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        Element.__init__(self)
        self._name, self._id, self.data = "SingleLayers", "layers", quoted(_DATA)


def html(
    connection: Connection,
    scope: Scope,
    records: Sequence[Records],
    about: Mapping[str, str],
    hidden: Mapping[str, Collection[str]],
) -> str:
    """The page with these layers' records; `about` is what the file says of itself, `hidden` by layer the fields that are withheld
    from the room. The base map of the place is in it whether or not it was asked for."""
    told = frame(connection, scope)
    taken = [each for each in records if each.layer is not GROUND]
    box = _box(taken) or tuple(told["bbox"])
    ground = next((each for each in records if each.layer is GROUND), Records(GROUND, GROUND.fields))
    ground.add(_ground(connection, scope, box))
    data = _data([ground, *taken], max(box[2] - box[0], box[3] - box[1]) / FINENESS)
    described = {layer["name"]: layer for layer in told["layers"]}
    shown = []
    for each in (ground, *taken):
        layer = each.layer
        more = {
            "background": layer.background, "zoom": [0, layer.zoom[1]], "hidden": _titles(layer, hidden.get(layer.name, ())),
            "listed": _listed(layer), "cells": bool(each.points), "count": each.total,
        }  # fmt: skip
        shown.append(described[layer.name] | more)
    panel = {key: told[key] for key in ("operation", "period", "as_of_text")} | {"bbox": list(box), "layers": shown}
    inside = inert({"panel": panel} | data)
    head, body, script = _map(box)
    styles = [bundle.style(STATIC / path, "".join(_letters([*data["values"], *about.values()]))) for path in _STYLES]
    scripts = [*head, bundle.plain(bundle.script("single/single.js", "single")), bundle.plain(script)]
    handling = about["handling"].removeprefix("TLP:")
    return templates().get_template("single.html").render(
        about=about, told=told, layers=shown, policy=_policy(scripts), data=inside, data_id=_DATA,
        styles=[Markup(each) for each in (*body[1], *styles)], scripts=[Markup(each) for each in scripts],  # noqa: S704
        map=Markup(body[0]), color=HANDLING.get(handling, "#FFFFFF"), sources=_sources(taken, told["as_of"]),  # noqa: S704
        withheld=[about["withheld"]] if about.get("withheld") else _withheld(shown),
        unknown=[f"{layer['title']}: {layer['unknown']}" for layer in shown if layer["unknown"]],
        warnings=list(dict.fromkeys(layer["warning"] for layer in shown if layer["warning"])),
        counted=[each.layer.title for each in taken if each.points],
        nothing="" if any(each.total for each in taken if not each.layer.background) else NOTHING_LEFT,
    )  # fmt: skip


def _map(box: Box) -> tuple[list[str], tuple[str, list[str]], str]:
    """The Folium map: the scripts and styles it asks for, its element, its own script. Its names are the same every time."""
    figure = Figure()
    drawn_on = OfflineMap(
        location=[(box[1] + box[3]) / 2, (box[0] + box[2]) / 2], tiles=None, zoom_start=6, max_zoom=MAX_ZOOM,
        maxZoom=MAX_ZOOM, minZoom=2, prefer_canvas=True, zoom_control=False, attributionControl=False,
    )  # fmt: skip
    figure._id = drawn_on._id = "single"
    figure.add_child(drawn_on)
    drawn_on.add_child(SingleLayers())
    render_offline(figure)
    links = [VENDOR / each.url.rsplit("/", 1)[1] for each in figure.header._children.values() if hasattr(each, "url")]
    scripts = [bundle.plain(path.read_text(encoding="utf-8")) for path in links if path.suffix == ".js"]
    styles = [bundle.style(path, "") for path in links if path.suffix == ".css"]
    return scripts, (figure.html.render(), styles), figure.script.render()


def _policy(scripts: Iterable[str]) -> str:
    """A Content-Security-Policy under which these scripts run and nothing else, and nothing is fetched."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; font-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _box(records: Iterable[Records]) -> Box | None:
    """What the records cover, west, south, east, north; None where none has a place."""
    shapes = [row[1] for each in records for row in each.rows if row[1] is not None]
    places = [place for each in records for place in each.points]
    bounds = [tuple(shapely.total_bounds(shapely.from_wkb(shapes)))] if shapes else []
    bounds += [tuple(shapely.total_bounds(shapely.points(places)))] if places else []
    if not bounds:
        return None
    west, south, east, north = shapely.total_bounds([shapely.box(*each) for each in bounds])
    return float(west) - 0.05, float(south) - 0.05, float(east) + 0.05, float(north) + 0.05


def _ground(connection: Connection, scope: Scope, box: Box) -> list[Row]:
    """Land, water and towns around a box, cut at what can be seen when the map opens."""
    wide, high = max(box[2] - box[0], 1), max(box[3] - box[1], 1)
    around = (
        max(box[0] - wide, -180.0), max(box[1] - high, -85.0), min(box[2] + wide, 180.0), min(box[3] + high, 85.0)
    )  # fmt: skip
    near, layer = scope.within(around), GROUND
    sql = f"""
        SELECT t.id, ST_AsBinary(ST_ClipByBox2D(t.geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326)::box2d)), {columns(layer)}
        FROM ({source(layer, near)}) AS t ORDER BY t.id
    """
    zoom = 9 if max(wide, high) < 15 else 7
    found = [tuple(row) for row in connection.execute(text(sql), near.binds(zoom))]
    return [row for row in found if row[1] is not None and not shapely.from_wkb(row[1]).is_empty]


class _Values:
    """Every text and number of the records once, by its place; what is used most stands first and has the shortest number."""

    def __init__(self) -> None:
        self._used: dict[tuple[type, Any], int] = {}

    def key(self, value: Any) -> tuple[type, Any]:
        """What stands for a value until all are known; a day is written as in ISO 8601, a list as text."""
        plain = value.isoformat() if isinstance(value, date) else value
        if not isinstance(plain, (str, int, float, bool, type(None))):
            plain = str(plain)
        key = (type(plain), plain)
        self._used[key] = self._used.get(key, 0) + 1
        return key

    def places(self) -> dict[tuple[type, Any], int]:
        """The number of each; nothing is 0."""
        nothing = (type(None), None)
        order = sorted((key for key in self._used if key != nothing), key=lambda key: -self._used[key])
        return {nothing: 0} | {key: place for place, key in enumerate(order, 1)}


def _data(records: Sequence[Records], tolerance: float) -> dict[str, Any]:
    """The records as the file's script reads them (`web/static/single/records.js`): shapes that are alike are there once."""
    values, places, layers = _Values(), dict[bytes, int](), dict[str, Any]()
    for each in records:
        for row in each.rows:
            if row[1] is not None:
                places.setdefault(bytes(row[1]), len(places))
    for each in records:
        layer, names = each.layer, [f.name for f in each.fields]
        at = {name: place for place, name in enumerate(names, 2)}
        first = next((at[name] for name in _STARTS if name in at), None)
        last = next((at[name] for name in _ENDS if name in at), None)
        kept = [name for name in [*drawn(layer), layer.style.numbered or ""] if name in at]
        kept = list(dict.fromkeys(kept))
        said = [f for f in each.fields if f.popup] if layer is not GROUND else []
        rows = []
        for row in each.rows:
            record = dict(zip(names, row[2:], strict=True))
            told = [
                row[first] if first else None, row[last] if last else None, title(layer, record),
                *(record[name] for name in kept),
                *(None if record[f.name] is None else words(f, record[f.name]) for f in said),
            ]  # fmt: skip
            place = -1 if row[1] is None else places[bytes(row[1])]
            rows.append((row[0], place, [values.key(value) for value in told]))
        layers[layer.name] = {"fields": [f.title for f in said], "drawn": kept, "rows": rows, "cells": each.cells()}
    numbers = values.places()
    for told_layer in layers.values():
        told_layer["rows"] = [
            [number, place, *_trimmed([numbers[key] for key in keys])] for number, place, keys in told_layer["rows"]
        ]
    shapes = shared(shapely.from_wkb(list(places)), tolerance)
    return {
        "values": [value for _, value in numbers], "lines": shapes.lines, "shapes": shapes.shapes, "layers": layers
    }  # fmt: skip


def _trimmed(numbers: list[int]) -> list[int]:
    """Without what is not said at the end."""
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def _titles(layer: Layer, hidden: Collection[str]) -> list[str]:
    return [f.title for f in layer.fields if f.popup and f.name in hidden]


def _listed(layer: Layer) -> list[str]:
    """The titles of the fields that stand beside a record's title in the list: the first six that are not in it."""
    named = {name for form in layer.titled for _, name, *_ in NAMES.parse(form) if name}
    return [f.title for f in layer.fields if f.popup and f.name not in named and f.name != "handling"][:6]


def _withheld(layers: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the room does not see, each sentence once, with the layers that it is about where these are not most."""
    about: dict[str, list[str]] = {}
    for layer in layers:
        if layer["withheld"]:
            about.setdefault(layer["withheld"], []).append(layer["title"])
    few = max(len(titles) for titles in about.values()) / 2 if about else 0
    return [said if len(titles) > max(few, 4) else f"{', '.join(titles)}: {said}" for said, titles in about.items()]


def _sources(records: Iterable[Records], as_of: str) -> list[str]:
    """Where the records of each layer are from, with the newest day up to `as_of` that one is of."""
    found = []
    for each in records:
        at = {f.name: place for place, f in enumerate(each.fields, 2)}
        sources = sorted({str(row[at["source"]]) for row in each.rows if row[at["source"]]}) if "source" in at else []
        dated = next((at[name] for name in (*_STARTS, "observed_on", "reported_on") if name in at), None)
        days = [row[dated] for row in each.rows if row[dated] and row[dated].isoformat() <= as_of] if dated else []
        if sources:
            newest = f", newest of {say_date(max(days))}" if days else ""
            more = " and others" if len(sources) > 8 else ""
            found.append(f"{each.layer.title}: {', '.join(sources[:8])}{more}{newest}.")
    return found


def _letters(values: Iterable[Any]) -> set[str]:
    letters: set[str] = set("Aa0")
    for value in values:
        if isinstance(value, str):
            letters.update(value)
    return letters
