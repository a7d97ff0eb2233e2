"""Records of JSON that is no map: a list of objects, or an answer of a service that holds one (ACLED's `data`)."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from geoapp.ingest.columns import RefusedFile, Rows, Sheet
from geoapp.ingest.content import check

CHUNK = 50_000


def is_records(path: Path) -> bool:
    """Whether a JSON file looks like records rather than shapes, by its beginning."""
    with path.open("rb") as file:
        head = file.read(4096)
    shapes = (b'"FeatureCollection"', b'"Feature"', b'"Topology"', b'"geometry"', b'"coordinates"')
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and not any(word in head for word in shapes)


def read(path: Path, limits: dict[str, Any]) -> Sheet:
    """The records of a JSON file as a table of text. Raises RefusedFile."""
    check(path, "GeoJSON", limits)
    try:
        held = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        raise RefusedFile("unreadable", "The JSON is not whole.", "Export it again.") from None
    if isinstance(held, dict):
        lists = [value for value in held.values() if isinstance(value, list)]
        held = lists[0] if len(lists) == 1 else held.get("data", held)
    rows = held if isinstance(held, list) else []
    if rows and all(isinstance(row, (str, int)) for row in rows):
        rows = [{"id": row} for row in rows]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise RefusedFile("no-records", "The JSON holds no list of records.", "Send CSV, or a list of objects.")
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    if len(names) > limits["columns"]:
        raise RefusedFile("too-many-columns", f"The records have {len(names)} fields.", "Leave out what is not needed.")

    def batches() -> Any:
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            columns = [pa.array([_text(row.get(name)) for row in part], pa.string()) for name in names]
            yield Rows(columns, np.arange(start + 1, start + len(part) + 1))

    return Sheet(names, None, batches(), [], len(rows))


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, (dict, list)) else str(value).replace("\0", "")
