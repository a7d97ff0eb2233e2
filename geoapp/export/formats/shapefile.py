"""Zipped Shapefiles: a layer for each geometry type, for programs that read nothing newer.

Names have ten characters there and texts 254 bytes. What was shortened stands whole in two tables beside the shapes:
`columns.csv` (short name, name, title, code list) and `texts.csv` (each text that was cut).
"""

import csv
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from pyogrio.errors import DataSourceError

from geoapp.errors import TooLarge
from geoapp.export.formats import _zip
from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._told import GEOMETRY, columns, stream, write_vector
from geoapp.export.formats.csv import cell
from layers import Layer

MAX_BYTES = 254
"""Bytes of a text in a DBF table."""
_DIMENSION = {"point": 0, "line": 1, "polygon": 2}


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Name → name of ten characters at most, no two alike whatever their case; words of a code end in `_w`."""
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        short = f"{name.removesuffix('_words')[:8]}_w" if name.endswith("_words") else name[:10]
        number = 1
        while short.lower() in used:
            short, number = f"{name[: 9 - len(str(number))]}_{number}", number + 1
        used.add(short.lower())
        found[name] = short
    return found


def write(file: LayerFile) -> dict[str, int]:
    """Layers with their side tables as one archive. Raises TooLarge for more than the 2 GB that a Shapefile holds."""
    counts, made_at = {}, file.about["made_at"]
    with tempfile.TemporaryDirectory(prefix=".shapes-", dir=file.path.parent) as work:
        folder = Path(work)
        with (
            (folder / "columns.csv").open("w", encoding="utf-8-sig", newline="") as side,
            (folder / "texts.csv").open("w", encoding="utf-8-sig", newline="") as long,
        ):
            csv.writer(side).writerow(["layer", "short", "name", "title", "hxl", "code_list"])
            texts = csv.writer(long)
            texts.writerow(["layer", "record", "name", "text"])
            for layer in file.layers:
                told = columns(file.fields(layer))
                short = short_names(["record", *(c.name for c in told)])
                for c in told:
                    csv.writer(side).writerow(
                        [layer.name, short[c.name], c.name, c.title, c.tag, "" if c.code else _list_of(layer, c.name)]
                    )
                counts[layer.name] = sum(
                    _layer(file, layer, shape, short, folder, texts)
                    for shape in (_DIMENSION if layer.mixed else (layer.shape,))
                )
        about = "\r\n".join(f"{name}: {words}" for name, words in file.about.items())
        warned = "\r\n".join(f"{each.title}: {each.warning}" for each in file.layers if each.warning)
        with zipfile.ZipFile(file.path, "w") as archive:
            _zip.add(archive, "README.txt", f"{about}\r\n{warned}\r\n".encode("utf-8-sig"), made_at)
            for path in sorted(folder.iterdir()):
                _zip.add(archive, path.name, path, made_at)
    return counts


def _list_of(layer: Layer, name: str) -> str:
    return layer.field(name).code or ""


def _layer(file: LayerFile, layer: Layer, shape: str, short: dict[str, str], folder: Path, texts: Any) -> int:
    """One Shapefile with the records of one geometry type; those without a place are in the one of the layer's own type."""
    schema, batches = stream(file, layer)
    names = ["geometry" if name == "geometry" else short[name] for name in schema.names]
    renamed, total = pa.schema([f.with_name(n) for f, n in zip(schema, names, strict=True)]), 0

    def cut() -> Iterator[pa.RecordBatch]:
        nonlocal total
        for batch in batches:
            if layer.mixed:
                dimension = shapely.get_dimensions(shapely.from_wkb(batch.column("geometry").to_pylist()))
                here = (dimension == _DIMENSION[shape]) | ((dimension < 0) & (shape == layer.shape))
                batch = batch.filter(pa.array(here, pa.bool_()))
            total += batch.num_rows
            records = batch.column("record").to_pylist()
            arrays = [
                pa.array([_fit(v, layer, r, field.name, texts) for v, r in zip(a.to_pylist(), records, strict=True)], field.type)
                if field.type == pa.string() else a
                for field, a in zip(schema, batch.columns, strict=True)
            ]  # fmt: skip
            yield pa.RecordBatch.from_arrays(arrays, schema=renamed)

    try:
        write_vector(
            renamed, cut(), folder / f"{layer.name}{f'_{shape}' if layer.mixed else ''}.shp", driver="ESRI Shapefile",
            geometry_type=GEOMETRY[shape],
            layer_options={"ENCODING": "UTF-8", "2GB_LIMIT": "YES", "DBF_DATE_LAST_UPDATE": file.about["made_at"][:10]},
        )  # fmt: skip
    except DataSourceError as error:
        if "2GB" not in str(error):
            raise
        raise TooLarge(
            f"{layer.title} has more than the 2 GB that a Shapefile holds.", hint="Write GeoPackage or FlatGeobuf."
        ) from None
    return total


def _fit(value: str | None, layer: Layer, record: int, name: str, texts: Any) -> str | None:
    """A text as a DBF table holds it; the whole of one that is too long goes to the table of texts."""
    if value is None or len(data := value.encode()) <= MAX_BYTES:
        return value
    texts.writerow([layer.name, record, name, cell(value)])
    return data[: MAX_BYTES - 3].decode("utf-8", "ignore") + "…"


SHAPEFILE = Format(
    ".zip", "application/zip", "Shapefile", "layers for programs that read nothing newer", write, many=True
)
