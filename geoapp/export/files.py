"""Layers to GeoPackage, GeoJSON or CSV with an HXL row: what a room may have, and nothing that may not be passed on."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyogrio
import shapely
from sqlalchemy import Connection, Engine, text

from geoapp.db import transaction
from geoapp.draw import features
from geoapp.draw.panel import DISCLAIMER, room, withheld
from geoapp.draw.query import columns, source
from geoapp.errors import BadRequest, NotFound
from geoapp.export.qgis import layer_styles
from geoapp.scope import Scope
from layers import STACK, Layer

Progress = Callable[[str, int, int | None], None]
KINDS = {
    "text": pa.string(), "list": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
    "boolean": pa.bool_(),
}  # fmt: skip
GEOMETRY = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
BATCH = 5_000


def write(
    engine: Engine, scope: Scope, layers: Sequence[Layer], path: Path, progress: Progress = lambda s, n, of: None
) -> dict[str, int]:
    """Write layers to one file, its format by its suffix; records per layer.

    One transaction sees all layers at one moment. The file appears whole or not at all. Raises BadRequest for a
    suffix or a combination that there is none for, NotFound for no such operation or audience.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise BadRequest(
            f"There is no export to {path.suffix or 'a file without suffix'}.", hint=f"One of {', '.join(FORMATS)}."
        )
    if len(layers) > 1 and path.suffix.lower() != ".gpkg":
        raise BadRequest(f"{path.suffix} holds one layer.", hint="Name one layer, or write a .gpkg.")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".export-", suffix=path.suffix.lower())
    os.close(handle)
    fresh = Path(made)
    fresh.unlink()
    try:
        with transaction(engine, scope.context()) as connection:
            if connection.execute(text("SELECT calc.clearance()")).scalar() is None:
                raise NotFound(f"There is no operation {scope.operation!r} with an audience {scope.audience!r}.")
            counts = form(connection, scope, layers, fresh, withheld(connection, scope), progress)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return counts


def _records(connection: Connection, layer: Layer, scope: Scope) -> Iterator[list[Any]]:
    """Batches of rows: id, WKB, fields, in order of id."""
    sql = f"SELECT t.id, ST_AsBinary(t.geom), {columns(layer)} FROM ({source(layer, scope)}) AS t ORDER BY t.id"
    result = connection.execution_options(stream_results=True, yield_per=BATCH).execute(text(sql), scope.binds())
    for part in result.partitions():
        yield list(part)


def warnings(layers: Sequence[Layer]) -> str:
    """What must be said with these layers, each once: nothing in a file of hazards says that the land beside is free."""
    return " ".join(dict.fromkeys(layer.warning for layer in layers if layer.warning))


def _provenance(connection: Connection, scope: Scope, layers: Sequence[Layer]) -> dict[str, str]:
    """What stands in every file about itself; GeoPackage and GeoJSON have a place for it, CSV has its header row."""
    who = room(connection, scope)
    operation = connection.execute(
        text("SELECT title, exercise, organisation FROM facts.operation WHERE key = :key"), {"key": scope.operation}
    ).one()
    return {
        "title": operation.title + (" (EXERCISE)" if operation.exercise else ""),
        "handling": f"TLP:{who['clearance']}",
        "drawn_for": who["title"],
        "shown": who["sentence"],
        "scope": scope.sentence(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "disclaimer": DISCLAIMER.format(organisation=operation.organisation or "the organisation using this map"),
        "note": "Absence of data is not absence of risk.",
    } | ({"warning": warnings(layers)} if warnings(layers) else {})


def _gpkg(
    connection: Connection, scope: Scope, layers: Sequence[Layer], path: Path, hidden: set[str], progress: Progress
) -> dict[str, int]:
    counts = {}
    about = _provenance(connection, scope, layers)
    for layer in layers:
        total = 0
        fields = features.shown(layer, hidden)
        keep = [place for place, f in enumerate(layer.fields, 2) if f.name not in hidden]
        for part in _batches(connection, layer, scope):
            table = {"record": pa.array([r[0] for r in part], pa.int64())}
            for field, place in zip(fields, keep, strict=True):
                table[field.name] = pa.array([r[place] for r in part], KINDS[field.kind])
            geoms = shapely.from_wkb([r[1] for r in part])
            table["geom"] = pa.array(_typed(geoms, layer), pa.binary())
            pyogrio.write_arrow(
                pa.table(table), path, layer=layer.name, driver="GPKG", geometry_name="geom", crs="EPSG:4326",
                geometry_type=GEOMETRY[layer.shape] if layer.name != "basemap" else "Unknown", append=total > 0,
                **({} if total else {
                    "layer_options": {"FID": "fid", "IDENTIFIER": layer.title, "DESCRIPTION": layer.question},
                    "dataset_metadata": about, "layer_metadata": about | {"question": layer.question, "warning": layer.warning or ""},
                }),
            )  # fmt: skip
            total += len(part)
            progress(layer.title, total, None)
        counts[layer.name] = total
    layer_styles(path, layers)
    return counts


def _batches(connection: Connection, layer: Layer, scope: Scope) -> Iterator[list[Any]]:
    """The records' batches; one empty batch where there are none, so that an empty layer is still a layer."""
    some = False
    for part in _records(connection, layer, scope):
        some = True
        yield part
    if not some:
        yield []


def _typed(geoms: Any, layer: Layer) -> list[bytes | None]:
    """WKB of one geometry type a layer: everything multi, points single."""
    out = np.array(geoms, dtype=object)
    if layer.name != "basemap" and len(out):
        kinds = shapely.get_type_id(out)
        for single, make in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
            for place in np.flatnonzero(kinds == single):
                out[place] = make([out[place]])
    return [None if w is None else bytes(w) for w in shapely.to_wkb(out)]


def _geojson(
    connection: Connection, scope: Scope, layers: Sequence[Layer], path: Path, hidden: set[str], progress: Progress
) -> dict[str, int]:
    (layer,) = layers
    total = 0
    head = orjson.dumps(
        {"type": "FeatureCollection", "name": layer.name, "about": _provenance(connection, scope, layers)}
    )
    with path.open("wb") as file:
        file.write(head[:-1] + b',"features":[\n')
        for feature in features.stream(connection, layer, scope, withheld=hidden):
            file.write((b",\n" if total else b"") + feature)
            total += 1
            if total % BATCH == 0:
                progress(layer.title, total, None)
        file.write(b"\n]}\n")
    return {layer.name: total}


def cell(value: Any) -> Any:
    """A value as a spreadsheet must not take it for a formula: text that begins like one gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return "'" + value
    return value


def _csv(
    connection: Connection, scope: Scope, layers: Sequence[Layer], path: Path, hidden: set[str], progress: Progress
) -> dict[str, int]:
    (layer,) = layers
    fields = features.shown(layer, hidden)
    keep = [place for place, f in enumerate(layer.fields, 2) if f.name not in hidden]
    total = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        # a last column without cells: its head is there even when no row is, which is when it matters most
        said = [layer.warning] if layer.warning else []
        writer.writerow(["id", *(f.name for f in fields), "latitude", "longitude", *said])
        writer.writerow(
            ["#meta+id", *(f.hxl or "#meta" for f in fields), "#geo+lat", "#geo+lon", *("#meta+warning" for _ in said)]
        )
        for part in _records(connection, layer, scope):
            points = shapely.point_on_surface(shapely.from_wkb([r[1] for r in part]))
            for row, lon, lat in zip(part, shapely.get_x(points), shapely.get_y(points), strict=True):
                writer.writerow(
                    [row[0], *(cell(row[place]) for place in keep), f"{lat:.6f}", f"{lon:.6f}", *("" for _ in said)]
                )
            total += len(part)
            progress(layer.title, total, None)
    return {layer.name: total}


Form = Callable[[Connection, Scope, Sequence[Layer], Path, set[str], Progress], dict[str, int]]
FORMATS: dict[str, Form] = {".gpkg": _gpkg, ".geojson": _geojson, ".json": _geojson, ".csv": _csv}
"""Suffix → how it is written."""

EVERYTHING = tuple(layer for layer in STACK if layer.name != "incident_density")
"""What `all` means: every layer but the cells that only exist at a scale."""
