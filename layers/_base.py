"""What a layer is: one frozen value from which the tile, the table, the legend, the popup and every file are made.

Standard library only: a layer declares, it never does anything.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Shape = Literal["point", "line", "polygon"]
Kind = Literal["text", "integer", "number", "date", "boolean", "list"]
Hatch = Literal["diagonal", "horizontal", "vertical", "dots", "grid", "stripes"]
Labelled = Literal["pill", "number", "badge", "unit", "town", "chosen"]
Marker = Literal["circle", "square", "pentagon", "hexagon", "diamond", "triangle", "ring"]


@dataclass(frozen=True)
class Field:
    """One column of a layer: the popup's row, the CSV and HXL header, the GeoPackage column, the queryable."""

    name: str
    title: str
    kind: Kind = "text"
    unit: str | None = None
    hxl: str | None = None
    popup: bool = True
    """Shown when the feature is clicked; every field is in files and tables."""
    code: str | None = None
    """The list in `data/codes/` whose labels stand for the stored codes."""
    drawn: bool = False
    """Carried by tiles; those that the style reads are anyway."""


@dataclass(frozen=True)
class Symbol:
    """How one class is drawn, on screen, in QGIS and on paper. Sizes in CSS pixels."""

    fill: str | None = None
    fill_opacity: float = 1.0
    hatch: Hatch | None = None
    hatch_color: str | None = None
    hatch_color_2: str | None = None
    """The second colour of `stripes`; white when there is none."""
    hatch_px: float = 8.0
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    casing: bool = False
    """A white line under the stroke, 2 px wider, so that it holds on land, water and other fills."""
    marker: Marker | None = None
    glyph: str | None = None
    """Name of the small drawing inside a marker: `web/static/lib/glyphs.js` has them."""
    size: float = 12.0
    text: str | None = None
    """Text drawn in the marker, such as a level's number."""
    text_color: str | None = None


@dataclass(frozen=True)
class Rule:
    """One class of a layer: the value that picks it, its words in the legend, its symbol."""

    value: str | int | None
    """None is the class of everything that no other rule names; it is last."""
    label: str
    symbol: Symbol
    on: bool = True
    """Drawn when the map opens. Where a class is not, each class of the layer has a switch, and what is off is told."""
    ground: str | None = None
    """The colour of the ground inside it on the map's page, under everything else that is drawn, lakes and rivers too."""


@dataclass(frozen=True)
class Style:
    """The classes of a layer. One declaration for browser, legend, QGIS, KML and print."""

    rules: tuple[Rule, ...]
    by: str | None = None
    """The field whose value picks the rule; None when there is one class only."""
    label: str | None = None
    """The field written beside the feature."""
    labelled: Labelled | None = None
    """How that is written on the map: on a plate, as a bare number, as the class's marker with its text, as the name of an
    administrative unit or of a town (whose points are in the tiles), or only of the feature that was chosen."""
    graded: bool = False
    """The classes are grades: where features lie on one another the highest is on top."""
    signed: bool = False
    """The marker of a class, small, stands beside its sample in the legend and before a feature's name."""
    ramp: bool = False
    """The legend is one ramp from the first class to the last."""
    numbered: str | None = None
    """The field whose number is written in a feature's marker."""
    clustered: bool = False
    """Markers that would lie on one another are one with their number, which opens when it is clicked."""
    key: str | None = None
    """What signs tell besides the class, under the legend's entries."""
    opacity: float = 1.0
    note: str | None = None
    """A line under the legend."""


@dataclass(frozen=True)
class Listing:
    """A layer as a list. Everything in it is SQL over the layer's row `t` or the name of a field; what is asked is bound."""

    fields: tuple[str, ...]
    """What a row has."""
    search: tuple[str, ...]
    """Where the words of `q` are looked for."""
    sorts: Mapping[str, str]
    """The orders it can be asked in; the first is the usual one."""
    tie: str
    filters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    groups: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What rows are counted by, as arrays of values: one row may count for several."""
    counts: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    """Further counts: the condition, and the field that must not be withheld for it to be told."""


@dataclass(frozen=True)
class Coarse:
    """How a layer's records are told to rooms whose rule is no more than a district, a cell, a category or a week. SQL over the
    layer's row `t`. Such forms are stored, under the same lock, when something is recorded (`geoapp.forms`)."""

    told: tuple[str, ...]
    """The fields that say nothing of the place beyond its district; all others are withheld where the place is."""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    """For fields that name actors, what stands there where these are told by category."""
    organisations: str | None = None
    """An array of the organisations that a record is about, by which small districts and cells are left out."""
    valid: str = "daterange(t.period_start, t.period_end, '[]')"
    in_force: bool = False
    """Drawn as `IN_FORCE` says, not in every period that it touches."""
    rules: str | None = None
    """An array of the subjects of the rules that decide about a record, the strictest of them; the layer's own where it is not said."""
    counts: str | None = None
    """Its records are counts in districts already: of how many organisations, NULL where of none. They are kept as of today."""
    whole: bool = False
    """Told in forms as a whole where some of its records are: from what is left of it the others could be read."""
    followed: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    """By table that its records are made of, a SELECT of the ids of those that stand on rows of it that were changed: these are
    `due AS d`, with `d.row` as JSON of the columns by which they are followed. When another table changes, all are made anew."""
    for_one_field: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    """Those of these tables of whose rows nothing is told but one field, which is not in `told`."""
    turned: str | None = None
    """A SELECT of the ids of its records that are told otherwise on the day `:later` than on `:earlier`; None where the day
    matters to none of them, but for the boundaries in force on it."""
    sql: str | None = None
    """A SELECT like the layer's own of all days, where that one without a period does not give them."""


@dataclass(frozen=True)
class Layer:
    """One layer of the map and one collection of the API.

    `sql` is one SELECT over schema-qualified tables giving `id`, the `fields` in order, and `geom`.
    It writes `{geom}` where the geometry column goes, and its box test on a stored indexed column
    as `… && :box`; `:period` is a daterange or NULL. Row-level security decides what it can see.
    """

    name: str
    title: str
    question: str
    group: str
    shape: Shape
    reads: tuple[str, ...]
    sql: str
    fields: tuple[Field, ...]
    style: Style
    subject: str
    """The key under which an audience says how precisely this layer is shown."""
    geometry: str = "geom"
    """The alias-qualified EPSG:4326 column, or what is made of it, that stands for `{geom}`."""
    simplified: tuple[str, str] | None = None
    """EPSG:3857 columns for z ≤ 5 and z ≤ 9 where the table keeps them."""
    cells: str | None = None
    """A SELECT of counts that are stored, of all time, where a tile holds too many records to be drawn one by one: `x` and
    `y` of the cell in a Web Mercator grid of `:cells` around the world, and `n`. Without it records are counted then."""
    cells_zoom: int = -1
    """Up to which zoom the stored counts go."""
    zoom: tuple[int, int] = (0, 22)
    on: bool = True
    """Drawn when the map opens."""
    holds: str | None = None
    """SQL that has a row where the layer holds something, when that is asked more cheaply than by its own SELECT."""
    stands_in: str | None = None
    """The layer in whose place it is drawn when the map opens: where that one holds nothing and this one does."""
    open: bool = False
    """Its legend is open when the map opens: one must know its classes to read the map."""
    told: tuple[str, str] | None = None
    """How the map's heading counts it: the word for one, and for many."""
    else_told: tuple[str, str] | None = None
    """How the heading counts it where none of those `told` holds anything."""
    tabled: int | None = None
    """Its place in the table of what is in view; None when it is not in it."""
    titled: tuple[str, ...] = ("{actor}", "{name}", "{district}", "{sub_event_type}", "{event_type}")
    """What a record is called, from its fields: the first of these that has something to say. One of several fields always
    has, and says *withheld* for what is not known. A code is said in its words; where none has anything to say it is the
    record's class."""
    found: tuple[str, ...] = ()
    """The fields by whose words a record is found, the likeliest first; it is not found where none is said."""
    found_exactly: tuple[str, str] | None = None
    """A field of few values, and one that is unlike in each record: a record is found by the whole of the second. An index has both."""
    found_kept: tuple[str, str] | None = None
    """Where the names are kept by which its records of all days are found: the table, and a SELECT of it with `field`, `name` and
    the `ids` of the newest records. Without it they are read from all records."""
    found_also: tuple[Field, ...] = ()
    """Fields among the kept names that the records themselves do not say."""
    found_within: str | None = None
    """A SELECT of `id` and `text`: sentences about records of the period, in which words are looked for when that is asked; each
    record is read."""
    pieces: bool = False
    """Each piece of a record is seen at every zoom, a dot where it is too small, however large the record's others are."""
    background: bool = False
    """What other records lie on or run across: under a point it is named after them, wherever it is drawn."""
    units: tuple[str, ...] = ()
    """The fields in which administrative units are named: they are withheld where names of boundaries are."""
    beside: str | None = None
    """The layer whose markers stand at the places of its own, and which it therefore stands beside when both are on."""
    placing: int | None = None
    """Its place among the layers that say where the operation is; the first that holds something does."""
    printed: tuple[tuple[str, ...], ...] = ()
    """The columns of its table in a shell: a title and the fields below one another in it."""
    whole: bool = False
    """Computed from all records of the period, also those beyond the box, which then picks from the result: what is drawn
    must not depend on where somebody looks. The index of days bounds the work instead of that of places."""
    beneath: str | None = None
    """The field that says of what kind its records are, where they are told to who plans an area above them."""
    happens: bool = False
    """Its records are of what happened on the days of the period. Of every other layer what holds on the last of these days is
    handed over: what has ended is in no pack."""
    fixed: bool = False
    """The same whatever the period, so that a page asks for its tiles once."""
    warning: str | None = None
    """Words that must be on every map with this layer."""
    recorders: bool = False
    """Shown in rooms that record alone."""
    coarse: Coarse | None = None
    """What is told of it in rooms that are not shown its records as recorded; None where that is nothing."""
    held: str | None = None
    """What its records are called where they are counted in place of being shown."""
    counting: bool = False
    """Its records are these counts, of all layers that are `held`."""
    listing: Listing | None = dataclasses.field(default=None, hash=False)
    """How it is shown as a list, page by page; None for a layer that is none."""
    mixed: bool = False
    """Holds points, lines and polygons beside each other."""
    exported: bool = True
    """Part of `all` when everything is exported; cells that only exist at a scale are not."""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)
