"""Would this backup bring everything back? Restored into a server of its own beside the instance, compared, and cleared away."""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from geoapp.audit import Report
from geoapp.backup.manifest import Manifest, connect
from geoapp.backup.restore import restore, verify
from geoapp.backup.sealed import Key
from geoapp.cluster import Cluster


@dataclass(frozen=True)
class Drilled:
    """A drill that found everything: what the file holds, and how long it took to bring it back."""

    manifest: Manifest
    seconds: float
    audit: Report | None = None
    """What was found of the audit in it."""


def drill(
    home: Path, path: Path, key: Key, progress: Callable[..., None], look: Callable[[str], Report] | None = None
) -> Drilled:
    """Restore a backup into a scratch cluster below a data folder, which needs room for it; `look` looks at the audit in it, by the
    login of its owner.

    Raises what `restore` raises: Refused names each table, policy, role, grant that is otherwise.
    """
    manifest = verify(path, key, progress)
    home.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="drill-", dir=home))
    scratch.chmod(0o755)
    cluster = Cluster(scratch, durable=False)
    try:
        with cluster.running() as urls:
            with connect(urls.owner) as connection:
                _make_roles(connection, manifest.roles)
            began = time.monotonic()
            restore(urls.owner, path, key, manifest, progress)
            seconds = time.monotonic() - began
            return Drilled(manifest, seconds, look(urls.owner) if look else None)
    finally:
        for folder in (cluster.socket, cluster.folder, scratch):
            shutil.rmtree(folder, ignore_errors=True)


def _make_roles(connection: "psycopg.Connection[tuple[object, ...]]", names: set[str]) -> None:
    """The roles that rights were granted to, without a login: a drill compares what they may do."""
    there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for name in sorted(names - there):
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
    connection.commit()
