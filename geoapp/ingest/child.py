"""The process that opens a file: it gives up its rights, reads, and says in frames what it found (see `frames`)."""

import io
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from geoapp.ingest.confine import MIB, confine
from geoapp.ingest.report import LISTED
from geoapp.ingest.staged import ROW

if TYPE_CHECKING:
    from geoapp.ingest.columns import Sheet
    from geoapp.ingest.kind import Form, Kind

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
        self.seen: Counter[tuple[str, str, str | None]] = Counter()

    def send(self, found: Iterable[Mapping[str, Any]]) -> None:
        listed = []
        for finding in found:
            column = _clean(finding["column"], 300)
            key = (finding["severity"], finding["code"], column)
            self.seen[key] += 1
            if self.seen[key] <= LISTED:
                words = {name: _clean(finding[name], 2000) for name in ("message", "hint")}
                listed.append(dict(finding) | words | {"column": column, "value": _clean(finding.get("value"), 300)})
        if listed:
            _send("F", orjson.dumps(listed))

    def more(self) -> list[dict[str, Any]]:
        return [
            {"severity": severity, "code": code, "column": column, "count": number - LISTED}
            for (severity, code, column), number in self.seen.items() if number > LISTED
        ]  # fmt: skip


def _refuse(code: str, message: str, hint: str, folder: str) -> None:
    # errors of readers hold the path of the job folder, which is not for users
    message = message.replace(f"{folder}/in/", "").replace(folder, "")
    finding = {"severity": "error", "row": None, "column": None, "code": code,
               "message": _clean(message, 2000), "hint": _clean(hint, 2000)}  # fmt: skip
    _send("X", orjson.dumps([finding]))


def read(request: dict[str, Any]) -> None:
    """Read the request's file as its kind and send what is asked of it. Raises RefusedFile."""
    from geoapp.ingest import kinds, unlanded
    from geoapp.ingest.columns import RefusedFile
    from geoapp.ingest.opening import offered, opened, readable

    kind, options = kinds.get(request["kind"]) if request["kind"] else None, request["options"]
    sheet, form = opened(kind, Path(request["path"]), Path(request["folder"]), options, request["limits"])
    if kind is None:
        _look(sheet, form)
        return
    if request["mode"] == "unlanded":
        unlanded.say(request, kind, sheet, form, _send)
        return
    try:
        readable(kind, sheet, form)
        _say(request, kind, sheet, form)
    except RefusedFile as refused:
        raise offered(refused, kind, sheet, form) from None


def _look(sheet: "Sheet", form: "Form") -> None:
    """Send what a file holds: its sheets, and which kinds it may be of."""
    from geoapp.ingest import kinds

    likely = [{"key": kind.key, "score": score} for kind, score in kinds.likely(sheet.headers, sheet.tags, form)]
    _send(
        "L",
        orjson.dumps(
            {
                "form": form,
                "sheet": sheet.name,
                "sheets": sheet.book,
                "kinds": likely,
                "headers": [_clean(header, 300) for header in sheet.headers][:500],
            }
        ),
    )
    _send("E", orjson.dumps({"rows": 0, "rejected": 0, "more": []}))


def _say(request: dict[str, Any], kind: "Kind", sheet: "Sheet", form: "Form") -> None:
    """Send what is in a sheet, batch by batch."""
    import pyarrow as pa
    import pyarrow.csv

    from geoapp.ingest import fields, spreadsheet_damage
    from geoapp.ingest.columns import RefusedFile
    from geoapp.ingest.opening import placed, wanted
    from geoapp.ingest.reading import Reading
    from geoapp.ingest.understood import understood

    limits, options = request["limits"], request["options"]
    said = options.get("columns") or {}
    places, guesses = placed(kind, sheet, form, said)
    source = request["source"] or kind.source(sheet.headers)
    _send("H", orjson.dumps({
        "source": source, "columns": [*ROW, *kind.staged], "guesses": guesses,
        "headers": [_clean(header, 300) for header in sheet.headers],
    }))  # fmt: skip
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

    def tell_columns(first: Reading | None) -> None:
        found = understood(sheet, first.places if first else places, wanted(kind), said, first)
        _send("U", orjson.dumps({"columns": found}))

    reading: Reading | None = None
    try:
        for batch in sheet.batches:
            first, lost_rows = reading is None, notes()
            reading = Reading(batch, places, sheet.headers, source, options, state)
            fields.settle_marking(reading)
            spreadsheet_damage.cells(reading)
            kind.normalise(reading)
            fields.handling(reading, options.get("handling") or kind.handling)
            if first:
                tell_columns(reading)
            rows += len(batch) + lost_rows
            rejected += int(reading.rejected.sum()) + lost_rows
            if rows > limits["rows"]:
                raise RefusedFile("too-many-rows", f"The file has more than {limits['rows']:,} rows.", "Split it.")
            findings.send(finding.__dict__ for finding in reading.findings)
            reading.out["row_no"] = pa.array(batch.rows)
            table = pa.table({name: reading.out[name] for name in (*ROW, *kind.staged)})
            if reading.rejected.any():
                table = table.filter(pa.array(~reading.rejected))
            if len(table):
                sink = io.BytesIO()
                pyarrow.csv.write_csv(
                    table, sink, pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
                )
                written = sink.getbuffer()
                for start in range(0, len(written), PIECE):
                    _send("D", bytes(written[start : start + PIECE]))
            _send("P", orjson.dumps({"rows": rows, "of": sheet.total}))
        spreadsheet_damage.verdict(state)
        rows, rejected = rows + (extra := notes()), rejected + extra
    except RefusedFile:
        if rows == 0:
            tell_columns(reading)
        _send("C", orjson.dumps({"rows": rows, "rejected": rejected, "more": findings.more()}))
        raise
    _send("E", orjson.dumps({"rows": rows, "rejected": rejected, "more": findings.more()}))


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
