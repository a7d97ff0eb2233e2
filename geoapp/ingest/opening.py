"""What does a file hold? Its table or its features by what the bytes are, and which of its columns is which for a kind."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from geoapp.ingest import archives, content, kinds, openstreetmap, records, tables, vectors
from geoapp.ingest.columns import (
    RefusedFile,
    Rows,
    Sheet,
    Wanted,
    check_said,
    guessed,
    has_columns,
    is_tag,
    match,
    missing,
    unconfirmed,
)
from geoapp.ingest.fields import HANDLING
from geoapp.ingest.kind import Form, Kind
from geoapp.ingest.returned import returned

Said = Mapping[str, str]


def wanted(kind: Kind) -> tuple[Wanted, ...]:
    """The columns that a kind can use, and that every kind can: its own, and who may see a row."""
    return (*kind.wanted, HANDLING)


def opened(
    kind: Kind | None, path: Path, folder: Path, options: dict[str, Any], limits: dict[str, Any]
) -> tuple[Sheet, Form]:
    """The records of a file, and in which form it has them; without a kind, as any of them would read it. Raises RefusedFile."""
    sheet, form = _opened(kind, archives.unpack(path, folder, limits), options, limits)
    # a workbook has cells that are text: only delimited text needs apostrophes
    return returned(sheet, guarded=form == "table" and sheet.name is None), form


def _opened(kind: Kind | None, path: Path, options: dict[str, Any], limits: dict[str, Any]) -> tuple[Sheet, Form]:
    found = content.kind_of(path)
    if (kind is None or "table" in kind.reads) and found in ("GeoJSON", None) and records.is_records(path):
        return records.read(path, limits), "table"
    if found is None:
        if path.stat().st_size == 0:
            raise RefusedFile("empty", "The file is empty.", "Export it again.")
        known = wanted(kind) if kind else tuple(want for each in kinds.every() for want in each.wanted)
        return tables.read(path, known, limits, options.get("columns") or {}, options.get("sheet")), "table"
    if found == "OSM":
        return openstreetmap.read(path, limits), "osm"
    shape, prefer, endless = (kind.shape, kind.prefer, kind.endless) if kind else (None, (), True)
    sheet = vectors.read(path, found, shape or "any", options | {"prefer": prefer, "endless": endless}, limits)
    if any(map(is_tag, sheet.headers)):
        sheet.tags = [header if is_tag(header) else "" for header in sheet.headers]
    return sheet, "vector"


def readable(kind: Kind, sheet: Sheet, form: Form) -> None:
    """Raises RefusedFile when a kind does not come in that form."""
    if form in kind.reads:
        return
    if form == "osm":
        raise RefusedFile(
            "wrong-format", f"Of an OpenStreetMap extract only roads are read, not {kind.key}.",
            "Import it as roads, or export what you need as GeoPackage.",
        )  # fmt: skip
    if form == "table":
        raise RefusedFile(
            "wrong-format", f"This is no file with shapes, which {kind.key} needs.{_looks(kind, sheet, form)}",
            "Send GeoJSON, GeoPackage, Shapefile (zipped) or KML.",
        )  # fmt: skip
    raise RefusedFile(
        "wrong-format", f"This is a map file; {kind.key} comes as a table.{_looks(kind, sheet, form)}",
        "Send CSV, XLSX or ODS.",
    )  # fmt: skip


def placed(kind: Kind, sheet: Sheet, form: Form, said: Said) -> tuple[dict[str, int], dict[str, Any] | None]:
    """Which column is which; of a plain list also what a person needs to say otherwise. Raises RefusedFile."""
    check_said(sheet.headers, wanted(kind), said)
    guesses = None
    if form == "table" and sheet.tags is None and kind.listed(sheet.headers):
        places, guesses = _guess(kind, sheet, said)
    else:
        places = match(sheet.headers, sheet.tags, wanted(kind), said)
    if not places and kind.one_column and len(sheet.headers) == 1:
        places = {kind.one_column: 0}
        first = Rows([pa.array(sheet.headers, pa.string())], np.array([1]))
        sheet.batches = itertools.chain([first], sheet.batches)
    lost = missing(places, kind.wanted)
    if lost or (not places and form == "table"):
        names = ", ".join(want.name.replace("_", " ") for want in lost) or "any that is known"
        raise RefusedFile(
            "missing-columns",
            f"Columns are missing: {names}. {has_columns(sheet.headers)}",
            "Name the columns, or add an HXL row.",
        )
    return places, guesses


def offered(refused: RefusedFile, kind: Kind, sheet: Sheet, form: Form) -> RefusedFile:
    """The refusal, with the kind that the file looks like where its columns are not those of the kind asked for."""
    looks = _looks(kind, sheet, form) if refused.code == "missing-columns" else ""
    return RefusedFile(refused.code, refused.message + looks, refused.hint)


def _looks(kind: Kind, sheet: Sheet, form: Form) -> str:
    """A sentence about the kind that the file is more likely of; nothing when there is none."""
    other = kinds.looks_like(sheet.headers, sheet.tags, form, but=kind.key)
    return f" It looks like {other.title} (import it as {other.key})." if other else ""


def _guess(kind: Kind, sheet: Sheet, said: Said) -> tuple[dict[str, int], dict[str, Any]]:
    """The columns of a plain list, found by words. What was only guessed is noted, for a person to look at."""
    usable = [want for want in wanted(kind) if want.name in (*kind.guessed, HANDLING.name)]
    places = guessed(sheet.headers, match(sheet.headers, None, usable, said), usable, said)
    doubtful = [
        f"{name} <- {sheet.headers[place]!r}"
        for name, place in unconfirmed(sheet.headers, places, usable, said)
        if name != HANDLING.name  # any of its words is its own
    ]
    if doubtful:
        sheet.notes.append((
            "warning", "columns-guessed", f"Columns were recognised by their words only: {', '.join(doubtful)}.",
            "Look whether that is right; if not, choose other columns and import again (--column NAME=\"HEADER\").",
        ))  # fmt: skip
    headers = [header.replace("\0", "")[:500] for header in sheet.headers]
    return places, {
        "columns": {name: headers[place] for name, place in places.items()},
        "headers": headers[:100], "names": [want.name for want in usable],
    }  # fmt: skip
