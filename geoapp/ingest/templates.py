"""Which columns of a source's files were settled to be what, by whom? Kept by name for the next file of that source."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, NotFound
from geoapp.ingest import kinds
from geoapp.ingest.columns import named
from geoapp.ingest.fields import HANDLING as ROW_HANDLING
from geoapp.ingest.report import Finding, Report
from geoapp.model import HANDLING
from geoapp.writing import lock_operation

FITTING = "*"
"""Instead of a name: the newest template that fits the file, or none."""
MOST_COLUMNS = 200

_LISTED = text("""
    SELECT t.name, t.kind, t.source, t.sheet, t.handling::text AS handling, t.columns, t.saved_by, t.saved_at
    FROM facts.import_template AS t ORDER BY t.saved_at DESC, t.id DESC
""")
_SAVE = text("""
    INSERT INTO facts.import_template (operation_id, handling, name, kind, source, sheet, columns, saved_by)
    VALUES (:operation, CAST(:handling AS facts.handling), :name, :kind, :source, :sheet, CAST(:columns AS jsonb), calc.member())
    ON CONFLICT (operation_id, name) DO UPDATE SET handling = excluded.handling, kind = excluded.kind,
        source = excluded.source, sheet = excluded.sheet, columns = excluded.columns, saved_by = excluded.saved_by, saved_at = now()
""")
_REMOVE = text("DELETE FROM facts.import_template AS t WHERE t.operation_id = :operation AND t.name = :name")


@dataclass(frozen=True)
class Template:
    """What was settled for the files of a source."""

    name: str
    kind: str
    source: str
    sheet: str | None
    """The sheet of a workbook; None for the one that fits best."""
    handling: str
    """The handling of rows that say none, and of the template itself."""
    columns: Mapping[str, str]
    """What is wanted → the header of the column that has it; an empty header is none."""
    saved_by: str | None
    saved_at: datetime

    def missing(self, headers: Iterable[str]) -> list[str]:
        """The headers that it names and a file with these `headers` does not have."""
        there = {header.strip() for header in headers}
        return [header for header in self.columns.values() if header and header.strip() not in there]


def templates(connection: Connection) -> list[Template]:
    """Every template that the room is shown, the newest first."""
    return [Template(**row) for row in connection.execute(_LISTED).mappings()]


def template(connection: Connection, name: str) -> Template:
    """One template. Raises NotFound when there is none of that name for this room."""
    found = next((each for each in templates(connection) if each.name == name), None)
    if found is None:
        raise NotFound(
            f"There is no template {name[:80]!r} here.",
            hint="`GET …/imports/templates` or `geoapp templates` lists them.",
        )
    return found


def save_template(
    connection: Connection, name: str, kind: str, source: str, columns: Mapping[str, str], *,
    sheet: str | None = None, handling: str | None = None,
) -> Template:  # fmt: skip
    """Keep a template under a name, instead of the one that was kept under it before.

    Raises BadRequest for what cannot be one, Forbidden in a room that only reads.
    """
    values: dict[str, Any] = {"name": _word("A name", name), "source": _word("A source", source), "kind": kind}
    if any(sign in values["name"] for sign in "/*"):
        raise BadRequest("The name of a template has neither / nor * in it.", hint="Write it otherwise.")
    if kind not in kinds.KEYS:
        raise BadRequest(f"There is no import kind {kind[:40]!r}.", hint=f"One of: {', '.join(kinds.KEYS)}.")
    if handling is not None and handling not in HANDLING:
        raise BadRequest(f"There is no handling {handling[:40]!r}.", hint=f"One of: {', '.join(HANDLING)}.")
    known = [want.name for want in (*kinds.get(kind).wanted, ROW_HANDLING)]
    unknown = [each for each in columns if each not in known]
    if unknown:
        raise BadRequest(f"{kind} have no column {unknown[0][:60]!r}.", hint=f"One of: {', '.join(known)}.")
    if not any(columns.values()) or len(columns) > MOST_COLUMNS or any("\0" in each for each in columns.values()):
        raise BadRequest(
            "A template says of at least one column what it is.", hint='Such as {"date": "Date of event"}.'
        )
    values |= {
        "handling": handling or kinds.get(kind).handling, "sheet": _word("A sheet", sheet, 200) if sheet else None,
        "columns": orjson.dumps(dict(columns)).decode(), "operation": lock_operation(connection, "import_template"),
    }  # fmt: skip
    connection.execute(_SAVE, values)
    return template(connection, values["name"])


def remove_template(connection: Connection, name: str) -> None:
    """Keep a template no longer. Raises NotFound, and Forbidden in a room that only reads."""
    operation_id = lock_operation(connection, "import_template")
    template(connection, name)
    connection.execute(_REMOVE, {"operation": operation_id, "name": name})


def keep_settled(
    connection: Connection, name: str, report: Report, options: Mapping[str, Any], handling: str | None
) -> Template:
    """Keep what the columns of a file were taken for; what was said not to be in the file stays so. Raises as `save_template`."""
    if report.settled:
        options, handling = report.settled["options"], report.settled["handling"]
    columns = {name: "" for name, header in (options.get("columns") or {}).items() if not header}
    columns |= {column["name"]: column["header"] for column in report.understood if column["by"]}
    return save_template(
        connection, name, report.kind, report.source or "", columns, sheet=options.get("sheet"), handling=handling
    )


def fitting(
    found: Iterable[Template], kind: str | None, source: str | None, headers: Callable[[str | None], list[str]]
) -> Template | None:
    """The first template whose columns a file has, of that kind and source where these are said. `headers` tells those of
    the sheet of that name, or of the one that is read when none is named."""
    for each in found:
        if kind in (None, each.kind) and source in (None, each.source):
            there = headers(each.sheet)
            if there and not each.missing(there):
                return each
    return None


def misfit(used: Template, headers: list[str]) -> Finding | None:
    """What is told of a template that names columns which a file does not have; None when it has all."""
    lost = used.missing(headers) if headers else []
    if not lost:
        return None
    return Finding(
        "error", None, None, "template-does-not-fit",
        f"The template {used.name!r} is for files with other columns: this one has no {named(lost)}. It has {named(headers)}.",
        "Import it without the template, choose the columns, and save them as a template of their own.",
    )  # fmt: skip


def applied(used: Template, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an import with what a template says; what was said with the file stands before it."""
    columns = dict(used.columns) | dict(options.get("columns") or {})
    more = {"sheet": used.sheet} if used.sheet else {}
    return more | dict(options) | {"columns": columns}


def as_json(found: Template) -> dict[str, Any]:
    """A template for a door."""
    return {name: getattr(found, name) for name in Template.__dataclass_fields__} | {"columns": dict(found.columns)}


def _word(what: str, value: str | None, most: int = 80) -> str:
    plain = (value or "").strip()
    if not 0 < len(plain) <= most or any(ord(sign) < 32 for sign in plain):
        raise BadRequest(
            f"{what} is one line of at most {most} characters.", hint="Write it shorter, without line breaks."
        )
    return plain
