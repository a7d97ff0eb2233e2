"""Which columns has a layer as a table, and what stands in a row? Codes with their words beside them, places twice.

Tables that people read (CSV, XLSX) and files of other programs (Shapefile, FlatGeobuf, GeoParquet) have the same columns
in the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from geoapp.codes import say
from geoapp.coordinates import say_mgrs
from geoapp.export.formats._base import LayerFile
from layers import Field, Layer

PLACE = (("latitude", "#geo+lat"), ("longitude", "#geo+lon"), ("mgrs", "#geo+mgrs"))
"""The last columns of a table without shapes, and their HXL tags."""
ARROW = {
    "text": pa.string(), "list": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
    "boolean": pa.bool_(),
}  # fmt: skip

GEOMETRY = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
"""The geometry type of a layer's file, by its shape."""

_DAYS = (
    ("period_start", "period_end"),
    ("valid_from", "valid_to"),
    ("occurred_from", "occurred_to"),
    ("first_day", "last_day"),
)
"""The fields that say from when to when a record is of."""


@dataclass(frozen=True)
class Column:
    """One column: a field's stored value, or the words of its code."""

    name: str
    title: str
    kind: str
    tag: str
    place: int
    """Where its value stands in a row of `LayerFile.batches`."""
    code: str | None = None
    """The list whose words are told instead of the value."""

    def of(self, row: Sequence[Any]) -> Any:
        """Its value in a row; nothing where the row has none."""
        return self.said(row[self.place])

    def said(self, value: Any) -> Any:
        """A stored value as the column tells it."""
        return value if self.code is None or value is None else say(self.code, value)


def columns(fields: Sequence[Field]) -> list[Column]:
    """A column for each field that is told, and after a code one with its words, named `…_words`."""
    found = []
    for place, field in enumerate(fields, 2):
        tag = field.hxl or "#meta"
        title = f"{field.title} ({field.unit})" if field.unit else field.title
        found.append(Column(field.name, title, field.kind, tag, place))
        if field.code:
            found.append(Column(f"{field.name}_words", f"{title}, in words", "text", f"{tag}+label", place, field.code))
    return found


def spoken(fields: Sequence[Field]) -> list[Column]:
    """The columns for people alone: words instead of codes."""
    coded = {field.name for field in fields if field.code}
    return [column for column in columns(fields) if column.code or column.name not in coded]


class Sayings:
    """What a layer's rows say of themselves, asked thousands of times: where it stands in a row is looked for once."""

    def __init__(self, layer: Layer, fields: Sequence[Field]) -> None:
        at = {field.name: place for place, field in enumerate(fields, 2)}
        self._title = layer.title
        self._label = at.get(layer.style.label or "", at.get("name"))
        self._days = next(((at.get(a), at.get(b)) for a, b in _DAYS if a in at or b in at), (None, None))
        self._by = at.get(layer.style.by or "")
        self._others = len(layer.style.rules) - 1
        self._classes: dict[Any, int] = {}
        for n, rule in enumerate(layer.style.rules):
            if rule.value is not None:
                self._classes.setdefault(rule.value, n)

    def days(self, row: Sequence[Any]) -> tuple[date | None, date | None]:
        """The first and the last day that a record is of, as far as it says and the room is told."""
        first, last = self._days
        return None if first is None else row[first], None if last is None else row[last]

    def called(self, row: Sequence[Any]) -> str:
        """What a record is called in a file: its label, else the layer's title and its number."""
        said = None if self._label is None else row[self._label]
        return f"{self._title} {row[0]}" if said is None else str(said)

    def class_of(self, row: Sequence[Any]) -> int:
        """The place of a record's class among the rules of its layer; that of all others where the field is withheld."""
        return self._others if self._by is None else self._classes.get(row[self._by], self._others)


def places(part: Sequence[Sequence[Any]]) -> Iterator[tuple[float, float, str] | tuple[None, None, None]]:
    """Latitude, longitude (degrees, six digits) and MGRS (one metre) of a point on each record's surface; nothing where
    nobody knows its place."""
    points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in part]))
    for lon, lat in zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True):
        yield (None, None, None) if lon != lon else (round(lat, 6), round(lon, 6), say_mgrs(lon, lat, 5))


def one_type(part: Sequence[Sequence[Any]], *, mixed: bool) -> list[bytes | None]:
    """WKB of a batch with one geometry type a layer: everything multi, points single; types as they are where they are mixed.
    Outer rings go counter-clockwise, as GeoPackage and GeoJSON want them."""
    if _all_points(part):
        return [None if row[1] is None else bytes(row[1]) for row in part]
    out = np.array(shapely.orient_polygons(shapely.from_wkb([row[1] for row in part])), dtype=object)
    if mixed:
        return [None if wkb is None else bytes(wkb) for wkb in shapely.to_wkb(out)]
    kinds = shapely.get_type_id(out)
    for single, make in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
        if len(places := np.flatnonzero(kinds == single)):
            out[places] = make(out[places], indices=np.arange(len(places)))
    return [None if wkb is None else bytes(wkb) for wkb in shapely.to_wkb(out)]


def _all_points(part: Sequence[Sequence[Any]]) -> bool:
    # the second byte of WKB is the type, its lowest where the first says that numbers begin with it
    return all(row[1] is None or row[1][:5] == b"\x01\x01\x00\x00\x00" for row in part)


def stream(file: LayerFile, layer: Layer) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The layer as Arrow batches, one in memory at a time: `record` (its id), a column for each field and code, `geometry`
    (WKB). Columns know their titles and tags."""
    told = columns(file.fields(layer))
    schema = pa.schema([
        pa.field("record", pa.int64()),
        *(pa.field(c.name, ARROW[c.kind], metadata={"title": c.title, "hxl": c.tag}) for c in told),
        pa.field("geometry", pa.binary()),
    ])  # fmt: skip

    def batches() -> Iterator[pa.RecordBatch]:
        for part in file.batches(layer):
            values = [[row[0] for row in part], *([c.of(row) for row in part] for c in told)]
            shapes = one_type(part, mixed=layer.mixed)
            arrays = [pa.array(v, field.type) for v, field in zip([*values, shapes], schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    return schema, batches()


def write_vector(schema: pa.Schema, batches: Iterator[pa.RecordBatch], path: Path, **how: Any) -> None:
    """Let GDAL write batches as they come. What goes wrong while they are made is raised as it is: through GDAL it would
    come out as a text."""
    wrong: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException as error:
            wrong.append(error)
            raise

    metadata = pa.schema([
        field.with_metadata({"ARROW:extension:name": "geoarrow.wkb"}) if field.name == "geometry" else field.remove_metadata()
        for field in schema
    ])  # fmt: skip
    reader = pa.RecordBatchReader.from_batches(
        metadata, (pa.RecordBatch.from_arrays(b.columns, schema=metadata) for b in watched())
    )
    try:
        pyogrio.write_arrow(reader, path, geometry_name="geometry", crs="EPSG:4326", **how)
    except Exception:
        if wrong:
            raise wrong[0] from None
        raise
