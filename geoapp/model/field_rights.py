"""Which single fields is a room told? As SQL: the views through which they are read, and what the serving role may read itself.

The serving role has no right to read the columns that a rule can withhold, nor the kept text of earlier versions. It reads
`calc.{table}` and `calc.history`, whose owner is a role that is under the same policies and can do nothing else. These views
are one SELECT of one table, so that PostgreSQL takes them apart and uses the table's indexes; a field that a query does not
read costs nothing.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Table

from geoapp.model import Base
from geoapp.model.subjects import FIELDED, SINGLY, Subject


def views() -> Iterator[str]:
    """The views, once the functions are there."""
    values = ", ".join(f"('{key}', '{name}')" for key, fields in sorted(SINGLY.items()) for name in sorted(fields))
    yield f"""
        CREATE VIEW calc.withheld_singly (rule, field) WITH (security_invoker = true) AS VALUES {values}
    """
    for subject in FIELDED.values():
        columns = ", ".join(_column(subject, name) for name in _columns(subject))
        yield f"CREATE VIEW calc.{subject.table} AS SELECT {columns} FROM facts.{subject.table} AS t"
    arms = " ".join(f"WHEN '{subject.table}' THEN h.row - {_earlier(subject)}" for subject in FIELDED.values())
    others = ", ".join(f"h.{column.name}" for column in _table("history").columns if column.name != "row")
    yield f"CREATE VIEW calc.history AS SELECT {others}, CASE h.subject {arms} ELSE h.row END AS row FROM facts.history AS h"


def grants(readers: Sequence[str], shown: str) -> Iterator[str]:
    """What the role `shown`, which owns the views, reads; what is left to the roles that read them, after all else was granted."""
    yield f"GRANT USAGE ON SCHEMA facts TO {shown}"
    yield f"GRANT USAGE, CREATE ON SCHEMA calc TO {shown}"
    for table in (*FIELDED, "history"):
        yield f"GRANT SELECT ON facts.{table} TO {shown}"
        yield f"ALTER VIEW calc.{table} OWNER TO {shown}"
        yield f"REVOKE ALL ON calc.{table} FROM {', '.join(readers)}"
        yield f"GRANT SELECT ON calc.{table} TO {', '.join(readers)}"
    yield f"GRANT USAGE ON SCHEMA keys TO {shown}"
    yield f"GRANT SELECT ON keys.audit TO {shown}"
    yield f"ALTER VIEW calc.audit OWNER TO {shown}"
    yield f"REVOKE ALL ON calc.audit FROM {', '.join(readers)}"
    yield f"GRANT SELECT ON calc.audit TO {readers[0]}"
    yield f"REVOKE CREATE ON SCHEMA calc FROM {shown}"
    left = {table: _left(subject) for table, subject in FIELDED.items()}
    left["history"] = [column.name for column in _table("history").columns if column.name != "row"]
    for table, columns in left.items():
        yield f"REVOKE SELECT ON facts.{table} FROM {', '.join(readers)}"
        yield f"GRANT SELECT ({', '.join(columns)}) ON facts.{table} TO {', '.join(readers)}"


def _table(name: str) -> Table:
    return Base.metadata.tables[f"facts.{name}"]


def _columns(subject: Subject) -> list[str]:
    return [column.name for column in _table(subject.table).columns]


def _left(subject: Subject) -> list[str]:
    """The columns that the serving role reads in the table itself."""
    return [name for name in _columns(subject) if name not in subject.fields and name not in subject.recorders]


def _told(subject: Subject, column: str, row_subject: str) -> str | None:
    """The condition under which the room is told a column of a row, read once a query; None for one that every room is told."""
    if column in subject.recorders:
        return "(SELECT calc.may_write())"
    if column not in subject.fields:
        return None
    names = subject.fields[column]
    if subject.key:
        return " AND ".join(f"(SELECT calc.told('{subject.key}/{name}'))" for name in names)
    return " AND ".join(f"{row_subject} || '/{name}' <> ALL ((SELECT calc.untold())::text[])" for name in names)


def _column(subject: Subject, name: str) -> str:
    told = _told(subject, name, "t.subject")
    return f"CASE WHEN {told} THEN t.{name} END AS {name}" if told else f"t.{name}"


def _earlier(subject: Subject) -> str:
    """The columns that are taken out of what a row was."""
    names = (*subject.fields, *subject.recorders)
    told = [_told(subject, name, "(h.row ->> 'subject')") for name in names]
    cases = [f"CASE WHEN {each} THEN NULL ELSE '{name}' END" for name, each in zip(names, told, strict=True)]
    return f"array_remove(ARRAY[{', '.join(cases)}], NULL)"
