"""The files of the exercise, written so that the same country gives the same bytes."""

import csv
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import geopandas
import numpy as np
import shapely
from openpyxl import Workbook
from pyproj import Transformer

FOLDER = Path(__file__).resolve().parent
STAMP = (2026, 10, 18, 0, 0, 0)
"""The day written into archives."""
MOMENT = "2026-10-18T00:00:00.000Z"
_EQUAL_AREA = Transformer.from_crs(4326, 6933, always_xy=True)

Rows = Iterable[tuple[Mapping[str, Any], Any]]


def area_km2(shape: Any) -> float:
    """Area in EPSG:6933, as COD-AB asks for it."""
    flat = shapely.transform(shape, lambda c: np.column_stack(_EQUAL_AREA.transform(c[:, 0], c[:, 1])))
    return round(float(shapely.area(flat)) / 1e6, 3)


def centre(shape: Any) -> tuple[float, float]:
    """Latitude and longitude of the middle of the largest circle inside."""
    lon, lat = shapely.maximum_inscribed_circle(shape, tolerance=0.001).coords[0]
    return round(lat, 6), round(lon, 6)


def geojson(name: str, rows: Rows) -> None:
    """A FeatureCollection, one feature a line."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": dict(values), "geometry": json.loads(shapely.to_geojson(shape))},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for values, shape in rows
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def table(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """A CSV file."""
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def sheet(name: str, header: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
    """A workbook with a header row, a row of HXL tags, and the data; dates are dates."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "3W"
    for line in ([h for h, _ in header], [t for _, t in header], *rows):
        page.append(list(line))
    page.freeze_panes = "A3"
    for place, (label, _) in enumerate(header):
        page.column_dimensions[chr(65 + place)].width = max(12, len(label) + 4)
    for cell in (c for column in ("K", "L") for c in page[column][2:]):
        cell.number_format = "yyyy-mm-dd"
    packed = io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as source:
        parts = {n: source.read(n) for n in source.namelist()}
    core = parts["docProps/core.xml"].decode()
    start = core.index("<dcterms:created")
    end = core.index("</dcterms:modified>") + len("</dcterms:modified>")
    parts["docProps/core.xml"] = (core[:start] + core[end:]).encode()
    archive(FOLDER / name, parts)


def archive(path: Path, parts: Mapping[str, bytes]) -> None:
    """A zip file with one date for everything in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, data)


def geopackage(name: str, layer: str, rows: Rows) -> None:
    """A GeoPackage with one layer in EPSG:4326, without a spatial index, to keep it small."""
    path = FOLDER / name
    path.unlink(missing_ok=True)
    _frame(rows).to_file(path, layer=layer, driver="GPKG", engine="pyogrio", SPATIAL_INDEX="NO", VERSION="1.3")
    base = sqlite3.connect(path)
    base.execute("UPDATE gpkg_contents SET last_change = ?", (MOMENT,))
    base.commit()
    base.execute("VACUUM")
    base.close()


def shapefile(name: str, stem: str, rows: Rows) -> None:
    """A zipped Shapefile with its projection and code page."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / f"{stem}.shp"
        _frame(rows).to_file(
            base, driver="ESRI Shapefile", engine="pyogrio", ENCODING="UTF-8", DBF_DATE_LAST_UPDATE="2026-10-18"
        )
        parts = {p.name: p.read_bytes() for p in sorted(Path(folder).iterdir())}
    archive(FOLDER / name, parts)


def _frame(rows: Rows) -> geopandas.GeoDataFrame:
    listed = list(rows)
    return geopandas.GeoDataFrame([dict(v) for v, _ in listed], geometry=[s for _, s in listed], crs=4326)


def kml(name: str, title: str, rows: Rows) -> None:
    """Placemarks with a TimeSpan and their attributes as ExtendedData."""
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        f"<Document><name>{escape(title)}</name>",
        '<Style id="area"><LineStyle><color>ff444444</color><width>2</width></LineStyle>'
        "<PolyStyle><color>40888888</color></PolyStyle></Style>",
    ]
    for values, shape in rows:
        begin = f"<begin>{values['date_from']}</begin>" if values["date_from"] else ""
        end = f"<end>{values['date_to']}</end>" if values["date_to"] else ""
        out.append(
            f"<Placemark><name>{escape(values['name'])}</name><TimeSpan>{begin}{end}</TimeSpan><styleUrl>#area</styleUrl>"
        )
        out.append("<ExtendedData>")
        for key, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            out.append(f'<Data name="{key}"><value>{escape(text)}</value></Data>')
        out.append("</ExtendedData>")
        out.append(_kml_shape(shape) + "</Placemark>")
    (FOLDER / name).write_text("\n".join([*out, "</Document>", "</kml>", ""]), encoding="utf-8", newline="\n")


def _kml_shape(shape: Any) -> str:
    parts = []
    for polygon in shapely.get_parts(shape):
        rings = [f"<outerBoundaryIs>{_ring(polygon.exterior)}</outerBoundaryIs>"]
        rings += [f"<innerBoundaryIs>{_ring(r)}</innerBoundaryIs>" for r in polygon.interiors]
        parts.append(f"<Polygon>{''.join(rings)}</Polygon>")
    return parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _ring(ring: Any) -> str:
    places = " ".join(f"{x:.5f},{y:.5f}" for x, y in ring.coords)
    return f"<LinearRing><coordinates>{places}</coordinates></LinearRing>"
