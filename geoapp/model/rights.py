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
    written = _once("operation_id = calc.operation() AND calc.may_record()")
    yield f"CREATE POLICY seen ON {table} FOR SELECT USING ({_once(' AND '.join(conditions))})"
    yield f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({written})"
    yield f"CREATE POLICY changed ON {table} FOR UPDATE USING ({written})"
    yield f"CREATE POLICY removed ON {table} FOR DELETE USING ({written})"


def changed(subject: Subject) -> Iterator[str]:
    """Counts that the table has changed, and notes of what is kept in place of its records that it is to be made again."""
    table = f"facts.{subject.table}"
    if not subject.followed:
        for event in ("INSERT", "UPDATE OR DELETE"):
            due = not (subject.lasting and event == "INSERT")
            yield f"""
                CREATE TRIGGER changed_by_{event.partition(" ")[0].lower()} AFTER {event} ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION calc.changed({str(due).lower()})
            """
        return
    yield _changed_rows(subject)
    for event, rows in (
        ("INSERT", "NEW TABLE AS now"),
        ("UPDATE", "OLD TABLE AS was NEW TABLE AS now"),
        ("DELETE", "OLD TABLE AS was"),
    ):
        yield f"""
            CREATE TRIGGER changed_by_{event.lower()} AFTER {event} ON {table} REFERENCING {rows}
            FOR EACH STATEMENT EXECUTE FUNCTION calc.changed_{subject.table}()
        """


def _changed_rows(subject: Subject) -> str:
    """The function that notes which rows of a table were changed, by the columns by which they are followed, as they were and
    as they are; and which of the derived columns, where nothing else was. Of more than 500 in one statement it notes that
    there are many. What changed nothing is no change."""
    keys = ", ".join(subject.followed)
    both = f"SELECT {keys} FROM was UNION SELECT {keys} FROM now"
    if subject.derived:
        derived = f"ARRAY[{', '.join(map(repr, subject.derived))}]"
        both = " UNION ".join(
            f"""
            SELECT {", ".join(f"{side}.{key}" for key in subject.followed)},
                CASE WHEN to_jsonb(was) - {derived} = to_jsonb(now) - {derived} THEN ARRAY(
                    SELECT d.name FROM unnest({derived}) AS d (name) WHERE to_jsonb(was) -> d.name <> to_jsonb(now) -> d.name)
                END AS derived
            FROM was JOIN now USING (operation_id, id)"""
            for side in ("was", "now")
        )
    note = f"""
        INSERT INTO facts.form_due (operation_id, subject, row)
        SELECT DISTINCT calc.operation(), '{subject.table}', to_jsonb(k) FROM ({{0}}) AS k"""
    return f"""
        CREATE FUNCTION calc.changed_{subject.table}() RETURNS trigger LANGUAGE plpgsql
        SET plan_cache_mode = force_generic_plan AS $$
        DECLARE
            many bigint;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                SELECT count(*) INTO many FROM (SELECT FROM now LIMIT 501) AS r;
            ELSE
                SELECT count(*) INTO many FROM (SELECT FROM was LIMIT 501) AS r;
            END IF;
            IF NOT calc.follows('{subject.table}', many) THEN
                RETURN NULL;
            END IF;
            IF TG_OP = 'INSERT' THEN {note.format(f"SELECT {keys} FROM now")};
            ELSIF TG_OP = 'UPDATE' THEN {note.format(both)};
            ELSE {note.format(f"SELECT {keys} FROM was")};
            END IF;
            RETURN NULL;
        END
        $$
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
