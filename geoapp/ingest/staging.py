"""How do a file's rows get into the database? What the child says of it becomes the temporary table `staging`.

The table has the columns that the kind declares, and the rows go to COPY unread: the types and checks of the table are
what they must pass. Numbers that the child gives are compared with what arrived.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import Connection, text

from geoapp.codes import codes
from geoapp.ingest.frames import Frame
from geoapp.ingest.report import Finding, Report
from geoapp.ingest.staged import ROW, SHAPES, TYPES, Staged

Progress = Callable[[str, int, int | None], None]

NOT_STORABLE = (psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError, psycopg.errors.ProgramLimitExceeded,
                psycopg.errors.StatementTooComplex)  # fmt: skip
"""What PostgreSQL says of values that are not what their column is for."""


class NotLanded(Exception):
    """Leaves the transaction without anything kept; the Report says why."""


def stage(
    connection: Connection, staged: Staged, frames: Iterator[Frame], report: Report, progress: Progress
) -> str | None:
    """Fill `staging` from the child's frames; the source that the file was recognised as.

    Findings and numbers go to the report. Raises NotLanded when the file was refused, holds nothing, or is not what
    the child said.
    """
    recognised, whole = None, False
    counted: dict[str, Any] = {"rows": 0, "rejected": 0, "more": []}
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        with driver.cursor() as cursor:
            cursor.execute(table(staged))
            for column in (name for name, type_ in staged.items() if type_ in SHAPES):
                # shapes hardly shrink, and are read again at once: PostgreSQL is not to try
                cursor.execute(SQL("ALTER TABLE staging ALTER {} SET STORAGE EXTERNAL").format(Identifier(column)))
            with cursor.copy("COPY staging FROM STDIN (FORMAT csv)") as copy:
                for frame in frames:
                    if frame.type == "D":
                        copy.write(frame.payload)
                    elif frame.type == "H":
                        if frame.json["columns"] != [*ROW, *staged]:
                            raise _refused(report, "its columns are not those of the kind")
                        recognised, report.columns = frame.json["source"], frame.json["guesses"]
                        report.headers = frame.json["headers"]
                    elif frame.type == "P":
                        progress("reading", frame.json["rows"], frame.json["of"])
                    elif frame.type == "U":
                        report.understood = frame.json["columns"]
                    elif frame.type in ("C", "E"):
                        counted, whole = frame.json, frame.type == "E"
                    else:
                        report.add(*(Finding(**finding) for finding in frame.json))
            arrived = cursor.rowcount
    except NOT_STORABLE as error:
        raise not_storable(report, error) from None
    rows, rejected = counted["rows"], counted["rejected"]
    if whole and rows - rejected != arrived:
        raise _refused(report, f"{arrived:,} rows arrived of {rows:,} with {rejected:,} rejected")
    report.rows, report.rejected = rows, rejected
    for more in counted["more"]:
        report.add_more(**more)
    if not whole or not rows:
        if not report.findings:
            report.add(
                Finding("error", None, None, "nothing-in-it", "There are no rows in this file.", "Check the file.")
            )
        raise NotLanded
    # a small sample tells the planner all it needs: how many rows, and which columns are alike in all of them
    connection.execute(text("SET LOCAL default_statistics_target = 10"))
    connection.execute(text("ANALYZE staging"))
    return recognised


def table(staged: Staged) -> Composed:
    """The statement that makes the temporary table `staging` of these columns. KeyError for a type that is none."""
    columns = [_column(name, type_) for name, type_ in (ROW | staged).items()]
    return SQL("CREATE TEMPORARY TABLE staging ({}) ON COMMIT DROP").format(SQL(", ").join(columns))


def _column(name: str, type_: str) -> Composed:
    own = Identifier(name)
    if type_.startswith("code:"):
        return SQL("{} text CHECK ({} = ANY ({}))").format(own, own, Literal(list(codes(type_.removeprefix("code:")))))
    sql, check = TYPES[type_]
    return SQL("{} {} {}").format(own, SQL(sql), SQL(check).format(own))


def not_storable(report: Report, error: Any) -> NotLanded:
    """The finding for rows that the database refused, in its own words without the rows themselves."""
    words = error.diag.message_primary or type(error).__name__
    column = error.diag.column_name
    report.add(
        Finding(
            "error", None, column, "not-storable", f"The rows cannot be stored: {words}.",
            "Export the file again; if it stays so, send the file to those who maintain geoapp.",
        )
    )  # fmt: skip
    return NotLanded()


def _refused(report: Report, why: str) -> NotLanded:
    report.add(
        Finding(
            "error", None, None, "reader-not-trusted", f"What the reader said of the file was not believed: {why}.",
            "Do not open this file elsewhere; ask its sender for another export.",
        )
    )  # fmt: skip
    return NotLanded()
