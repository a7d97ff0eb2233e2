"""What becomes of the rows that do not land? They are kept as they came, each with its reason, to be mended and sent again.

They are kept with the batch, or with the job of a file that did not land, under the strictest handling of their rows,
and for so many days. `write` makes a file of them in the form in which they came.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import shapely
from sqlalchemy import Connection, text

from geoapp.errors import NotAcceptable, NotFound
from geoapp.ingest.findings import Finding
from geoapp.ingest.returned import REASON, ROW, RUNS
from geoapp.ingest.sandbox import Limits, open_file

KEPT = timedelta(days=90)
"""How long the rejected rows of a batch are kept."""
LEVELS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
SUFFIXES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
"""What a file of rejected rows can be, with its media type."""
CELL = 32_767
"""Characters that a cell of a workbook holds."""


@dataclass(frozen=True)
class Rejected:
    """Rows that did not land. `packed` is lines of JSON, gzipped: first `headers`, `tags`, `features`, then a row each."""

    packed: bytes
    rows: int
    handling: str
    features: bool
    """Whether they are features with shapes, and not rows of a table."""

    def as_dict(self) -> dict[str, Any]:
        """What every door says of it."""
        return {"rows": self.rows, "handling": self.handling, "suffixes": suffixes(features=self.features)}


def suffixes(*, features: bool) -> list[str]:
    """The files that can be made of such rows."""
    return ["geojson", "csv"] if features else ["csv", "xlsx"]


def collect(
    path: Path, kind: str, *, source: str | None, options: Mapping[str, Any], limits: Limits | None,
    findings: list[Finding], whole: bool,
) -> Rejected | None:  # fmt: skip
    """The rows of a file that do not land: those that its reading rejects and those of `findings`; all when `whole`.

    None when the file cannot be read as rows, or none is among them. KeyError for an unknown kind.
    """
    named: dict[int, list[str]] = {}
    for finding in findings:
        if finding.severity == "error" and finding.row is not None:
            named.setdefault(finding.row, []).append(f"{finding.message} {finding.hint}".strip())
    why = next((f.message for f in reversed(findings) if f.severity == "error" and f.row is None), "")
    asked = {"rows": sorted(named), "whole": whole}
    sink, rows, highest, features = io.BytesIO(), 0, 0, False
    with (
        gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=1, mtime=0) as out,
        open_file(path, kind, source=source, options=options, limits=limits, mode="unlanded", unlanded=asked) as frames,
    ):
        for frame in frames:
            if frame.type == "T":
                features = frame.json["features"]
                out.write(orjson.dumps(frame.json) + b"\n")
            elif frame.type == "R":
                for row in frame.json:
                    reasons = list(dict.fromkeys(row["reasons"] + named.get(row["row"], [])))
                    if not reasons and whole:
                        reasons = [f"Nothing of the file landed; nothing was found in this row. {why}".strip()]
                    out.write(orjson.dumps([row["row"], row["cells"], " ".join(reasons), row["shape"]]) + b"\n")
                    highest = max(highest, LEVELS.index(row["handling"]))
                    rows += 1
            elif frame.type == "X":
                return None
    return Rejected(sink.getvalue(), rows, LEVELS[highest], features) if rows else None


def keep(
    connection: Connection, found: Rejected, *, file_name: str, batch: int | None = None, job: int | None = None
) -> None:
    """Keep rejected rows with this transaction, for a batch or a job; those whose time is over go."""
    connection.execute(text("DELETE FROM facts.rejected AS r WHERE r.kept_until < now()"))
    connection.execute(
        text("""
            INSERT INTO facts.rejected (operation_id, handling, batch_id, job_id, file_name, rows, features, packed, kept_until)
            SELECT calc.operation(), CAST(:handling AS facts.handling), :batch, :job, :name, :rows, :features, :packed, now() + :kept
        """),
        {
            "handling": found.handling, "batch": batch, "job": job, "name": file_name, "rows": found.rows,
            "features": found.features, "packed": found.packed, "kept": KEPT,
        },
    )  # fmt: skip


def kept(connection: Connection, *, batch: int | None = None, job: int | None = None) -> tuple[str, Rejected]:
    """The name of the file, and the rows of it that did not land. Raises NotFound when none are kept, or not for this room."""
    row = connection.execute(
        text("""
            SELECT r.file_name, r.packed, r.rows, r.handling::text, r.features FROM facts.rejected AS r
            WHERE (r.batch_id = :batch OR r.job_id = :job) AND r.kept_until >= now() ORDER BY r.id DESC LIMIT 1
        """),
        {"batch": batch, "job": job},
    ).one_or_none()
    if row is None:
        raise NotFound(
            "There are no rejected rows to be had here.",
            hint=f"They are kept for {KEPT.days} days, for rooms that see their handling; a file whose rows all landed has none.",
        )
    return str(row[0]), Rejected(bytes(row[1]), row[2], row[3], row[4])


def write(found: Rejected, suffix: str) -> bytes:
    """The file of rejected rows: the columns as they came, then why and from which row. Text never runs as a formula.

    Raises NotAcceptable for a suffix that such rows have not.
    """
    if suffix not in suffixes(features=found.features):
        raise NotAcceptable(
            f"These rows cannot be written as {suffix}.",
            hint=f"Ask for {' or '.join(suffixes(features=found.features))}.",
        )
    lines = (orjson.loads(line) for line in gzip.decompress(found.packed).splitlines())
    head = next(lines)
    return {"csv": _csv, "xlsx": _xlsx, "geojson": _geojson}[suffix](head, lines)


def _titles(head: Mapping[str, Any]) -> Iterator[list[str]]:
    yield [*head["headers"], REASON, ROW]
    if head["tags"] is not None:
        yield [*head["tags"], "#meta+reason", "#meta+row"]


def _whole(cells: list[str | None], width: int) -> list[str]:
    return [cell or "" for cell in cells[:width]] + [""] * (width - len(cells))


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs: text that begins like a formula gets an apostrophe, also where it has one."""
    if not cell.strip("'") or cell.lstrip("'")[0] not in RUNS:
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


def _csv(head: Mapping[str, Any], lines: Iterator[Any]) -> bytes:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    width, shapes = len(head["headers"]), head["features"]
    for titles in _titles(head):
        writer.writerow([*map(guarded, titles), *(["wkt"] if shapes else [])])
    for row, cells, why, shape in lines:
        wkt = [shapely.to_wkt(shapely.from_wkb(shape)) if shape else ""] if shapes else []
        writer.writerow([*map(guarded, _whole(cells, width)), guarded(why), row, *wkt])
    return sink.getvalue().encode("utf-8-sig")


def _xlsx(head: Mapping[str, Any], lines: Iterator[Any]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rejected rows")

    def text_of(value: str) -> Any:
        if len(value) > CELL:
            raise NotAcceptable("A cell is longer than a workbook can hold.", hint="Ask for csv.")
        made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
        made.data_type = "s"
        return made

    for titles in _titles(head):
        sheet.append([text_of(title) for title in titles])
    for row, cells, why, _ in lines:
        sheet.append([*(text_of(cell) for cell in _whole(cells, len(head["headers"]))), text_of(why[:CELL]), row])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _geojson(head: Mapping[str, Any], lines: Iterator[Any]) -> bytes:
    features = []
    for row, cells, why, shape in lines:
        named = dict(zip(head["headers"], _whole(cells, len(head["headers"])), strict=True))
        geometry = orjson.loads(shapely.to_geojson(shapely.from_wkb(shape))) if shape else None
        features.append({
            "type": "Feature", "geometry": geometry,
            "properties": {name: cell or None for name, cell in named.items()} | {REASON: why, ROW: row},
        })  # fmt: skip
    return orjson.dumps({"type": "FeatureCollection", "features": features})
