"""What was in this file, what is wrong with it row by row, and what changed when it landed?

One transaction a file: its good rows land or nothing does, and the Report comes back either way. The file is opened
only in the sandboxed child (`sandbox`); its rows arrive as COPY data that this process hands on unread.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp import overlay
from geoapp.db import Context, lock_operation, transaction
from geoapp.errors import BadRequest, NotFound
from geoapp.ingest import load_access, load_areas, load_deletions, load_incidents, load_places
from geoapp.ingest.load import Batch, Landed
from geoapp.ingest.report import Finding, Report
from geoapp.ingest.sandbox import Limits, open_file
from geoapp.ingest.withdraw import withdraw

__all__ = ["KINDS", "SHELL", "columns_said", "run", "withdraw"]

_SHAPE = {"geom": "geometry", "shape_hash": "text", "km2": "float8", "mid": "geometry", "low": "geometry"}
_TYPES = _SHAPE | {
    "row_no": "int", "level": "int", "valid_from": "date", "valid_to": "date", "date_from": "date", "date_to": "date",
    "source_ts": "timestamptz", "deleted_ts": "timestamptz", "occurred_from": "date", "occurred_to": "date", "lon": "float8", "lat": "float8",
    "fatalities": "int", "civilian_targeting": "boolean", "redistributable": "boolean", "disputed": "boolean",
    "likelihood": "int", "impact": "int", "residual_level": "int", "reported_on": "date", "road_class": "int", "surface": "int",
    "condition": "int", "seasonal": "int", "practicability": "int", "practicability_dry": "int", "practicability_wet": "int", "speed_kmh": "float8", "bridge": "boolean",
    "tunnel": "boolean", "oneway": "boolean", "length_km": "float8", "rank": "int",
    "security_level": "int", "severity": "int", "observed_on": "date", "stale_days": "int",
}  # fmt: skip
"""The types of staged columns; all others are text."""

KINDS: Mapping[str, tuple[Callable[[Connection, Batch], Landed], str, tuple[str, ...]]] = {
    "boundaries": (load_places.boundaries, "CLEAR", ("footprint", "boundary")),
    "presence": (load_areas.presence, "GREEN", ("actor", "area", "area_part")),
    "incidents": (load_incidents.incidents, "AMBER", ("incident", "incident_bin", "incident_tally")),
    "deletions": (load_deletions.deletions, "AMBER", ("incident", "incident_bin", "incident_tally")),
    "areas": (load_areas.areas, "AMBER", ("footprint", "actor", "area", "area_part")),
    "risk_zones": (load_places.risk_zones, "AMBER", ("footprint", "risk_zone")),
    "hazards": (load_places.hazards, "GREEN", ("footprint", "hazard_area")),
    "sites": (load_places.sites, "AMBER", ("site",)),
    "roads": (load_places.roads, "CLEAR", ("road",)),
    "arrangements": (load_access.arrangements, "AMBER", ("footprint", "arrangement")),
    "security_levels": (load_access.security_levels, "AMBER", ("footprint", "security_area")),
    "constraints": (load_access.constraints, "AMBER", ("access_constraint",)),
    "road_reports": (load_access.road_reports, "GREEN", ("road_report",)),
    "basemap": (load_places.basemap, "CLEAR", ("base_feature",)),
}
"""What can be imported: the verb that lands it, the handling of rows that say none, and the tables it writes."""

SHELL = Limits(file_bytes=2**31, unpacked_bytes=2**32, features=2_000_000, memory_bytes=6 * 2**30, seconds=3600)
"""What a file may cost that somebody at the server's shell brings."""

MAX_REJECTED = 0.25
"""Over this share of rejected rows nothing lands: the file is probably not what it was taken for."""


class _NotLanded(Exception):
    """Leaves the transaction without anything kept."""


def run(
    engine: Engine,
    context: Context,
    kind: str,
    path: Path,
    *,
    source: str | None = None,
    file_name: str | None = None,
    handling: str | None = None,
    limits: Limits | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Callable[[str, int, int | None], None] = lambda step, done, of: None,
) -> Report:
    """Import one file of one kind into an operation; the Report says what happened.

    `options` may hold `columns` (what is wanted → the header of the column that has it), `layer`, `swap`.
    `progress` is called with the step, rows done, and how many there are when that is known. Raises BadRequest for an
    unknown kind and NotFound for an unknown operation or file; a bad file is no error but a Report with
    `landed` False.
    """
    if kind not in KINDS:
        raise BadRequest(f"There is no import kind {kind!r}.", hint=f"One of: {', '.join(KINDS)}.")
    if not path.is_file():
        raise NotFound(f"There is no file {path.name}.", hint="Check the path.")
    report = Report(kind=kind)
    try:
        with transaction(engine, context) as connection:
            _import(connection, report, path, source, file_name or path.name, handling, limits, options or {}, progress)
    except _NotLanded:
        report.landed, report.batch = False, None
        report.created = report.updated = report.unchanged = 0
    return report


def columns_said(pairs: Sequence[str]) -> dict[str, dict[str, str]]:
    """The option of `run` that `NAME=HEADER` pairs make; an empty header is none. Raises BadRequest."""
    said = {name.strip(): header.strip() for name, sign, header in (pair.partition("=") for pair in pairs) if sign}
    if len(said) != len(pairs):
        raise BadRequest("A column is given as NAME=HEADER, each name once.", hint='Write it as date="Date of event".')
    return {"columns": said} if said else {}


def _import(
    connection: Connection,
    report: Report,
    path: Path,
    source: str | None,
    file_name: str,
    handling: str | None,
    limits: Limits | None,
    options: Mapping[str, Any],
    progress: Callable[[str, int, int | None], None],
) -> None:
    verb, usual, tables = KINDS[report.kind]
    if connection.execute(text("SELECT calc.operation()")).scalar_one() is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if report.kind not in ("incidents", "deletions"):
        # Nobody has counted the staged rows for the planner: whole tables are matched by hash, never row by row.
        connection.execute(text("SET LOCAL enable_nestloop = off"))
    asked = dict(options) | {"file_name": file_name}
    if report.kind not in ("boundaries", "presence", "roads", "basemap"):
        asked["bbox"] = _where(connection)
    recognised = _stage(connection, report, path, source, limits, asked, progress)
    if report.rejected and report.rejected > MAX_REJECTED * max(report.rows, 1):
        _too_many(report)
    progress("landing", report.rows, report.rows)
    operation_id = lock_operation(connection)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    batch_id = connection.execute(
        text("""
            INSERT INTO facts.batch (operation_id, kind, source, file_name, file_hash, handling, landed_by)
            VALUES (:operation, :kind, :source, :name, :hash, CAST(:handling AS facts.handling), calc.member())
            RETURNING id
        """),
        {
            "operation": operation_id, "kind": report.kind, "source": recognised, "name": file_name, "hash": digest,
            "handling": handling or usual,
        },
    ).scalar_one()  # fmt: skip
    batch = Batch(operation_id, batch_id, report.kind, recognised, handling or usual)
    landed = verb(connection, batch)
    report.add(*landed.findings)
    report.created, report.updated, report.unchanged = landed.created, landed.updated, landed.unchanged
    report.rejected += landed.rejected
    if report.rejected > MAX_REJECTED * max(report.rows, 1):
        _too_many(report)
    connection.execute(text("SET LOCAL enable_nestloop = on"))
    overlay.count_rows(connection, *tables)
    progress("overlaps", report.rows, report.rows)
    overlay.refresh(connection, operation_id, landed.areas, lambda done, of: progress("overlaps", done, of))
    if landed.areas:
        overlay.count_rows(connection, "ground", "overlap")
    overlay.count_few(connection, operation_id)
    report.landed = True
    if landed.created or landed.updated or landed.areas:
        report.batch = batch_id
        connection.execute(
            text("UPDATE facts.batch SET report = CAST(:report AS jsonb) WHERE operation_id = :operation AND id = :id"),
            {"report": orjson.dumps(report.as_dict()).decode(), "operation": operation_id, "id": batch_id},
        )
    else:
        # nothing is new: the batch that brought it stays the one to withdraw
        connection.execute(
            text("DELETE FROM facts.batch WHERE operation_id = :operation AND id = :id"),
            {"operation": operation_id, "id": batch_id},
        )
        report.batch = connection.execute(
            text("""
                SELECT max(id) FROM facts.batch
                WHERE operation_id = :operation AND file_hash = :hash AND kind = :kind AND withdrawn_at IS NULL
            """),
            {"operation": operation_id, "hash": digest, "kind": report.kind},
        ).scalar_one()


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
    raise _NotLanded


def _stage(
    connection: Connection,
    report: Report,
    path: Path,
    source: str | None,
    limits: Limits | None,
    options: dict[str, Any],
    progress: Callable[[str, int, int | None], None],
) -> str:
    """Read the file in the child into the temporary table `staging`; the source it was recognised as."""
    recognised = source or "unknown"
    ended = False
    driver = connection.connection.driver_connection
    assert driver is not None
    with open_file(path, report.kind, source=source, options=options, limits=limits or Limits()) as frames:
        copy: Any = None
        try:
            with driver.cursor() as cursor:
                for frame in frames:
                    if frame.type == "H":
                        recognised = frame.json["source"] or recognised
                        report.columns = frame.json["guesses"]
                        columns = frame.json["columns"]
                        typed = ", ".join(f'"{c}" {_TYPES.get(c, "text")}' for c in columns)
                        cursor.execute(f"CREATE TEMPORARY TABLE staging ({typed}) ON COMMIT DROP")
                        copy = cursor.copy("COPY staging FROM STDIN (FORMAT csv)")
                        sink = copy.__enter__()
                    elif frame.type == "D":
                        sink.write(frame.payload)
                    elif frame.type == "P":
                        progress("reading", frame.json["rows"], frame.json.get("of"))
                    elif frame.type in ("F", "X"):
                        report.add(*(Finding(**f) for f in frame.json))
                    elif frame.type == "E":
                        report.rows, report.rejected = frame.json["rows"], frame.json["rejected"]
                        ended = True
                if copy is not None:
                    closing, copy = copy, None
                    closing.__exit__(None, None, None)
        except BaseException as error:
            if copy is not None:
                copy.__exit__(type(error), error, error.__traceback__)
            raise
    if not ended or report.rows == 0:
        if not report.findings:
            report.add(
                Finding("error", None, None, "nothing-in-it", "There are no rows in this file.", "Check the file.")
            )
        raise _NotLanded
    # a small sample tells the planner all it needs: how many rows, and which columns are alike in all of them
    connection.execute(text("SET LOCAL default_statistics_target = 10"))
    connection.execute(text("ANALYZE staging"))
    return recognised
