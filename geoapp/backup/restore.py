"""Bring a backup back into an empty instance: whatever is wrong with the file is said before anything is touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text

from geoapp import TOP, upgrade
from geoapp.backup.dump import MIB, program
from geoapp.backup.manifest import Manifest, connect, examine, schemas_of
from geoapp.backup.sealed import Key, exactly, unsealed
from geoapp.errors import Conflict, Refused, SetupError

_LONGEST = 64 * MIB
"""Bytes that a manifest may have."""


def verify(path: Path, key: Key, progress: Callable[..., None]) -> Manifest:
    """Read a backup to its end; what it holds.

    Raises Refused for a damaged file, a wrong key or a file of a newer version, NotFound for none, BadRequest for a key
    that is none.
    """
    size = path.stat().st_size if path.is_file() else 0
    with unsealed(path, key, lambda n: progress("MiB checked", n // MIB, size // MIB)) as body:
        manifest = _manifest(body)
        while body.read(MIB):
            pass
    if manifest.head not in _revisions():
        raise Refused(
            f"This backup was made by a newer geoapp ({manifest.version}, database {manifest.head}).",
            hint="Nothing was touched. Restore it with that version.",
        )
    return manifest


def restore(owner_url: str, path: Path, key: Key, manifest: Manifest, progress: Callable[..., None]) -> None:
    """Bring a backup, of which `verify` said `manifest`, into the empty instance behind an owner's login.

    Before anything is touched raises Conflict for an instance with something in it, Forbidden when policies bind the
    login, Refused for a server older than the backup's, SetupError when a role is missing. The rows come in one
    transaction; afterwards counts, checksums and every policy, grant and function are compared with the manifest, and
    the instance is empty again, with Refused, where one differs. Then the database is brought to this version.
    """
    with connect(owner_url) as connection:
        server = connection.info.server_version // 10000
        if server < manifest.server:
            raise Refused(
                f"This backup was made from PostgreSQL {manifest.server}, and this is PostgreSQL {server}.",
                hint=f"Nothing was touched. Restore it into PostgreSQL {manifest.server} or newer.",
            )
        require_empty(connection)
        connection.rollback()
    upgrade.migrate(owner_url)  # what no backup holds: extensions and their marks, the application's role
    with connect(owner_url) as connection:
        _require_roles(connection, manifest)
        _clear(connection)
    size = path.stat().st_size
    with unsealed(path, key, lambda n: progress("MiB restored", n // MIB, size // MIB)) as body:
        if _manifest(body) != manifest:
            raise Refused("This is another file than the one that was checked.", hint="Nothing was restored.")
        arguments = ("--single-transaction", "--exit-on-error", "--no-owner", "--format=custom")
        with program("pg_restore", owner_url, server, arguments, stdin=body) as process:
            process.wait()
    with connect(owner_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        differences = manifest.differences(examine(connection, progress))
        connection.rollback()
        if differences:
            _drop(connection, manifest.schemas)
            connection.commit()
            raise Refused(
                f"What was restored is not what was backed up, and was removed again: {'; '.join(differences[:10])}.",
                hint="Take another copy of this backup, or the one before it.", differences=differences,
            )  # fmt: skip
        # the computed part names the login that made it: it is made anew, as this one's
        connection.execute("COMMENT ON SCHEMA calc IS NULL")
        connection.commit()
    progress("bringing it to this version")
    upgrade.apply(owner_url)
    engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as counting:
        counting.execute(text("ANALYZE"))
    engine.dispose()


def _manifest(body: Any) -> Manifest:
    size = int.from_bytes(exactly(body, 8), "big")
    read = exactly(body, size) if size <= _LONGEST else b""
    if not read or len(read) < size:
        raise Refused("The file is damaged or cut off.", hint="Nothing was touched.")
    return Manifest.parse(read)


def _revisions() -> set[str]:
    """The revisions that this version of the code knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(TOP / "migrations"))
    return {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}


def _tables(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[sql.Identifier]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'facts' AND tablename <> 'alembic_version'"
    )
    return [sql.Identifier("facts", name) for (name,) in rows]


def require_empty(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Raises Conflict when a table of facts has a row."""
    for table in _tables(connection):
        if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(table)).rowcount:
            raise Conflict(
                f"This instance is not empty: {table.as_string(connection)} has rows. It is brought into an empty one.",
                hint="Nothing was touched. Name an empty data folder with GEOAPP_HOME, or an empty database.",
            )  # fmt: skip


def _require_roles(connection: "psycopg.Connection[tuple[Any, ...]]", manifest: Manifest) -> None:
    there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    if missing := sorted(manifest.roles - there):
        raise SetupError(
            f"The backup grants rights to {', '.join(missing)}, and this server has no such role.",
            hint="Nothing was touched. A superuser types: " + "; ".join(f"CREATE ROLE {name}" for name in missing),
        )
    connection.rollback()


def _clear(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Drop the schemas that the backup brings, unless a row came into them meanwhile."""
    if tables := _tables(connection):
        connection.execute("SET LOCAL lock_timeout = '10s'")
        try:
            connection.execute(sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(tables)))
        except psycopg.errors.LockNotAvailable as error:
            raise Conflict(
                "Something works in this database.", hint="Nothing was touched. Stop the server first."
            ) from error
    require_empty(connection)
    _drop(connection, schemas_of(connection))
    connection.commit()


def _drop(connection: "psycopg.Connection[tuple[Any, ...]]", schemas: list[str]) -> None:
    if schemas:
        names = sql.SQL(", ").join(map(sql.Identifier, schemas))
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(names))
