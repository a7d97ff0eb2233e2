"""Bring a database to the present: revisions of `facts`, then everything computed rebuilt from its current text.

One advisory lock, one transaction, timeouts: a second migration waits, a broken one leaves nothing behind.
"""

from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from geoapp.jobs import queue
from geoapp.model import FACTS, Base

SQL = Path(__file__).parent / "sql"
LOCK = 0x6765_6F61_7070


def _ours(_item: Any, name: str | None, kind: str, *_: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _pieces(folder: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((SQL / folder).glob("*.sql"))]


def rebuild(connection: Connection) -> None:
    """Drop and make again every function, view, trigger, policy and grant."""

    def run(statement: str) -> None:
        connection.exec_driver_sql(statement.replace("%", "%%"))

    run("SET LOCAL check_function_bodies = off")
    policies = connection.execute(text("SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'facts'"))
    for policy, table in policies.all():
        run(f'DROP POLICY "{policy}" ON facts."{table}"')
    run("DROP SCHEMA IF EXISTS calc CASCADE")
    run("CREATE SCHEMA calc")
    for statement in _pieces("functions") + _pieces("views"):
        run(statement)
    for table in FACTS:
        run((SQL / "known.sql").read_text(encoding="utf-8").replace("{table}", table))
    for table in sorted(t.name for t in Base.metadata.sorted_tables):
        run(f"ALTER TABLE facts.{table} ENABLE ROW LEVEL SECURITY")
        run(f"ALTER TABLE facts.{table} FORCE ROW LEVEL SECURITY")
    for statement in _pieces("triggers") + _pieces("policies"):
        run(statement)
    run((SQL / "grants.sql").read_text(encoding="utf-8"))
    queue.bring(connection)


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
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        connection.exec_driver_sql("SET LOCAL statement_timeout = '30min'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS facts")
        context.run_migrations()
        if context.config.attributes.get("rebuild", True):
            rebuild(connection)


migrate(context.config.attributes["connection"])
