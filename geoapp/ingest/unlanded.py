"""Which rows of a file do not land, as they came? Read once more in the child, with what was found in each of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa
import shapely

from geoapp.ingest import fields, spreadsheet_damage
from geoapp.ingest.columns import RefusedFile, Rows, Sheet
from geoapp.ingest.kind import Form, Kind
from geoapp.ingest.opening import placed
from geoapp.ingest.reading import Reading

PIECE = 500
"""Rows that are sent in one frame."""
Send = Callable[[str, bytes], None]


def say(request: Mapping[str, Any], kind: Kind, sheet: Sheet, form: Form, send: Send) -> None:
    """Send the rows that reading rejects, those that the request names, or all when nothing of the file landed."""
    tags = list(sheet.tags) if sheet.tags is not None else None
    send("T", orjson.dumps({"headers": sheet.headers, "tags": tags, "features": form != "table"}))
    named, whole = set(request["unlanded"]["rows"]), request["unlanded"]["whole"]
    number = 0
    for batch, rejected, reasons, handling in _read(request, kind, sheet, form):
        wanted = [place for place, row in enumerate(batch.rows) if whole or rejected[place] or int(row) in named]
        for start in range(0, len(wanted), PIECE):
            rows = [_row(sheet, batch, place, reasons, handling[place]) for place in wanted[start : start + PIECE]]
            send("R", orjson.dumps(rows))
        number += len(wanted)
    number += _without_cells(sheet, request["options"].get("handling") or kind.handling, send)
    send("E", orjson.dumps({"rows": number, "rejected": number, "more": []}))


def _read(
    request: Mapping[str, Any], kind: Kind, sheet: Sheet, form: Form
) -> Iterator[tuple[Rows, list[bool], dict[int, list[str]], list[str]]]:
    """Each batch as it came, which rows are rejected, why, and who may see them: RED where that cannot be read."""
    options = request["options"]
    state: dict[str, Any] = {}
    usual, refused = options.get("handling") or kind.handling, None
    try:
        places, _ = placed(kind, sheet, form, options.get("columns") or {})
    except RefusedFile as error:
        places, refused = {}, error
    for batch in sheet.batches:
        reading = Reading(batch, places, sheet.headers, request["source"] or "", options, state)
        held = ["RED"] * len(batch)
        try:
            fields.settle_marking(reading)
            spreadsheet_damage.cells(reading)
            fields.handling(reading, usual)
            held = reading.out["handling"].to_pylist()
            if refused is None:
                kind.normalise(reading)
        except RefusedFile as error:
            refused = error
        reasons: dict[int, list[str]] = {}
        for finding in reading.findings:
            if finding.severity == "error" and finding.row is not None:
                reasons.setdefault(finding.row, []).append(f"{finding.message} {finding.hint}".strip())
        if refused is not None:
            reasons = {int(row): [f"{refused.message} {refused.hint}".strip()] for row in batch.rows}
        yield batch, reading.rejected.tolist(), reasons, held


def _row(sheet: Sheet, batch: Rows, place: int, reasons: Mapping[int, list[str]], handling: str) -> dict[str, Any]:
    row = int(batch.rows[place])
    shape = None if batch.geoms is None or batch.geoms[place] is None else shapely.to_wkb(batch.geoms[place], hex=True)
    cells = [_cell(column, place) for column in batch.columns[: len(sheet.headers)]]
    return {"row": row, "cells": cells, "reasons": reasons.get(row, [])[:20], "handling": handling, "shape": shape}


def _cell(column: pa.Array, place: int) -> str | None:
    value = column[place].as_py()
    return None if value is None else str(value).replace("\0", "")


def _without_cells(sheet: Sheet, handling: str, send: Send) -> int:
    """Rows whose cells could not be told apart: only where they stand, and why."""
    notes: list[Any] = list(sheet.notes)
    lost = [note for note in notes if note[0] == "error" and len(note) > 4]
    for start in range(0, len(lost), PIECE):
        send("R", orjson.dumps([
            {"row": int(note[4]), "cells": [], "reasons": [f"{note[2]} {note[3]}"], "handling": handling, "shape": None}
            for note in lost[start : start + PIECE]
        ]))  # fmt: skip
    return len(lost)
