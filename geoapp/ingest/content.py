"""What is in a map file, before any reader parses it? Its format by its first bytes, not its name; and what no reader
should be given: endless nesting, entities, links to elsewhere, queries in place of data, half a shapefile."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from geoapp.ingest.columns import RefusedFile

Note = tuple[str, str, str, str]
"""Severity, code, message, hint."""


def kind_of(path: Path) -> str | None:
    """The format that the content of a file is in: a fiona driver, `KML`, `GPX`, or None when it is no vector file."""
    if path.is_dir():
        return "OpenFileGDB" if path.suffix.lower() == ".gdb" else None
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:16] == b"SQLite format 3\0":
        return "GPKG"
    if head[:4] == b"\x00\x00\x27\x0a":
        return "ESRI Shapefile"
    if head[4:15] == b"\x0a\x09OSMHeader":
        return "OSM"
    if head[:3] == b"fgb":
        return "FlatGeobuf"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"\x1e"):
        return "TopoJSON" if b'"Topology"' in text[:200] else "GeoJSON"
    if text[:1] == b"<":
        lower = text.lower()
        if b"<ogrvrt" in lower or b"<gdal" in lower:
            raise RefusedFile(
                "not-allowed", "This file only points at other files; it holds no data.", "Send the data itself."
            )
        if b"<gpx" in lower:
            return "GPX"
        if b"<kml" in lower or b"opengis.net/kml" in lower:
            return "KML"
        raise RefusedFile("unknown-format", "This XML is neither KML nor GPX.", "Export it as GeoPackage or GeoJSON.")
    return None


def _check_nesting(path: Path, limits: dict[str, Any]) -> None:
    """Count nesting before any parser does, and refuse what calls elsewhere."""
    data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    steps = np.zeros(len(data), dtype=np.int8)
    steps[(data == 0x5B) | (data == 0x7B)] = 1
    steps[(data == 0x5D) | (data == 0x7D)] = -1
    if len(data) and int(np.cumsum(steps, dtype=np.int32).max()) > limits["depth"]:
        raise RefusedFile("nested-too-deep", "The file is nested deeper than any map needs.", "Export it again.")


def _check_xml(path: Path) -> list[Note]:
    """Refuse entities; links to elsewhere are taken out, and told, when there is more than these."""
    data = path.read_bytes()
    if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
        raise RefusedFile(
            "entities", "The file defines XML entities, which are not read.", "Export it again as plain KML."
        )
    bare, links = _LINK.subn(b"", data)
    if not links and not re.search(rb"<(\w+:)?NetworkLink\b", data, re.IGNORECASE):
        return []
    if not links or not re.search(rb"<(\w+:)?(Polygon|LineString|Point)\b", bare, re.IGNORECASE):
        raise RefusedFile(
            "network-link", "The KML only links to a file elsewhere; nothing is fetched.",
            "Open it in Google Earth, and save the place itself (Save Place As).",
        )  # fmt: skip
    path.write_bytes(bare)
    return [(
        "warning", "network-link", f"The KML also links to {links} files elsewhere; these are not fetched, what stands in it is read.",
        "Open it in Google Earth, and save the place itself (Save Place As).",
    )]  # fmt: skip


_LINK = re.compile(rb"<((?:\w+:)?NetworkLink)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


def check(path: Path, form: str, limits: dict[str, Any]) -> list[Note]:
    """Refuse or take out what must not reach the reader of this format; notes about it. Raises RefusedFile."""
    if form in ("KML", "GPX"):
        return _check_xml(path)
    if form in ("GeoJSON", "TopoJSON"):
        _check_nesting(path, limits)
    elif form == "ESRI Shapefile":
        there = {other.suffix.lower() for other in path.parent.iterdir() if other.stem == path.stem}
        lost = sorted({".shx", ".dbf"} - there)
        if lost:
            raise RefusedFile(
                "half-a-shapefile", f"The shapefile is not whole: {' and '.join(lost)} is missing.",
                "Send .shp, .shx, .dbf and .prj together in one zip.",
            )  # fmt: skip
    return []


def stored_layers(path: Path, names: list[str]) -> list[str]:
    """The layers of a GeoPackage that are tables: a view is a query of the sender's and can run for ever.

    Raises RefusedFile when all of them are views.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as package:
        tables = {row[0] for row in package.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    kept = [name for name in names if name in tables]
    if names and not kept:
        raise RefusedFile(
            "views-only", "The GeoPackage holds queries, no data.", "Save the layer itself as a new GeoPackage."
        )
    return kept
