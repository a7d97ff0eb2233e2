"""Which columns has a layer as a table, and what stands in a row? Codes with their words beside them, places twice.

Tables that people read (CSV, XLSX) and files of other programs (Shapefile, FlatGeobuf, GeoParquet) have the same columns
in the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geoapp.codes import say
from geoapp.coordinates import say_mgrs
from layers import Field

PLACE = (("latitude", "#geo+lat"), ("longitude", "#geo+lon"), ("mgrs", "#geo+mgrs"))
"""The last columns of a table without shapes, and their HXL tags."""
ARROW = {
    "text": pa.string(), "list": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
    "boolean": pa.bool_(),
}  # fmt: skip


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
        value = row[self.place]
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


def places(part: Sequence[Sequence[Any]]) -> Iterator[tuple[float, float, str] | tuple[None, None, None]]:
    """Latitude, longitude (degrees, six digits) and MGRS (one metre) of a point on each record's surface; nothing where
    nobody knows its place."""
    points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in part]))
    for lon, lat in zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True):
        yield (None, None, None) if lon != lon else (round(lat, 6), round(lon, 6), say_mgrs(lon, lat, 5))


def one_type(part: Sequence[Sequence[Any]], *, mixed: bool) -> list[bytes | None]:
    """WKB of a batch with one geometry type a layer: everything multi, points single; as it is where types are mixed."""
    out = np.array(shapely.from_wkb([row[1] for row in part]), dtype=object)
    if not mixed and len(out):
        kinds = shapely.get_type_id(out)
        for single, make in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
            for place in np.flatnonzero(kinds == single):
                out[place] = make([out[place]])
    return [None if wkb is None else bytes(wkb) for wkb in shapely.to_wkb(out)]
