"""A file read by the sandboxed child, without a database: its staged rows and its findings."""

import csv
import io
from pathlib import Path
from typing import Any

from geoapp.ingest.sandbox import Limits, open_file


def read(
    folder: Path,
    kind: str,
    content: str | bytes,
    name: str = "file.csv",
    *,
    limits: Limits | None = None,
    **options: Any,
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The rows that the child stages of this content, and what it finds, a refusal included."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    staged = b""
    findings: list[dict[str, Any]] = []
    columns: list[str] = []
    with open_file(path, kind, options=options, limits=limits) as frames:
        for frame in frames:
            if frame.type == "H":
                columns = frame.json["columns"]
            elif frame.type == "D":
                staged += frame.payload
            elif frame.type in ("F", "X"):
                findings += frame.json
    rows = csv.reader(io.StringIO(staged.decode(), newline=""))
    return [dict(zip(columns, row, strict=True)) for row in rows], findings
