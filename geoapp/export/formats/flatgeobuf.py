"""FlatGeobuf: one layer with its spatial index, to be read in parts by scripts and web maps."""

from collections.abc import Iterator

import pyarrow as pa
from sqlalchemy import text

from geoapp.draw.query import source
from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._told import GEOMETRY, stream, write_vector
from layers import Layer


def write(file: LayerFile) -> dict[str, int]:
    """One layer, read from the database batch by batch. A layer with records that nobody knows the place of has no spatial
    index: the format cannot hold these in one."""
    layer = file.layer
    about = dict(file.about) | {"question": layer.question, "warning": layer.warning or ""}
    schema, batches = stream(file, layer)
    total = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal total
        for batch in batches:
            total += batch.num_rows
            yield batch

    write_vector(
        schema, counted(), file.path, layer=layer.name, driver="FlatGeobuf",
        geometry_type="Unknown" if layer.mixed else GEOMETRY[layer.shape],
        layer_options={
            "TITLE": f"{file.about['title']}: {layer.title}",
            "DESCRIPTION": "\n".join(f"{name}: {words}" for name, words in about.items() if words),
            "SPATIAL_INDEX": "NO" if _unplaced(file, layer) else "YES",
        },
    )  # fmt: skip
    return {layer.name: total}


def _unplaced(file: LayerFile, layer: Layer) -> bool:
    where, binds = file.rows(layer)
    sql = f"SELECT EXISTS (SELECT FROM ({source(layer, file.scope)}) AS t WHERE ({where}) AND t.geom IS NULL)"
    return bool(file.connection.execute(text(sql), file.scope.binds() | dict(binds)).scalar_one())


FLATGEOBUF = Format(".fgb", "application/flatgeobuf", "FlatGeobuf", "one large layer for scripts and web maps", write)
