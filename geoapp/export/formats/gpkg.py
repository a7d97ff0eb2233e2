"""GeoPackage: every layer in its colours, with titles of its columns and words for its codes, for QGIS and others."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyogrio

from geoapp.codes import codes
from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._qgis import layer_styles
from geoapp.export.formats._told import ARROW, GEOMETRY, one_type
from layers import Layer

pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})  # a file is renamed once it is whole, or is not kept
_SCHEMA = "http://www.geopackage.org/spec121/#extension_schema"


def write(file: LayerFile) -> dict[str, int]:
    """Layers with one geometry type each, their metadata, what columns and codes are called, and the table of styles."""
    counts = {}
    for layer in file.layers:
        total = 0
        fields = file.fields(layer)
        for part in file.batches(layer):
            ids, _, *told = zip(*part, strict=True) if part else [()] * (len(fields) + 2)
            table = {"record": pa.array(ids, pa.int64())}
            for field, values in zip(fields, told, strict=True):
                table[field.name] = pa.array(values, ARROW[field.kind])
            table["geom"] = pa.array(one_type(part, mixed=layer.mixed), pa.binary())
            pyogrio.write_arrow(
                pa.table(table), file.path, layer=layer.name, driver="GPKG", geometry_name="geom", crs="EPSG:4326",
                geometry_type="Unknown" if layer.mixed else GEOMETRY[layer.shape], append=total > 0,
                **({} if total else _described(file, layer)),
            )  # fmt: skip
            total += len(part)
        counts[layer.name] = total
    moment = datetime.fromisoformat(file.about["made_at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with sqlite3.connect(file.path) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        _speak(connection, file)
        layer_styles(connection, file.layers, file.hidden, moment)
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
        connection.execute("UPDATE gpkg_metadata_reference SET timestamp = ?", (moment,))
    connection.close()
    return counts


def _described(file: LayerFile, layer: Layer) -> dict[str, Any]:
    about = dict(file.about)
    return {
        "layer_options": {"FID": "fid", "IDENTIFIER": layer.title, "DESCRIPTION": layer.question},
        "dataset_metadata": about,
        "layer_metadata": about | {"question": layer.question, "warning": layer.warning or ""},
    }


def _speak(connection: sqlite3.Connection, file: LayerFile) -> None:
    """Titles of columns and words of codes, as the schema extension of GeoPackage has them."""
    connection.executescript("""
        CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
            definition TEXT NOT NULL, scope TEXT NOT NULL,
            CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
        CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
            description TEXT, mime_type TEXT, constraint_name TEXT,
            CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
        CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,
            value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
            CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
    """)
    connection.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [(table, _SCHEMA) for table in ("gpkg_data_columns", "gpkg_data_column_constraints")],
    )
    lists = {}
    for layer in file.layers:
        used: set[str] = set()
        for field in file.fields(layer):
            coded = field.code if field.kind != "list" else None
            title = f"{field.title} ({field.unit})" if field.unit else field.title
            name = title if title not in used else f"{title} ({field.name})"
            used.add(name)
            connection.execute(
                "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
                (layer.name, field.name, name, title, field.hxl, coded),
            )
            if coded:
                lists[coded] = codes(coded)
    connection.executemany(
        "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
        [(name, code, words) for name, known in sorted(lists.items()) for code, words in known.items()],
    )


GPKG = Format(
    ".gpkg", "application/geopackage+sqlite3", "GeoPackage", "all layers in their colours, for QGIS", write, many=True
)
