"""Who changed what, and when: the entries of the audit, for who may read them."""

import csv
import io
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from geoapp import audit, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, engine, json_bytes
from geoapp.db import transaction
from geoapp.errors import BadRequest, Conflict
from geoapp.scope import parse_moment

router = APIRouter(prefix="/operations/{operation}/audit", tags=["Audit"])
NO_STORE = {"Cache-Control": "no-store"}
MOST = 100_000
"""Lines of a file."""
_LAYERS = {noun.table: name for name, noun in record.NOUNS.items()} | {
    "overlap_pair": "overlaps", "site": "sites", "road": "roads",
}  # fmt: skip
Filter = Annotated[str | None, Query(max_length=320)]


def _moment(given: str | None) -> datetime | None:
    return parse_moment(given) if given else None


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """An entry as it is sent; where its record is opened, when it is one that the map shows."""
    layer = _LAYERS.get(row["subject"]) if row["record"] and row["did"] != "removed" else None
    return row | {"opens": f"{layer}/{row['record']}" if layer else None}


@router.get(
    "",
    summary="Who changed what and when, newest first",
    responses={200: sends(answers.Activity)[200] | sends(media="text/csv")[200]},
)
def get(
    request: Request,
    scope: ReadScope,
    who: Filter = None,
    did: Filter = None,
    subject: Filter = None,
    record: Filter = None,
    since: Annotated[str | None, Query(max_length=40, description="From this day or moment on")] = None,
    until: Annotated[str | None, Query(max_length=40, description="Before this day or moment")] = None,
    before: Annotated[
        int | None, Query(ge=1, lt=2**63, description="Only entries older than this one (`next`)")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    f: Annotated[str, Query(pattern="^(json|csv)$", description="json or csv")] = "json",
) -> Response:
    """Names of records and fields, never what was in them. 403 for a member whose role does not read it. As a file it is told itself."""
    if since and until and _moment(since) == _moment(until):
        raise BadRequest("since and until are the same moment.", hint="`until` is not within what is asked for.")
    asked = audit.Asked(who, did, subject, record, _moment(since), _moment(until), before)
    with transaction(engine(request), scope.context()) as connection:
        if f == "csv":
            rows = audit.entries(connection, asked, MOST)
            audit.tell(connection, "exported", "audit", "csv", {"rows": len(rows)})
            return _file(scope.operation, rows)
        rows = audit.entries(connection, asked, limit + 1)
        said = audit.statement(connection)
    shown = rows[:limit]
    body = {
        "entries": [_entry(row) for row in shown],
        "next": shown[-1]["id"] if len(rows) > limit else None,
        "chain": said,
    }  # fmt: skip
    return Response(json_bytes(body), media_type="application/json", headers=NO_STORE)


@router.post("/checks", summary="Is every entry as it was sealed?", responses=sends(answers.AuditChecked))
def check(request: Request, scope: ReadScope) -> Response:
    """Every sealed entry of the operation is looked at, in its place; that it was is an entry itself. 403 for who may not read it."""
    keys = audit.keys_of(request.app.state.settings, make=False)
    if keys is None:
        raise Conflict("This server has no key of the audit.", hint="Whoever runs it looks with `geoapp audit verify`.")
    with transaction(engine(request), scope.context()) as connection:
        audit.require(connection)
        found = audit.check(connection, keys, scope.operation)
        told = {"entries": found.chain.entries, "head": found.chain.head.hex()[:16], "altered": found.altered}
        audit.tell(connection, "verified", "audit", None, told)
    body = told | {
        "unsealed": found.chain.unsealed, "why": "it was sealed with a key that is not here" if "key" in found.why else found.why or None,
        "at": datetime.now(UTC).isoformat(), "head": told["head"] if found.chain.entries else None,
    }  # fmt: skip
    return Response(json_bytes(body), media_type="application/json", headers=NO_STORE)


_FILE = ("number", "at", "who", "room", "did", "subject", "record", "version", "fields", "told", "head")


def _file(operation: str, rows: list[dict[str, Any]]) -> Response:
    """The entries as a table. No cell begins like a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_FILE)
    for row in rows:
        cells = [row[name] for name in _FILE]
        writer.writerow([_cell(cell) for cell in cells])
    name = f"{operation}_audit.csv"
    return Response(
        text.getvalue(), media_type="text/csv; charset=utf-8", headers=NO_STORE | {"Content-Disposition": f'attachment; filename="{name}"'}
    )  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(value)
    said = (
        value.isoformat()
        if isinstance(value, datetime)
        else json_bytes(value).decode()
        if isinstance(value, dict)
        else str(value)
    )
    return f"'{said}" if said.startswith(("=", "+", "-", "@", "\t", "\r")) else said
