"""Which changes are told in the audit? One value a table, from which the triggers that write its entries follow.

A trigger writes in the transaction that changes the record: nothing that was acknowledged is left out, and nothing is told that
did not happen. It names who, when, which record and which of its fields; never what was in them. An import is one entry, that of
its batch; more than `SINGLY` rows in one statement are one entry with their number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from geoalchemy2 import Geometry

from geoapp.model import FACTS, Base
from geoapp.model.subjects import SUBJECTS

SINGLY = 20
"""Up to so many rows of one statement are told one by one."""
_OF_THE_ROW = {"operation_id", "id", "version", "recorded_at", "recorded_by", "batch_id"}
"""Columns that say which row it is and who wrote it, as the entry does."""


@dataclass(frozen=True)
class Audited:
    """A table whose changes are told."""

    table: str
    key: str = "id"
    """The column that names a record."""
    events: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE")
    fields: tuple[str, ...] = ()
    """The columns of which a change is told; every one that does not follow from other tables unless said."""
    steps: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What a change is called when it is more than one, with the condition on the row as it `was` (w) and is (n)."""
    rows: str = "true"
    """A condition on the rows that are told."""
    new: str = "added"
    """What a new row is called."""
    elsewhere: str = ""
    """What has changed where the version did, and no column of the table."""


AUDITED = (
    Audited("operation", key="key"),
    Audited("audience", key="key"),
    Audited("audience_rule"),
    Audited("risk_matrix", key="version", new="adopted", fields=("levels",)),
    Audited("import_template"),
    Audited("actor"),
    Audited(
        "actor_step", new="taken", fields=("undone_at",),
        steps={"undone": "w.undone_at IS NULL AND n.undone_at IS NOT NULL"},
    ),
    Audited("area", elsewhere="geometry"),
    # what follows from two areas is told by theirs
    Audited("overlap_pair", events=("UPDATE",), fields=("status", "strategy", "liaison", "owner", "due")),
    Audited(
        "overlap_note", fields=("words", "withdrawn_at"),
        steps={"withdrawn": "w.withdrawn_at IS NULL AND n.withdrawn_at IS NOT NULL"},
    ),
    Audited("incident", rows="finest = 0"),  # the others are the same event, told less precisely
    Audited("site"),
    Audited("road"),
    Audited("road_report"),
    Audited("hazard_area"),
    Audited("arrangement"),
    Audited(
        "risk_zone",
        steps={
            "published": "w.status <> 'published' AND n.status = 'published'",
            "withdrawn": "w.status <> 'withdrawn' AND n.status = 'withdrawn'",
        },
    ),
    Audited("security_area"),
    Audited("access_constraint"),
    Audited(
        "field_copy", new="taken", fields=("ended_at", "returned_at"),
        steps={"ended": "w.ended_at IS NULL AND n.ended_at IS NOT NULL"},
    ),
    Audited("field_edit", new="brought", fields=("state",), steps={"decided": "w.decided_at IS NULL AND n.decided_at IS NOT NULL"}),
    Audited(
        "batch", new="imported", fields=("withdrawn_at",),
        steps={"withdrawn": "w.withdrawn_at IS NULL AND n.withdrawn_at IS NOT NULL"},
    ),
)  # fmt: skip


def statements() -> Iterator[str]:
    """The function and the triggers of each table."""
    for each in AUDITED:
        yield _function(each)
        for event, rows in (
            ("INSERT", "NEW TABLE AS now"),
            ("UPDATE", "OLD TABLE AS was NEW TABLE AS now"),
            ("DELETE", "OLD TABLE AS was"),
        ):
            if event in each.events:
                yield f"""
                    CREATE TRIGGER audited_{event.lower()} AFTER {event} ON facts.{each.table} REFERENCING {rows}
                    FOR EACH STATEMENT EXECUTE FUNCTION calc.audited_{each.table}()
                """


def grants(*serving: str) -> Iterator[str]:
    """Takes these functions from the roles that ask: one could have a table of its own tell what did not happen. A trigger that
    the owner made asks nobody's right."""
    for name in ("keys", *(each.table for each in AUDITED)):
        yield f"REVOKE ALL ON FUNCTION calc.audited_{name}() FROM PUBLIC, {', '.join(serving)}"


def told_fields(each: Audited) -> tuple[str, ...]:
    """The columns of which a change is told."""
    derived = next((subject.derived for subject in SUBJECTS if subject.table == each.table), ())
    columns = Base.metadata.tables[f"facts.{each.table}"].columns
    return each.fields or tuple(c.name for c in columns if c.name not in _OF_THE_ROW | set(derived) | {each.key})


def _function(each: Audited) -> str:
    fact = each.table in FACTS
    version = "{0}.version" if fact else "NULL::integer"
    one = "{0}.operation_id, {0}." + each.key + "::text AS record, " + version + " AS version"
    columns = Base.metadata.tables[f"facts.{each.table}"].columns
    # the operators of shapes are not in the search path, and a shape is another one when any of its bytes is
    cast = {name: "::bytea" if isinstance(columns[name].type, Geometry) else "" for name in told_fields(each)}
    differ = ", ".join(f"CASE WHEN w.{n}{c} IS DISTINCT FROM n.{n}{c} THEN '{n}' END" for n, c in cast.items())
    steps = " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in each.steps.items())
    did = f"CASE {steps} ELSE 'changed' END" if steps else "'changed'"
    same = f"w.operation_id = n.operation_id AND w.{each.key} = n.{each.key}"
    # a version that lived within one transaction is none
    stood = "w.recorded_at <> now()" if fact else "true"
    changed = "cardinality(r.fields) > 0"
    fields = "r.fields"
    if each.elsewhere:
        changed = "(cardinality(r.fields) > 0 OR r.version <> r.before)"
        fields = f"CASE WHEN cardinality(r.fields) = 0 THEN ARRAY['{each.elsewhere}'] ELSE r.fields END"
    before = "w.version" if fact else "0"
    rows = {
        "INSERT": f"SELECT '{each.new}' AS did, {one.format('n')}, NULL::text[] AS fields FROM now AS n WHERE {each.rows}",
        "UPDATE": f"""
            SELECT r.did, r.operation_id, r.record, r.version, {fields} AS fields FROM (
                SELECT {did} AS did, {one.format("n")}, {before} AS before, array_remove(ARRAY[{differ}], NULL) AS fields
                FROM was AS w JOIN now AS n ON {same} WHERE {stood} AND {each.rows.replace("finest", "n.finest")}
            ) AS r WHERE {changed}""",
        "DELETE": f"SELECT 'removed' AS did, {one.format('w')}, NULL::text[] AS fields FROM was AS w WHERE {each.rows}",
    }
    arms = " ELS".join(
        f"IF TG_OP = '{event}' THEN {_told(each, rows[event])};" for event in each.events
    )  # fmt: skip
    return f"""
        CREATE FUNCTION calc.audited_{each.table}() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            {_COVERED if each.table != "batch" else ""}
            {arms}
            END IF;
            RETURN NULL;
        END
        $$
    """


_COVERED = """
            IF EXISTS (SELECT FROM keys.audit AS a WHERE a.number IS NULL AND a.subject = 'batch' AND a.at = now()) THEN
                RETURN NULL;
            END IF;"""
"""What an import, or taking one back, changes is told by the entry of its batch, which this transaction has written."""


def _told(each: Audited, rows: str) -> str:
    who = "coalesce(calc.member(), session_user), calc.audience()"
    return f"""
            WITH r AS MATERIALIZED ({rows}), many AS (SELECT count(*) > {SINGLY} AS many FROM r)
            INSERT INTO keys.audit (operation_id, who, room, did, subject, record, version, fields, told)
            SELECT r.operation_id, {who}, r.did, '{each.table}', r.record, r.version, r.fields, NULL::jsonb
            FROM r, many WHERE NOT many.many
            UNION ALL
            SELECT r.operation_id, {who}, r.did, '{each.table}', NULL, NULL, NULL, jsonb_build_object('rows', count(*))
            FROM r, many WHERE many.many GROUP BY r.operation_id, r.did"""
