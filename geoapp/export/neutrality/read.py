"""What does a file say, and where? Rows of named texts, colours of actors, symbols: the same for every format."""

import csv
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import openpyxl
import pyarrow.parquet
import pyogrio
from lxml import etree

from geoapp.errors import BadRequest
from geoapp.export.neutrality import page, pdf, tiles
from geoapp.export.neutrality.look import of_actors
from geoapp.export.neutrality.words import official
from layers import STACK

MOST_BYTES, DEEPEST, MOST_MEMBERS = 1 << 29, 3, 5_000
"""Of a zip: bytes unpacked, zips in one another, members."""
PROPER = ("#org", "#adm", "#contact", "#meta+source")
"""HXL tags of proper names, which nobody here chose."""
NAMES = frozenset(
    f.name for layer in STACK for f in layer.fields if (f.hxl or "").startswith(PROPER) and f.name != "name"
)


@dataclass(frozen=True)
class Row:
    """One place of a file: its texts by field; `names` are the fields that hold proper names."""

    where: str
    row: str
    texts: Mapping[str, str]
    names: frozenset[str] = frozenset()
    colors: tuple[str, ...] = ()
    """Colours of actors, as RRGGBB."""
    symbols: tuple[str, ...] = ()
    events: tuple[tuple[str, str, str], ...] = ()
    """Cursor on Target: type, time, stale."""


def rows(name: str, data: bytes, depth: int = 0) -> Iterator[Row]:
    """The rows of a file, by the suffix of its name. Raises BadRequest for one that is not what its suffix says."""
    reader = READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        return
    try:
        if reader is _zip:
            yield from _zip(name, data, depth)
        else:
            yield from reader(name, data)
    except (ValueError, KeyError, zipfile.BadZipFile, sqlite3.DatabaseError, etree.XMLSyntaxError, OSError) as error:
        raise BadRequest(f"{name} cannot be read: {error}.", hint="Is its suffix right, and the file whole?") from error


def _xml(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _zip(name: str, data: bytes, depth: int) -> Iterator[Row]:
    if depth >= DEEPEST:
        raise BadRequest(f"{name} lies in too many archives.", hint=f"At most {DEEPEST} in one another.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_BYTES:
            raise BadRequest(f"{name} is too large to be looked at.", hint="Check its files one by one.")
        for member in members:
            if not member.is_dir():
                yield from rows(f"{name}/{member.filename}", archive.read(member), depth + 1)


def _office(name: str, data: bytes) -> Iterator[Row]:
    """Slides and documents: text and the names of shapes, part by part, and the colours in groups of actors."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(each.file_size for each in archive.infolist()) > MOST_BYTES:
            raise BadRequest(f"{name} is too large to be looked at.", hint="Split it.")
        for part in archive.namelist():
            if not part.endswith(".xml") or not part.startswith(("ppt/slide", "ppt/notes", "word/", "docProps/core")):
                continue
            root = _xml(archive.read(part))
            for place, each in enumerate(root.iter("{*}p", "{*}title", "{*}subject", "{*}description", "{*}cNvPr"), 1):
                words = each.get("name") if each.tag.endswith("cNvPr") else "".join(each.itertext())
                if words and words.strip():
                    proper = _OVERLAP.match(words) or any(of_actors(up) for up in _groups(each))
                    yield Row(name, f"{part}, {place}", {"name" if proper else "text": words}, frozenset({"name"}))
            for group in root.iter("{*}grpSp"):
                if of_actors(group.find("{*}nvGrpSpPr/{*}cNvPr").get("name", "")):
                    found = {color.get("val", "") for color in group.iter("{*}srgbClr")}
                    yield Row(name, part, {}, colors=tuple(sorted(found)))


_OVERLAP = re.compile(r"(\d+: )?OV-\d+ · ")
"""How shapes of overlaps are called: after their two actors."""


def _groups(shape: Any) -> Iterator[str]:
    """The names of the groups that a shape is in."""
    for group in shape.iterancestors("{*}grpSp"):
        yield group.find("{*}nvGrpSpPr/{*}cNvPr").get("name", "")


def _lines(name: str, found: Iterator[list[Any]]) -> Iterator[Row]:
    """A header, perhaps tags under it, and rows."""
    head = [str(each or "") for each in next(found, [])]
    yield Row(name, "1", {f"column {n}": each for n, each in enumerate(head, 1) if each})
    names: frozenset[str] = NAMES
    for n, line in enumerate(found, 2):
        cells = {h: str(v) for h, v in zip(head, line, strict=False) if v not in (None, "")}
        if n == 2 and cells and all(value.startswith("#") for value in cells.values()):
            names = frozenset(h for h, tag in cells.items() if tag.startswith(PROPER))
            continue
        yield _row(name, str(n), cells, names)


def _row(where: str, number: str, cells: dict[str, str], names: frozenset[str] = NAMES) -> Row:
    symbols = tuple(v for k, v in cells.items() if re.search("sidc|symbol", k, re.I))
    actors = {"actor", "domain", "actor_a"} & set(cells)
    colors = tuple(v.lstrip("#") for k, v in cells.items() if actors and k in ("fill", "stroke", "marker-color"))
    return Row(where, number, cells, names, colors, symbols)


def _csv(name: str, data: bytes) -> Iterator[Row]:
    csv.field_size_limit(1 << 24)
    yield from _lines(name, iter(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))))


def _xlsx(name: str, data: bytes) -> Iterator[Row]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book:
        yield from _lines(f"{name}, {sheet.title}", (list(line) for line in sheet.iter_rows(values_only=True)))
    book.close()


def _json(name: str, data: bytes) -> Iterator[Row]:
    yield from _walk(name, json.loads(data), "")


def _walk(name: str, value: Any, at: str) -> Iterator[Row]:
    if isinstance(value, dict) and value.get("type") == "Feature":
        cells = {k: str(v) for k, v in (value.get("properties") or {}).items() if v is not None}
        yield _row(name, str(value.get("id", at)), cells)
    elif isinstance(value, dict):
        texts = {k: v for k, v in value.items() if isinstance(v, str)}
        if texts:
            yield _row(name, at or "1", texts)
        for key, inner in value.items():
            if isinstance(inner, dict | list) and key != "coordinates":
                yield from _walk(name, inner, f"{at}/{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            if isinstance(inner, str):
                yield Row(name, f"{at}/{n}", {"text": inner})
            else:
                yield from _walk(name, inner, f"{at}/{n}")


def _gpkg(name: str, data: bytes) -> Iterator[Row]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(data)
        file.flush()
        base = sqlite3.connect(f"file:{file.name}?mode=ro", uri=True)
        try:
            tables = [
                row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            ]
            wanted = [row[0] for row in base.execute("SELECT table_name FROM gpkg_contents")]
            for table in (
                each for each in tables if each in (*wanted, "gpkg_metadata", "gpkg_contents", "layer_styles")
            ):
                quoted = table.replace('"', '""')
                found = base.execute(f'SELECT rowid, * FROM "{quoted}"')
                heads = [each[0] for each in found.description]
                for row in found:
                    cells = {h: str(v) for h, v in zip(heads[1:], row[1:], strict=True) if isinstance(v, str)}
                    if table != "layer_styles":
                        yield _row(f"{name}, {table}", str(row[0]), cells)
                    elif of_actors(cells.get("f_table_name", "")):
                        yield Row(f"{name}, {table}", str(row[0]), {}, colors=_colors(" ".join(cells.values())))
        finally:
            base.close()


def _flatgeobuf(name: str, data: bytes) -> Iterator[Row]:
    with tempfile.NamedTemporaryFile(suffix=".fgb") as file:
        file.write(data)
        file.flush()
        try:
            about = pyogrio.read_info(file.name).get("layer_metadata") or {}
            meta, _, _, columns = pyogrio.raw.read(file.name, read_geometry=False)
        except pyogrio.errors.DataSourceError as error:
            raise ValueError(str(error)) from error
    yield Row(name, "about", {str(key): str(value) for key, value in about.items()})
    for n, values in enumerate(zip(*columns, strict=True), 1):
        yield _row(name, str(n), {k: v for k, v in zip(meta["fields"], values, strict=True) if isinstance(v, str)})


def _parquet(name: str, data: bytes) -> Iterator[Row]:
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    about = json.loads((table.schema.metadata or {}).get(b"about", b"{}"))
    yield Row(name, "about", {key: value for key, value in about.items() if isinstance(value, str)})
    text = [
        each.name
        for each in table.schema
        if pyarrow.types.is_string(each.type) or pyarrow.types.is_large_string(each.type)
    ]
    for n, cells in enumerate(table.select(text).to_pylist(), 1):
        yield _row(name, str(n), {key: value for key, value in cells.items() if value})


def _pmtiles(name: str, data: bytes) -> Iterator[Row]:
    yield from _walk(name, tiles.about(data), "about")
    for layer, number, cells in tiles.records(data):
        yield _row(f"{name}, {layer}", str(number), cells)


def _colors(text: str) -> tuple[str, ...]:
    found = {each.lower() for each in re.findall(r"#([0-9a-fA-F]{6})\b", text)}
    for red, green, blue in re.findall(r"\b(\d{1,3}),(\d{1,3}),(\d{1,3}),\d{1,3}\b", text):
        found.add(f"{int(red):02x}{int(green):02x}{int(blue):02x}")
    return tuple(sorted(found))


def _markup(name: str, data: bytes) -> Iterator[Row]:
    """KML, SVG, NVG, GPX and Cursor on Target."""
    root = _xml(data)
    for style in root.iter("{*}Style"):
        if of_actors(style.get("id", "")):
            found = {
                c.text[6:8] + c.text[4:6] + c.text[2:4] for c in style.iter("{*}color") if c.text and len(c.text) == 8
            }
            yield Row(name, f"style {style.get('id')}", {}, colors=tuple(sorted(found)))
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        if of_actors(group.get("id", "")):
            drawn = " ".join(value for each in group.iter() for value in each.attrib.values())
            yield Row(name, f"group {group.get('id')}", {}, colors=_colors(drawn))
    marks = list(root.iter("{*}Placemark"))
    for n, mark in enumerate(marks, 1):
        cells = {d.get("name", ""): d.findtext("{*}value") or "" for d in mark.iter("{*}Data")}
        named = not any(key in cells for key in ("level", "handling")) or "actor" in cells
        texts = {"title": mark.findtext("{*}name") or "", "description": mark.findtext("{*}description") or ""}
        yield _row(name, mark.get("id") or str(n), cells | texts, NAMES | ({"title"} if named else frozenset()))
    inside = {each for mark in marks for each in mark.iter()}
    for n, each in enumerate(root.iter(), 1):
        if not isinstance(each.tag, str) or each in inside:
            continue
        tag = etree.QName(each).localname
        symbols = tuple(each.get(key) for key in ("symbol", "sidc") if each.get(key) and tag != "g")
        events = ((each.get("type", ""), each.get("time", ""), each.get("stale", "")),) if tag == "event" else ()
        texts = {
            k: v
            for k, v in each.attrib.items()
            if k in ("label", "callsign", "name", "id", "aria-label", "classification")
        }
        if each.text and each.text.strip() and tag not in ("style", "script", "coordinates"):
            texts["text"] = each.text
        if texts or symbols or events:
            yield Row(name, f"{tag} {n}", texts, symbols=symbols, events=events)


def _html(name: str, data: bytes) -> Iterator[Row]:
    texts, scripts = page.parsed(data.decode("utf-8"))
    for n, words in enumerate(texts, 1):
        yield Row(name, str(n), {"text": words})
    for n, each in enumerate(scripts, 1):
        yield from _walk(name, json.loads(each), f"data {n}")


def _pdf(name: str, data: bytes) -> Iterator[Row]:
    for n, text in enumerate(pdf.pages(data), 1):
        # a line that is an official label, such as the legend has, is no free text
        lines = [line for line in text.splitlines() if not official(line)]
        yield Row(name, f"page {n}", {"text": " ".join(" ".join(lines).split())})


def _plain(name: str, data: bytes) -> Iterator[Row]:
    for n, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if line.strip():
            yield Row(name, str(n), {"text": line})


READERS: dict[str, Callable[..., Iterator[Row]]] = {
    ".pptx": _office, ".docx": _office, ".xlsx": _xlsx, ".csv": _csv, ".geojson": _json, ".json": _json, ".gpkg": _gpkg,
    ".kml": _markup, ".svg": _markup, ".xml": _markup, ".cot": _markup, ".nvg": _markup, ".gpx": _markup, ".html": _html,
    ".htm": _html, ".pdf": _pdf, ".txt": _plain, ".md": _plain, ".zip": _zip, ".kmz": _zip, ".dpk": _zip, ".qgz": _zip, ".qgs": _markup, ".fgb": _flatgeobuf, ".parquet": _parquet,
    ".pmtiles": _pmtiles,
}  # fmt: skip
"""Suffix → what reads it."""
