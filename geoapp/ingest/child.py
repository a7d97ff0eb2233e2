"""The process that opens a file: it gives up its rights, reads, and says in frames what it found (see `sandbox`)."""

import io
import itertools
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from geoapp.ingest.frames import MIB
from geoapp.ingest.report import LISTED
from geoapp.ingest.sandbox import confine
from geoapp.ingest.staged import ROW

TABLES = ("presence", "incidents", "sites", "constraints", "road_reports", "deletions")
VECTORS = (
    "boundaries",
    "areas",
    "risk_zones",
    "hazards",
    "roads",
    "basemap",
    "incidents",
    "sites",
    "arrangements",
    "security_levels",
    "constraints",
    "road_reports",
)


PIECE = 8 * MIB
"""Rows are sent in frames no longer than this."""


def _send(type_: str, payload: bytes) -> None:
    sys.stdout.buffer.write(type_.encode() + len(payload).to_bytes(4, "big"))
    sys.stdout.buffer.write(payload)


def _clean(words: str | None, limit: int) -> str | None:
    return None if words is None else words.replace("\0", "")[:limit]


class _Findings:
    """Findings on their way to the parent: some of each code are listed, all others counted."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()

    def send(self, found: Iterable[Mapping[str, Any]]) -> None:
        listed = []
        for finding in found:
            key = (finding["severity"], finding["code"])
            self.seen[key] += 1
            if self.seen[key] <= LISTED:
                words = {name: _clean(finding[name], 2000) for name in ("message", "hint")}
                listed.append(dict(finding) | words | {"column": _clean(finding["column"], 300)})
        if listed:
            _send("F", orjson.dumps(listed))

    def more(self) -> list[dict[str, Any]]:
        return [
            {"severity": severity, "code": code, "count": number - LISTED}
            for (severity, code), number in self.seen.items() if number > LISTED
        ]  # fmt: skip


def _refuse(code: str, message: str, hint: str, folder: str) -> None:
    # readers name the file by where it lies here, which is nobody's business
    message = message.replace(f"{folder}/in/", "").replace(folder, "")
    finding = {"severity": "error", "row": None, "column": None, "code": code,
               "message": _clean(message, 2000), "hint": _clean(hint, 2000)}  # fmt: skip
    _send("X", orjson.dumps([finding]))


def read(request: dict[str, Any]) -> None:
    """Read the request's file as its kind and send what is in it. Raises RefusedFile."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    from geoapp.ingest import archives, content, openstreetmap, records, spreadsheet_damage, tables, vectors
    from geoapp.ingest.columns import Batch, RefusedFile, check_said, match, missing
    from geoapp.ingest.kinds import FORMATS, Reading, get

    kind, limits = get(request["kind"]), request["limits"]
    folder = Path(request["folder"])
    options = request["options"] | {"kind": kind.name, "prefer": list(kind.prefer)}
    path = archives.unpack(Path(request["path"]), folder, limits)
    form = content.kind_of(path)
    said: dict[str, str] = options.get("columns") or {}
    if kind.name in TABLES and (form == "GeoJSON" or form is None) and records.is_records(path):
        form, sheet = None, records.read(path, limits)
    elif form is None:
        if path.stat().st_size == 0:
            raise RefusedFile("empty", "The file is empty.", "Export it again.")
        if kind.name not in TABLES:
            raise RefusedFile(
                "wrong-format",
                f"This is no file with shapes, which {kind.name} needs.",
                "Send GeoJSON, GeoPackage, Shapefile (zipped) or KML.",
            )
        sheet = tables.read(path, kind.wanted, limits, said)
    elif form == "OSM":
        if kind.name != "roads":
            raise RefusedFile(
                "wrong-format", f"Of an OpenStreetMap extract only roads are read, not {kind.name}.",
                "Import it as roads, or export what you need as GeoPackage.",
            )  # fmt: skip
        sheet = openstreetmap.read(path, limits)
    else:
        if kind.name not in VECTORS:
            raise RefusedFile(
                "wrong-format", f"This is a map file; {kind.name} comes as a table.", "Send CSV, XLSX or ODS."
            )
        sheet = vectors.read(path, form, kind.shape or "any", options, limits)
    source = request["source"] or _recognise(kind.name, sheet.headers)
    head: dict[str, Any] = {"source": source, "columns": [*ROW, *kind.staged], "guesses": None}
    check_said(sheet.headers, kind.wanted, said)
    if form is None and sheet.tags is None and kind.listed(sheet.headers):
        places, head["guesses"] = _guess(kind, sheet, said)
    else:
        places = match(sheet.headers, sheet.tags, kind.wanted, said)
    if not places and kind.one_column and len(sheet.headers) == 1:
        places = {kind.one_column: 0}
        first = Batch([pa.array(sheet.headers, pa.string())], np.array([1]))
        sheet.batches = itertools.chain([first], sheet.batches)
    _send("H", orjson.dumps(head))
    lost = missing(places, kind.wanted)
    useful = len(places)
    if lost or (useful == 0 and kind.name not in ("boundaries", "basemap") and form is None):
        others = [
            k.name for k in FORMATS if k is not kind and len(match(sheet.headers, sheet.tags, k.wanted)) > useful + 2
        ]
        looks = f" It looks like {others[0]}." if others else ""
        names = ", ".join(w.name.replace("_", " ") for w in lost) or "any that is known"
        raise RefusedFile("missing-columns", f"Columns are missing: {names}. The file has {', '.join(sheet.headers[:14])}.{looks}", "Name the columns, or add an HXL row.")  # fmt: skip
    rows = rejected = told = 0
    findings = _Findings()
    state: dict[str, Any] = {}

    def notes() -> int:
        nonlocal told
        fresh = sheet.notes[told:]
        told = len(sheet.notes)
        findings.send(
            {"severity": n[0], "row": n[4] if len(n) > 4 else None, "column": None, "code": n[1], "message": n[2], "hint": n[3]}
            for n in fresh
        )  # fmt: skip
        return sum(1 for n in fresh if n[0] == "error" and len(n) > 4)

    for batch in sheet.batches:
        lost_rows = notes()
        reading = Reading(kind, batch, places, sheet.headers, source, options, state)
        spreadsheet_damage.cells(reading)
        kind.normalise(reading)
        if kind.name == "presence" and not (reading.has("actor") or reading.has("acronym")):
            raise RefusedFile(
                "missing-columns",
                f"No column names the organisation. The file has {', '.join(sheet.headers[:14])}.",
                "Name it, or add an HXL row with #org.",
            )
        if kind.name == "presence" and not (
            reading.has("adm2_code") or reading.has("adm1_code") or reading.has("adm3_code")
        ):
            raise RefusedFile(
                "missing-columns",
                f"No column has P-codes. The file has {', '.join(sheet.headers[:14])}.",
                "Add the admin-2 P-codes: names alone are not matched.",
            )
        rows += len(batch) + lost_rows
        rejected += int(reading.rejected.sum()) + lost_rows
        if rows > limits["rows"]:
            raise RefusedFile("too-many-rows", f"The file has more than {limits['rows']:,} rows.", "Split it.")
        findings.send(finding.__dict__ for finding in reading.findings)
        columns = {"row_no": pa.array(batch.rows), **{name: reading.out[name] for name in kind.staged}}
        table = pa.table(columns)
        if reading.rejected.any():
            table = table.filter(pa.array(~reading.rejected))
        if len(table):
            sink = io.BytesIO()
            pyarrow.csv.write_csv(table, sink, pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed"))
            rows_csv = sink.getbuffer()
            for start in range(0, len(rows_csv), PIECE):
                _send("D", bytes(rows_csv[start : start + PIECE]))
        _send("P", orjson.dumps({"rows": rows, "of": sheet.total}))
    spreadsheet_damage.verdict(state)
    extra = notes()
    _send("E", orjson.dumps({"rows": rows + extra, "rejected": rejected + extra, "more": findings.more()}))


def _guess(kind: Any, sheet: Any, said: dict[str, str]) -> tuple[dict[str, int], dict[str, Any]]:
    """The columns of a plain list, found by words: which, and what a person needs to say otherwise. Guesses are notes."""
    from geoapp.ingest.columns import guessed, match, unconfirmed

    wanted = [want for want in kind.wanted if want.name in kind.guessed]
    places = guessed(sheet.headers, match(sheet.headers, None, wanted, said), wanted, said)
    doubtful = [
        f"{name} <- {sheet.headers[place]!r}" for name, place in unconfirmed(sheet.headers, places, wanted, said)
    ]
    if doubtful:
        sheet.notes.append((
            "warning", "columns-guessed", f"Columns were recognised by their words only: {', '.join(doubtful)}.",
            "Look whether that is right; if not, choose other columns and import again (--column NAME=\"HEADER\").",
        ))  # fmt: skip
    headers = [_clean(header, 500) for header in sheet.headers]
    return places, {
        "columns": {name: headers[place] for name, place in places.items()},
        "headers": headers[:100], "names": [want.name for want in wanted],
    }  # fmt: skip


def _recognise(kind: str, headers: list[str]) -> str:
    from geoapp.ingest.kinds.incidents import recognised

    if kind == "incidents":
        return recognised(headers)
    return {"presence": "3w", "boundaries": "cod-ab", "deletions": "acled"}.get(kind, "file")


def main() -> None:
    """Read one request from standard input; whatever goes wrong is a frame, or silence that the parent answers."""
    request = orjson.loads(sys.stdin.buffer.read())
    folder = request["folder"]
    confine(folder, request["limits"]["memory_bytes"], request["limits"]["seconds"])
    from geoapp.ingest.columns import RefusedFile

    try:
        read(request)
    except RefusedFile as refused:
        _refuse(refused.code, refused.message, refused.hint, folder)
    except MemoryError:
        _refuse("too-large", "The file needs more memory than one file may have.", "Split it.", folder)
    except RecursionError:
        _refuse("nested-too-deep", "The file is nested deeper than any map needs.", "Export it again.", folder)
    except Exception as error:  # a reader's error on a hostile file is a verdict about the file
        if "GEOAPP_CHILD_TRACE" in os.environ:
            raise
        _refuse(
            "unreadable",
            f"The file cannot be read ({type(error).__name__}: {str(error)[:200]}).",
            "Export it again, or send it in another format.",
            folder,
        )
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
