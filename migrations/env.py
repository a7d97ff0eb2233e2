"""Bring a database to the present: revisions of `facts`, then everything computed rebuilt from its current text.

One advisory lock, one transaction, every table locked before anything is changed. Who is in the way is not waited for:
requests stand behind a lock that is waited for, so it is given up after half a second and `geoapp.upgrade` tries again.
Half a second is less than PostgreSQL waits before it looks for deadlocks: no request is ever undone for a migration.
"""

from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from geoapp.db import APP_ROLE, READER_ROLE, SHOWN_ROLE
from geoapp.errors import SetupError
from geoapp.jobs import queue
from geoapp.model import FACTS, Base, audited, field_rights, kept_names, rights, roles
from geoapp.model.subjects import read_from
from geoapp.upgrade import applied, fingerprint

SQL = Path(__file__).parent / "sql"
LOCK = 0x6765_6F61_7070
KEPT_IN = "backtrace_functions"
"""The setting that the role which serves cannot change (`calc.entered`)."""
EXTENSIONS = ("postgis", "btree_gist")
_TABLES = text(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'facts' AND tablename <> 'alembic_version' ORDER BY tablename"
)


def _ours(_item: Any, name: str | None, kind: str, *_: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _pieces(folder: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((SQL / folder).glob("*.sql"))]


def run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))


def lock_tables(connection: Connection) -> None:
    """Take every table there is, all of them within half a second or none."""
    tables = connection.execute(
        text("SELECT string_agg(format('%I.%I', schemaname, tablename), ', ' ORDER BY schemaname, tablename)"
             " FROM pg_tables WHERE schemaname IN ('facts', 'keys', 'queue')")
    ).scalar()  # fmt: skip
    if tables:
        run(connection, "SET LOCAL statement_timeout = '500ms'")
        run(connection, f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        run(connection, "SET LOCAL statement_timeout = '30min'")


def prepare(connection: Connection) -> None:
    """See to the extensions, the roles that serve, that read as a member and that own the views, and the schema of tables.

    Raises SetupError for an owner who may not set what `calc.enter` keeps."""
    for extension in EXTENSIONS:
        run(connection, f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for role in (APP_ROLE, SHOWN_ROLE, READER_ROLE):
        run(connection, f"""
            DO $$ BEGIN
                IF to_regrole('{role}') IS NULL THEN
                    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
        """)  # fmt: skip
    for role in (APP_ROLE, SHOWN_ROLE):
        run(connection, f"""
            DO $$ BEGIN
                IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
                    EXECUTE format('GRANT {role} TO %I', current_user);
                END IF;
            END $$
        """)  # fmt: skip
    run(connection, "CREATE SCHEMA IF NOT EXISTS facts")
    if not connection.exec_driver_sql(f"SELECT has_parameter_privilege('{KEPT_IN}', 'SET')").scalar():
        raise SetupError(
            f"The role that migrates may not set {KEPT_IN}, in which the database keeps who asks.",
            hint=f"A superuser types: GRANT SET ON PARAMETER {KEPT_IN} TO that role.",
        )


def clear(connection: Connection) -> None:
    """Drop every policy and all that is computed, so that revisions find tables that nothing leans on."""
    policies = connection.execute(text("SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'facts'"))
    for policy, table in policies.all():
        run(connection, f'DROP POLICY "{policy}" ON facts."{table}"')
    # the views of logins that read as a member (geoapp.export.direct) stand on it
    run(connection, "DROP SCHEMA IF EXISTS calc, maps CASCADE")


def rebuild(connection: Connection) -> None:
    """Make every function, view, trigger, policy and grant, and say from which files."""
    run(connection, "SET LOCAL check_function_bodies = off")
    run(connection, "CREATE SCHEMA calc")
    for statement in _pieces("functions") + _pieces("views"):
        run(connection, statement)
    for statement in field_rights.views():
        run(connection, statement)
    for table in FACTS:
        known = (SQL / "known.sql").read_text(encoding="utf-8").replace("{table}", table)
        columns = ", ".join(f't."{column.name}"' for column in Base.metadata.tables[f"facts.{table}"].columns)
        run(connection, known.replace("{shown}", read_from(table)).replace("{columns}", columns))
    run(connection, (SQL / "known_counts.sql").read_text(encoding="utf-8"))
    # every table there is, also one that no model knows: without a policy it is shown to nobody
    for table in connection.execute(_TABLES).scalars().all():
        run(connection, f'ALTER TABLE facts."{table}" ENABLE ROW LEVEL SECURITY')
        run(connection, f'ALTER TABLE facts."{table}" FORCE ROW LEVEL SECURITY')
    for statement in [
        *roles.statements(),
        *rights.statements(),
        *audited.statements(),
        *kept_names.statements(),
        *_pieces("triggers"),
        *_pieces("policies"),
    ]:
        run(connection, statement)
    run(connection, (SQL / "grants.sql").read_text(encoding="utf-8"))
    for statement in [
        *audited.grants(APP_ROLE, READER_ROLE),
        *field_rights.grants((APP_ROLE, READER_ROLE), SHOWN_ROLE),
    ]:
        run(connection, statement)
    queue.bring(connection)
    run(connection, f"COMMENT ON SCHEMA calc IS '{fingerprint()}'")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table_schema="facts",
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == "facts",
        include_object=_ours,
        compare_server_default=False,
    )
    with context.begin_transaction():
        run(connection, "SET LOCAL lock_timeout = '500ms'")
        run(connection, "SET LOCAL statement_timeout = '30min'")
        run(connection, f"SELECT pg_advisory_xact_lock({LOCK})")
        prepare(connection)
        present = applied(connection)
        if not present:
            lock_tables(connection)
            clear(connection)
        context.run_migrations()
        if context.config.attributes.get("rebuild", True):
            if not present:
                rebuild(connection)
            # marks of extensions are in no dump: they are seen to whenever somebody migrates
            run(connection, (SQL / "extensions.sql").read_text(encoding="utf-8"))


migrate(context.config.attributes["connection"])
