"""What was in this file, what is wrong with it row by row, and what changed when it landed?

One transaction a file: its good rows land or nothing does, and the Report comes back either way. The file is opened
only in the sandboxed child (`sandbox`); its rows arrive as COPY data that this process hands on unread.
"""

import hashlib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geoapp import overlay
from geoapp.db import Context, again, transaction
from geoapp.errors import BadRequest, NotFound
from geoapp.ingest import effects, kinds, on_map, rejected, since, templates
from geoapp.ingest.asked import Asked, by_template, child_options, look, surest
from geoapp.ingest.kind import Kind, Landing
from geoapp.ingest.load import ImportBatch, Landed, land
from geoapp.ingest.rejected import Rejected
from geoapp.ingest.report import Finding, Report
from geoapp.ingest.sandbox import Limits, open_file
from geoapp.ingest.staging import NOT_STORABLE, NotLanded, not_storable, stage
from geoapp.observe import event
from geoapp.writing import lock_operation

SHELL = Limits(
    file_bytes=2**31, unpacked_bytes=2**32, features=2_000_000, row_bytes=2**35, memory_bytes=6 * 2**30, seconds=3600
)  # fmt: skip
"""What a file may cost that somebody at the server's shell brings."""

MAX_REJECTED = 0.25
"""Over this share of rejected rows nothing lands: the file is probably not what it was taken for."""

NOT_ROWS = {"reader-not-trusted", "not-readable-to-its-end", "not-storable", "too-large"}
"""Refusals after which a file is not read once more for its rows."""


class _Checked(Exception):
    """Leaves the transaction of a check: all was done as in landing, and nothing of it stays."""


@again
def run(
    engine: Engine,
    context: Context,
    kind: str | None,
    path: Path,
    *,
    source: str | None = None,
    file_name: str | None = None,
    handling: str | None = None,
    limits: Limits | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Callable[[str, int, int | None], None] = lambda step, done, of: None,
    landing: Callable[[Connection, Report], None] = lambda connection, report: None,
    check: bool = False,
    checked: Mapping[str, Any] | None = None,
    job: int | None = None,
) -> Report:
    """Import one file of one kind into an operation; the Report says what happened.

    `options` may hold `template` (its name, or `*` for the newest that fits, if any does), `columns` (what is wanted → the header of the column that has it), `layer`, `sheet`, `swap`,
    `matches` (name of a place → P-code of the unit that it is), and `moved` (rows whose place and content have changed at
    once are the same things).
    `progress` is called with the step, rows done, and how many there are when that is known; `landing` last of all
    within the transaction, when the file lands: what it writes is kept with the rows or not at all. A `check` does all
    that landing does and undoes it: the Report says what would land, and without a kind the surest one is taken. What
    landing compares a check with is its `checked`: Conflict is raised when something else has changed since. Rows that
    do not land are in the Report and kept for `job`, and for the batch.

    Raises BadRequest for an unknown kind and NotFound for an unknown operation or file; a bad file is no error but a
    Report with `landed` False.
    """
    if kind is not None and kind not in kinds.KEYS:
        raise BadRequest(f"There is no import kind {kind!r}.", hint=f"One of: {', '.join(kinds.KEYS)}.")
    if not path.is_file():
        raise NotFound(f"There is no file {path.name}.", hint="Check the path.")
    asked = Asked(
        path, file_name or path.name, source, handling, limits, dict(options or {}), progress, checked, job
    )  # fmt: skip
    used, asked, headers = by_template(engine, context, kind, asked)
    looked = look(asked) if check else None
    if looked:
        del looked["headers"]
    kind = kind or (used.kind if used else surest(looked))
    report = Report(kind=kind, check=check, look=looked, job=job, template=used.name if used else None)
    if used:
        report.settled = {"source": asked.source, "handling": asked.handling, "options": dict(asked.options)}
    if used and (lacks := templates.misfit(used, headers)):
        report.add(lacks)
    told = child_options(asked, kinds.get(kind))
    try:
        with transaction(engine, context) as connection:
            _import(connection, report, asked, told)
            if check:
                raise _Checked
            landing(connection, report)
    except _Checked:
        report.landed, report.batch = False, None
    except NotLanded:
        report.void()
    except DBAPIError as error:
        if not isinstance(error.orig, NOT_STORABLE):
            raise
        not_storable(report, error.orig)
        report.void()
    if not report.lands and not NOT_ROWS & {finding.code for finding in report.findings}:
        report.rejected_rows = _rejected(report, asked, told, report.findings, whole=True)
    event(
        "import", context, kind=kind, landed=report.landed, rows=report.rows, created=report.created,
        updated=report.updated, rejected=report.rejected, check=check,
    )  # fmt: skip
    return report


def _rejected(
    report: Report, asked: Asked, told: Mapping[str, Any], findings: list[Finding], *, whole: bool
) -> Rejected | None:
    """The rows that do not land, read once more as they came."""
    return rejected.collect(
        asked.path, report.kind, source=asked.source, options=told, limits=asked.limits,
        findings=findings, whole=whole,
    )  # fmt: skip


def _import(connection: Connection, report: Report, asked: Asked, told: dict[str, Any]) -> None:
    """Read, stage and land within one transaction; what the child is `told` of the operation is added there."""
    kind, progress = kinds.get(report.kind), asked.progress
    held = asked.handling or kind.handling
    if connection.execute(text("SELECT calc.operation()")).scalar_one() is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if not kind.by_index:
        # Nobody has counted the staged rows for the planner: whole tables are matched by hash, never row by row.
        connection.execute(text("SET LOCAL enable_nestloop = off"))
    if kind.in_operation:
        told["bbox"] = _where(connection)
    if kind.by_pcode:
        codes = connection.execute(text("SELECT upper(b.pcode) AS code, b.level FROM facts.boundary AS b"))
        told["pcodes"] = {row.code: row.level for row in codes}
    with open_file(asked.path, kind.key, source=asked.source, options=told, limits=asked.limits) as frames:
        recognised = stage(connection, kind.staged, frames, report, progress)
    recognised = report.source = asked.source or recognised or "unknown"
    if report.rejected and report.rejected > MAX_REJECTED * max(report.rows, 1):
        _too_many(report)
    progress("landing", report.rows, report.rows)
    operation_id = lock_operation(connection, "batch")
    if asked.checked is not None:
        since.unchanged(connection, kind, asked.checked)
    rests_on = since.numbers(connection, kind) if report.check else None
    with asked.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    batch_id = connection.execute(
        text("""
            INSERT INTO facts.batch (operation_id, kind, source, file_name, file_hash, handling, landed_by)
            VALUES (:operation, :kind, :source, :name, :hash, CAST(:handling AS facts.handling), calc.member())
            RETURNING id
        """),
        {
            "operation": operation_id, "kind": report.kind, "source": recognised, "name": asked.file_name, "hash": digest,
            "handling": held,
        },
    ).scalar_one()  # fmt: skip
    report.matches = dict(asked.options.get("matches") or {})
    landed = _land(
        connection,
        kind,
        ImportBatch(operation_id, batch_id, kind.key, recognised, report.matches, bool(asked.options.get("moved"))),
    )
    report.add(*landed.findings)
    report.created, report.updated, report.unchanged = landed.created, landed.updated, landed.unchanged
    report.rejected, report.removed = report.rejected + landed.rejected, landed.removed
    report.proposed = landed.proposed
    report.matched = landed.matched or effects.matched(connection)
    if report.rejected > MAX_REJECTED * max(report.rows, 1):
        _too_many(report)
    connection.execute(text("SET LOCAL enable_nestloop = on"))
    overlay.count_rows(connection, *kind.tables)
    progress("overlaps", report.rows, report.rows)
    overlay.refresh(connection, operation_id, landed.areas, lambda done, of: progress("overlaps", done, of))
    if landed.areas:
        overlay.count_rows(connection, "ground", "overlap")
        report.overlaps = effects.overlaps(connection)
    overlay.count_few(connection, operation_id)
    if report.check:
        report.map = on_map.drawn(connection, kind, batch_id)
    if report.rejected:
        report.rejected_rows = _rejected(report, asked, told, landed.findings, whole=False)
    report.landed = report.lands = True
    new = bool(landed.created or landed.updated or landed.areas)
    report.batch = batch_id if new else _batch_before(connection, operation_id, batch_id, digest, report.kind)
    if new:
        connection.execute(
            text("UPDATE facts.batch SET report = CAST(:report AS jsonb) WHERE operation_id = :operation AND id = :id"),
            {
                "report": orjson.dumps(report.as_dict() | {"understood": []}).decode(),
                "operation": operation_id,
                "id": batch_id,
            },
        )
    if report.rejected_rows and (new or asked.job):
        rejected.keep(
            connection, report.rejected_rows, file_name=asked.file_name, batch=batch_id if new else None, job=asked.job
        )  # fmt: skip
    if rests_on is not None:
        report.checked = {"numbers": rests_on, "at": connection.execute(text("SELECT now()")).scalar_one().isoformat()}


def _batch_before(connection: Connection, operation_id: int, batch_id: int, digest: str, kind: str) -> int | None:
    """Nothing is new: the batch goes, and the one that brought the same file before stays the one to withdraw."""
    connection.execute(
        text("DELETE FROM facts.batch WHERE operation_id = :operation AND id = :id"),
        {"operation": operation_id, "id": batch_id},
    )
    found: int | None = connection.execute(
        text("""
            SELECT max(id) FROM facts.batch
            WHERE operation_id = :operation AND file_hash = :hash AND kind = :kind AND withdrawn_at IS NULL
        """),
        {"operation": operation_id, "hash": digest, "kind": kind},
    ).scalar_one()
    return found


def _land(connection: Connection, kind: Kind, batch: ImportBatch) -> Landed:
    """The staged rows become facts as the kind says."""
    if isinstance(kind.lands, Landing):
        return land(connection, batch, kind.lands)
    module, _, name = kind.lands.partition(":")
    landed: Landed = getattr(import_module(module), name)(connection, batch)
    return landed


def _where(connection: Connection) -> list[float] | None:
    """The box of the operation's boundaries, by which exchanged axes are noticed."""
    row = connection.execute(
        text("""
            SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (
                SELECT ST_Extent(f.geom) FROM facts.boundary AS b
                JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
            ) AS x (e)
        """)
    ).one()
    return None if row[0] is None else [float(v) for v in row]


def _too_many(report: Report) -> None:
    report.add(
        Finding(
            "error", None, None, "too-many-rejected",
            f"{report.rejected:,} of {report.rows:,} rows were rejected, more than {MAX_REJECTED:.0%}: nothing landed.",
            "See to the findings above, or check that this is the right file and kind.",
        )
    )  # fmt: skip
    raise NotLanded
