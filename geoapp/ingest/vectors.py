"""Features of a vector file: attributes as text columns, shapes in EPSG:4326, whichever format and coordinates it has.

fiona reads record by record with an allow-list of drivers, most shapes at once beside it (`layer_shapes`); KML, KMZ and GPX
go to pyogrio, whose GDAL has their drivers.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import shapely
from numpy.typing import NDArray

from geoapp.ingest import encodings
from geoapp.ingest.columns import RefusedFile, Rows, Sheet
from geoapp.ingest.content import check, stored_layers
from geoapp.ingest.feature_values import shape, system, text, to_4326
from geoapp.ingest.layer_shapes import at_once, shape_of

DRIVERS = ["GeoJSON", "GeoJSONSeq", "TopoJSON", "GPKG", "ESRI Shapefile", "FlatGeobuf", "OpenFileGDB"]
CHUNK = 5_000
LINES = {"LineString", "MultiLineString"}


def read(path: Path, form: str, want: str, options: dict[str, Any], limits: dict[str, Any]) -> Sheet:
    """The features of the layer that has the wanted shapes (`polygon`, `line`, `point`, `any`)."""
    told = check(path, form, limits)
    if form in ("KML", "GPX"):
        sheet = _pyogrio(path, form, want, options, limits)
        sheet.notes.extend(told)
        return sheet
    return _fiona(path, form, want, options, limits)


def _fits(geometry: str, want: str) -> bool:
    return want == "any" or geometry in ("Unknown", "GeometryCollection") or want.capitalize()[:4] in geometry


def _fiona(path: Path, form: str, want: str, options: dict[str, Any], limits: dict[str, Any]) -> Sheet:
    import fiona
    from fiona.errors import FionaError

    drivers = [form, "GeoJSONSeq"] if form == "GeoJSON" else [form]
    notes: list[Any] = []
    try:
        names: list[Any] = fiona.listlayers(str(path)) if form in ("GPKG", "OpenFileGDB", "TopoJSON") else [None]
        if form == "GPKG":
            names = stored_layers(path, names)
        chosen = _choose(path, form, names, want, options, drivers, notes)
        encoding = _dbf_encoding(path, notes) if form == "ESRI Shapefile" else None
        source = fiona.open(str(path), layer=chosen, enabled_drivers=drivers, encoding=encoding)
    except (FionaError, OSError, ValueError, UnicodeError) as error:
        raise RefusedFile(
            "unreadable", f"The file cannot be read as {form} ({_bare(error, path)}).", "Export it again."
        ) from error
    if len(source) > limits["features"] and not options.get("endless"):
        raise RefusedFile("too-many-features", f"The layer has {len(source):,} features.", "Split it.")
    names_ = list(source.schema["properties"])
    if len(names_) > limits["columns"]:
        raise RefusedFile("too-many-columns", f"The layer has {len(names_)} columns.", "Leave out what is not needed.")
    crs = system(source.crs_wkt or None, form)
    shapes = at_once(path, form, chosen, str(source.schema["geometry"]))

    def of(feature: Any) -> Any:
        return shape(feature.geometry) if shapes is None else shape_of(shapes, feature, source.__getitem__)

    read = source if shapes is None else fiona.open(
        str(path), layer=chosen, enabled_drivers=drivers, encoding=encoding, ignore_geometry=True
    )  # fmt: skip
    return Sheet(names_, None, _features(read, of, names_, crs, notes, options), notes, len(source))


def _dbf_encoding(path: Path, notes: list[Any]) -> str | None:
    """The encoding of a shapefile's table: UTF-8 if it is that, else what its .cpg says, else what its bytes look like.

    None when it is ASCII. A .cpg that lies is told.
    """
    table = path.with_suffix(".dbf")
    if not table.is_file():
        table = next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == ".dbf"), table)
    with table.open("rb") as file:
        start = int.from_bytes(file.read(10)[8:10], "little")
        file.seek(start)
        cells = file.read(encodings.SAMPLE * 16)
    if cells.isascii():
        return None
    named = next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == ".cpg"), None)
    said = named.read_text("ascii", "ignore").strip()[:40] if named else ""
    if encodings.is_utf8(cells):
        return "UTF-8"
    if said and encodings.plain(said) != "utf8" and encodings.known(said):
        return said
    found = encodings.guessed(cells)
    lie = f" Its .cpg says {said}, which it is not." if said else ""
    notes.append((
        "warning", "encoding-guessed", f"The texts of the shapefile were read as {found}.{lie}",
        "Check names with accents, or export it in UTF-8.",
    ))  # fmt: skip
    return found


def _bare(error: Exception, path: Path) -> str:
    """An error's words without the folder that the file lies in here."""
    return str(error).replace(str(path), path.name).replace(str(path.parent), "")[:160]


def _choose(
    path: Path, form: str, names: list[Any], want: str, options: dict[str, Any], drivers: list[str], notes: list[Any]
) -> Any:
    """The layer to read: the one named, else the one of the wanted shapes with the most features."""
    import fiona

    if options.get("layer"):
        if options["layer"] not in names and names != [None]:
            raise RefusedFile(
                "no-such-layer", f"There is no layer {options['layer']!r}.", f"There are {', '.join(map(str, names))}."
            )
        return options["layer"] if names != [None] else None
    if len(names) < 2:
        return names[0] if names else None
    sizes: dict[str, tuple[bool, int]] = {}
    for name in names[:200]:
        with fiona.open(str(path), layer=name, enabled_drivers=drivers) as layer:
            geometry = layer.schema["geometry"]
            columns = {c.lower() for c in layer.schema["properties"]}
            if _fits(str(geometry), want) and geometry != "None":
                wanted = options.get("prefer", [])
                sizes[name] = (any(w in columns for w in wanted), len(layer))
    if not sizes:
        raise RefusedFile(
            "no-fitting-layer", f"None of the layers has {want}s.", f"There are {', '.join(map(str, names))}."
        )
    best = max(sizes, key=lambda n: sizes[n])
    notes.append(
        (
            "warning",
            "layer-chosen",
            f"Layer {best!r} was read, of {', '.join(map(str, names))}.",
            "Name another with --layer.",
        )
    )
    return best


def _features(
    source: Any, shape_of: Callable[[Any], Any], names: list[str], crs: Any, notes: list[Any], options: dict[str, Any]
) -> Iterator[Rows]:
    columns: list[list[str | None]] = [[] for _ in names]
    geoms: list[Any] = []
    rows: list[int] = []
    number = 1
    iterator = iter(source)
    while True:
        number += 1
        try:
            feature = next(iterator)
            drawn = shape_of(feature)
        except StopIteration:
            break
        except Exception as error:  # one bad record is a finding, whatever GDAL calls it
            notes.append(
                (
                    "error",
                    "unreadable-feature",
                    f"Feature {number - 1} cannot be read ({str(error)[:120]}).",
                    "Draw it again.",
                    number,
                )
            )
            if number > 200_000:
                break
            continue
        for column, name in zip(columns, names, strict=True):
            column.append(text(feature.properties.get(name)))
        geoms.append(drawn)
        rows.append(number)
        if len(rows) >= CHUNK:
            yield _batch(columns, geoms, rows, crs, notes, options)
            columns, geoms, rows = [[] for _ in names], [], []
    source.close()
    if rows:
        yield _batch(columns, geoms, rows, crs, notes, options)


def _batch(
    columns: list[list[str | None]],
    geoms: list[Any],
    rows: list[int],
    crs: Any,
    notes: list[Any],
    options: dict[str, Any],
) -> Rows:
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = geoms
    return Rows([pa.array(c, pa.string()) for c in columns], np.array(rows), to_4326(shapes, crs, notes, options))


def _pyogrio(path: Path, form: str, want: str, options: dict[str, Any], limits: dict[str, Any]) -> Sheet:
    """All layers of a KML (its folders) or the fitting ones of a GPX, one after the other."""
    import pyogrio

    try:
        layers = [name for name, _ in pyogrio.list_layers(path)]
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise RefusedFile(
            "unreadable", f"The {form} cannot be read ({str(error)[:160]}).", "Export it again."
        ) from error
    notes: list[Any] = []
    if options.get("layer"):
        layers = [options["layer"]]
    tables = []
    for layer in layers[:500]:
        try:
            meta, _, wkb, values = pyogrio.raw.read(path, layer=layer)
        except (pyogrio.errors.DataLayerError, pyogrio.errors.DataSourceError, ValueError, OSError) as error:
            notes.append(
                (
                    "error",
                    "unreadable-layer",
                    f"Folder {layer!r} cannot be read ({str(error)[:120]}).",
                    "Draw it again.",
                    None,
                )
            )
            continue
        fields = list(meta["fields"])
        kept = [n for n, name in enumerate(fields) if form != "KML" or _said_by_sender(name, values[n])]
        tables.append(([fields[n] for n in kept], wkb, [values[n] for n in kept]))
    names = list(dict.fromkeys(name for fields, _, _ in tables for name in fields))
    if sum(len(wkb) if wkb is not None else 0 for _, wkb, _ in tables) > limits["features"]:
        raise RefusedFile("too-many-features", "The file has too many features.", "Split it.")
    total = sum(len(t[1]) if t[1] is not None else 0 for t in tables)

    def batches() -> Iterator[Rows]:
        row = 2
        for fields, wkb, values in tables:
            n = len(wkb) if wkb is not None else 0
            if not n:
                continue
            cells = {name: [text(_scalar(v)) for v in column] for name, column in zip(fields, values, strict=True)}
            geoms = np.array(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
            columns = [pa.array(cells.get(name, [None] * n), pa.string()) for name in names]
            yield Rows(columns, np.arange(row, row + n), to_4326(geoms, pyproj.CRS.from_epsg(4326), notes, options))
            row += n

    return Sheet(names, None, batches(), notes, total)


_HOW_DRAWN = {"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"}
_COUNTED = re.compile(r"^(.*?)0*(\d+)$")


def _said_by_sender(name: str, values: NDArray[Any]) -> bool:
    """Whether a column of a KML is more than what the reader adds to every one: how it is drawn, columns that are empty, and
    numbers that the program which wrote it gave its features (`sites.1`, `ID_00001`), as they tell nothing of what a row is."""
    if name in _HOW_DRAWN:
        return False
    cells = [text(_scalar(value)) for value in values]
    if name != "id":
        return any(cells) or name not in {"description", "timestamp", "begin", "end"}
    counted = [_COUNTED.match(cell or "") for cell in cells]
    if any(cells) and all(counted):
        numbers = [(found[1], int(found[2])) for found in counted if found]
        return numbers not in ([(numbers[0][0], first + n) for n in range(len(cells))] for first in (0, 1))
    return any(cells)


def _scalar(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)[:10]
    return value.item() if isinstance(value, np.generic) else value
