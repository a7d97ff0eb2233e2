"""What follows from the subjects, as SQL: which shapes a room is shown, policies, triggers, who is shown earlier versions."""

import re
from collections.abc import Iterator

from sqlalchemy import ARRAY, Boolean, Integer, Table

from geoapp.model import DOMAINS, FACTS, PRECISIONS, Base
from geoapp.model.subjects import CLAIMS, SUBJECTS, Subject

_CALL = re.compile(r"(calc\.\w+\((?:'[\w/]+')?\))")


def statements() -> Iterator[str]:
    """Every statement, in an order in which they can be run once the functions are there."""
    yield shape_rules()
    yield shown_then()
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    for subject in SUBJECTS:
        yield from policies(subject)
        yield from changed(subject)
        if subject.table in FACTS:
            yield remember(subject, tables[subject.table])


def policies(subject: Subject) -> Iterator[str]:
    """Who is shown its rows, and that rooms which record write them. Settings are read once a query, by a sub-select."""
    conditions = ["operation_id = calc.operation()"]
    if subject.handling:
        conditions.append(f"{subject.handling} <= calc.clearance()")
    conditions += _shown(subject, {name: name for name in _columns(subject)})
    table = f"facts.{subject.table}"
    written = _once("operation_id = calc.operation() AND calc.may_write()")
    yield f"CREATE POLICY seen ON {table} FOR SELECT USING ({_once(' AND '.join(conditions))})"
    yield f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({written})"
    yield f"CREATE POLICY changed ON {table} FOR UPDATE USING ({written})"
    yield f"CREATE POLICY removed ON {table} FOR DELETE USING ({written})"


def changed(subject: Subject) -> Iterator[str]:
    """Counts that the table has changed, and notes of what is kept in place of its records that it is to be made again."""
    named = [", ".join(columns) for columns in (subject.followed, subject.derived) if columns]
    rows = {"INSERT": "NEW TABLE AS now", "UPDATE": "OLD TABLE AS was NEW TABLE AS now", "DELETE": "OLD TABLE AS was"}
    for event in rows if subject.followed else ("INSERT", "UPDATE OR DELETE"):
        yield f"""
            CREATE TRIGGER changed_by_{event.partition(" ")[0].lower()} AFTER {event} ON facts.{subject.table}
            {f"REFERENCING {rows[event]}" if subject.followed else ""} FOR EACH STATEMENT EXECUTE FUNCTION {
            f"calc.changed_rows({', '.join(map(repr, named))})"
            if subject.followed
            else f"calc.changed({'false' if subject.lasting and event == 'INSERT' else 'true'})"
        }
        """


def remember(subject: Subject, table: Table) -> str:
    """Keeps the earlier version of a row. A change of derived columns alone does not fire it at all."""
    if not subject.derived:
        event, arguments = "UPDATE OR DELETE", ""
    else:
        told = (column.name for column in table.columns if column.name not in subject.derived)
        event = f"DELETE OR UPDATE OF {', '.join(told)}"
        arguments = ", ".join(f"'{name}'" for name in subject.derived)
    return (
        f"CREATE TRIGGER remember BEFORE {event} ON facts.{subject.table}"
        f" FOR EACH ROW EXECUTE FUNCTION calc.remember({arguments})"
    )


def shown_then() -> str:
    """The function by which earlier versions are shown: the conditions on the row itself, read from what it was."""
    arms = []
    for subject in SUBJECTS:
        if subject.table in FACTS:
            conditions = _shown(subject, _earlier(subject)) or ["true"]
            arms.append(f"WHEN '{subject.table}' THEN {' AND '.join(conditions)}")
    return f"""
        CREATE FUNCTION calc.shown_then(subject text, earlier jsonb) RETURNS boolean
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
            SELECT CASE subject {" ".join(arms)} ELSE false END
        $$
    """


def shape_rules() -> str:
    """The view from which `calc.enter` reads which shapes a room is shown: the subject of a footprint, the rule of a room
    that decides about it with its coarsest rank, the actor's domain, and whether rooms that only read are never shown it."""
    rows: list[tuple[str, str, str, str, str]] = []
    for subject in SUBJECTS:
        if subject.shapes:
            rank = str(PRECISIONS.index(subject.coarsest or "exact"))
            rows.append((f"'{subject.key}'", f"'{subject.key}'", rank, "NULL", "false"))
            if subject.published:
                rows.append((f"'{subject.key}.draft'", f"'{subject.key}'", rank, "NULL", "true"))
    rows += [
        (f"'{prefix}{domain}'", f"'{rule}'", "0", f"'{domain}'", "false")
        for prefix, rule in CLAIMS.items()
        for domain in DOMAINS
    ]
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"""
        CREATE VIEW calc.shape_rule (subject, rule, coarsest, domain, draft) WITH (security_invoker = true) AS
        VALUES {values}
    """


def _shown(subject: Subject, columns: dict[str, str]) -> list[str]:
    """The conditions beyond operation and handling, with what stands for each column."""
    conditions = ["calc.may_write()"] if subject.writers else []
    if subject.key and subject.coarsest:
        rank = PRECISIONS.index(subject.coarsest)
        conditions.append(
            f"calc.as_recorded('{subject.key}')" if rank == 0 else f"calc.precision_of('{subject.key}') <= {rank}"
        )
    if subject.says:
        conditions.append(f"calc.told('{subject.key}/{subject.says}')")
    if subject.rows:
        conditions.append(subject.rows.format_map(columns))
    if subject.published:
        conditions.append(f"({subject.published.format_map(columns)} OR calc.may_write())")
    return conditions


def _columns(subject: Subject) -> list[str]:
    return [column.name for column in Base.metadata.tables[f"facts.{subject.table}"].columns]


def _earlier(subject: Subject) -> dict[str, str]:
    """What stands for each column in an earlier version, which is kept as JSON: its value in the column's type."""
    said = {}
    for column in Base.metadata.tables[f"facts.{subject.table}"].columns:
        said[column.name] = f"(earlier ->> '{column.name}')"
        if isinstance(column.type, ARRAY):
            said[column.name] = f"ARRAY(SELECT jsonb_array_elements_text(earlier -> '{column.name}'))"
        elif isinstance(column.type, Integer):
            said[column.name] += "::int"
        elif isinstance(column.type, Boolean):
            said[column.name] += "::boolean"
    return said


def _once(condition: str) -> str:
    return _CALL.sub(r"(SELECT \1)", condition)
