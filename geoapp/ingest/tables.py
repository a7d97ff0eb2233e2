"""Rows of a spreadsheet or a text table: found below their title rows, whatever the delimiter, encoding and language."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from geoapp.ingest import delimited, workbooks
from geoapp.ingest.archives import check_office
from geoapp.ingest.columns import Sheet, Wanted
from geoapp.ingest.header_row import Said


def read(
    path: Path, wanted: Sequence[Wanted], limits: dict[str, Any], said: Said | None = None, sheet: str | None = None
) -> Sheet:
    """The table in a file, by its content: a spreadsheet (its `sheet` of that name, if one is named), else delimited text."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic[:4] == b"PK\x03\x04" or magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if magic[:2] == b"PK":
            check_office(path, limits)
        return workbooks.read(path, wanted, limits, said, sheet)
    return delimited.read(path, wanted, limits, said)
