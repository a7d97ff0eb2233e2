"""Where do jobs wait? In procrastinate's tables, in the schema `queue` of the same database.

Its functions are told where its tables are, so that a transaction that asks for work puts it into the queue itself, by
one statement, whatever its search path: both are there, or neither.
"""

from importlib.resources import files

from sqlalchemy import Connection, text

SCHEMA, TASK, NAME = "queue", "work", "jobs"
HEARTBEAT_S = 2.0
"""How often a worker says that it lives."""

_PUT = text(f"""
    SELECT unnest({SCHEMA}.procrastinate_defer_jobs_v1(ARRAY[
        ROW('{NAME}', '{TASK}', :priority, NULL, NULL,
            jsonb_build_object('operation', CAST(:operation AS text), 'audience', CAST(:audience AS text), 'job', CAST(:job AS bigint)),
            now() + make_interval(secs => CAST(:later AS float8))
        )::{SCHEMA}.procrastinate_job_to_defer_v1
    ]))
""")
_FOUND = text("SELECT obj_description(to_regnamespace(:schema)::oid, 'pg_namespace'), current_setting('search_path')")
_FUNCTIONS = text("SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace = to_regnamespace(:schema)")
_GRANTS = f"""
    GRANT USAGE ON SCHEMA {SCHEMA} TO geoapp_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.procrastinate_jobs, {SCHEMA}.procrastinate_workers TO geoapp_app;
    GRANT SELECT, INSERT ON {SCHEMA}.procrastinate_events TO geoapp_app;
    GRANT SELECT, UPDATE ON {SCHEMA}.procrastinate_periodic_defers TO geoapp_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO geoapp_app;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} TO geoapp_app;
"""


def revisions() -> dict[str, str]:
    """The installed procrastinate's migrations by name, oldest first."""
    folder = files("procrastinate") / "sql" / "migrations"
    found = sorted((each.name, each) for each in folder.iterdir() if each.name.endswith(".sql"))
    return {name: each.read_text(encoding="utf-8") for name, each in found}


def bring(connection: Connection) -> None:
    """Make the queue's schema, or bring it from the revision that its comment names to the installed one; grant what
    the application needs of it. For the owner, within the transaction of a migration."""

    def run(statement: str) -> None:
        connection.exec_driver_sql(statement.replace("%", "%%"))

    known = revisions()
    newest = max(known)
    there, path = connection.execute(_FOUND, {"schema": SCHEMA}).one()
    if there != newest:
        run(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        run(f"SET LOCAL search_path = {SCHEMA}")
        if there is None:
            run((files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8"))
        else:
            for name, statements in known.items():
                if name > there:
                    run(statements)
        connection.execute(text("SELECT set_config('search_path', :path, true)"), {"path": path})
        run(f"COMMENT ON SCHEMA {SCHEMA} IS '{newest}'")
    for (function,) in connection.execute(_FUNCTIONS, {"schema": SCHEMA}).all():
        run(f"ALTER FUNCTION {function} SET search_path = {SCHEMA}, pg_temp")
    run(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
    run(_GRANTS)


def put(
    connection: Connection, operation: str, audience: str, job: int, priority: int = 0, later: float | None = None
) -> int:
    """Put a job into the queue with this transaction, to be taken in `later` seconds or at once; its row there."""
    asked = {"operation": operation, "audience": audience, "job": job, "priority": priority, "later": later}
    return int(connection.execute(_PUT, asked).scalar_one())
