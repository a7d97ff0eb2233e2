"""GeoParquet 1.1: one layer in columns, for geopandas, DuckDB and other analysis; memory flat in the number of records."""

import orjson
import pyarrow.parquet as pq
import pyproj
import shapely

from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._told import stream


def write(file: LayerFile) -> dict[str, int]:
    """One layer, a row group for each batch; types and box of the shapes and what the file says of itself are in its footer."""
    layer, total, types, boxes = file.layer, 0, set(), []
    schema, batches = stream(file, layer)
    with pq.ParquetWriter(file.path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            shapes = shapely.from_wkb(batch.column("geometry").to_pylist())
            shapes = shapes[shapely.get_type_id(shapes) >= 0]
            types |= {shape.geom_type for shape in shapes}
            if len(shapes):
                boxes.append(shapely.box(*shapely.total_bounds(shapes)))
            total += batch.num_rows
        column = {
            "encoding": "WKB", "geometry_types": sorted(types), "crs": pyproj.CRS(4326).to_json_dict(),
        }  # fmt: skip
        if boxes:
            column["bbox"] = [float(edge) for edge in shapely.total_bounds(boxes)]
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
        about = dict(file.about) | {"layer": layer.title, "question": layer.question, "warning": layer.warning or ""}
        writer.add_key_value_metadata({"geo": orjson.dumps(geo).decode(), "about": orjson.dumps(about).decode()})
    return {layer.name: total}


GEOPARQUET = Format(
    ".parquet", "application/vnd.apache.parquet", "GeoParquet", "one layer for geopandas and other analysis", write
)
