"""GeoPackage: every layer in its colours, for QGIS and other desktop programs."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._qgis import layer_styles
from layers import Layer

_ARROW = {
    "text": pa.string(), "list": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
    "boolean": pa.bool_(),
}  # fmt: skip
_GEOMETRY = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}


def write(file: LayerFile) -> dict[str, int]:
    """Layers with one geometry type each, their metadata, and the table of styles."""
    counts = {}
    for layer in file.layers:
        total = 0
        fields = file.fields(layer)
        for part in file.batches(layer):
            table = {"record": pa.array([row[0] for row in part], pa.int64())}
            for place, field in enumerate(fields, 2):
                table[field.name] = pa.array([row[place] for row in part], _ARROW[field.kind])
            table["geom"] = pa.array(_typed(shapely.from_wkb([row[1] for row in part]), layer), pa.binary())
            pyogrio.write_arrow(
                pa.table(table), file.path, layer=layer.name, driver="GPKG", geometry_name="geom", crs="EPSG:4326",
                geometry_type="Unknown" if layer.mixed else _GEOMETRY[layer.shape], append=total > 0,
                **({} if total else _described(file, layer)),
            )  # fmt: skip
            total += len(part)
        counts[layer.name] = total
    layer_styles(file.path, file.layers)
    return counts


def _described(file: LayerFile, layer: Layer) -> dict[str, Any]:
    about = dict(file.about)
    return {
        "layer_options": {"FID": "fid", "IDENTIFIER": layer.title, "DESCRIPTION": layer.question},
        "dataset_metadata": about,
        "layer_metadata": about | {"question": layer.question, "warning": layer.warning or ""},
    }


def _typed(geoms: Any, layer: Layer) -> list[bytes | None]:
    """WKB of one geometry type a layer: everything multi, points single."""
    out = np.array(geoms, dtype=object)
    if not layer.mixed and len(out):
        kinds = shapely.get_type_id(out)
        for single, make in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
            for place in np.flatnonzero(kinds == single):
                out[place] = make([out[place]])
    return [None if w is None else bytes(w) for w in shapely.to_wkb(out)]


GPKG = Format(
    ".gpkg", "application/geopackage+sqlite3", "GeoPackage", "all layers in their colours, for QGIS", write, many=True
)
