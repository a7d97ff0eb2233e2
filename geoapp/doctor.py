"""Is everything in order here, and if not, what is to be done?"""

import os
import platform
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from geoapp import TOP, __version__, audit, backup, db, upgrade
from geoapp.cluster import database
from geoapp.draw import assets
from geoapp.errors import GeoappError
from geoapp.host import find_tools
from geoapp.ingest.sandbox import abilities
from geoapp.observe.logs import notable, read_notable
from geoapp.settings import Settings

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was found, and what to do when it is not in order."""

    name: str
    state: State
    found: str
    remedy: str = ""


def examine(settings: Settings) -> list[Check]:
    """Everything that this installation needs, looked at in turn."""
    checks = [_installed(), _libraries(), *_machine(settings), _files(), _browser(), *_sandbox(), *_told(settings)]
    checks += _backups(settings)
    if settings.database_url is None:
        try:
            tools = find_tools()
        except GeoappError as error:
            return [*checks, Check("PostgreSQL", "failed", error.detail, error.hint)]
        checks.append(Check("PostgreSQL programs", "ok", f"version {tools.version} in {tools.folder}"))
    try:
        with database(settings) as urls:
            checks += _database(urls.owner, urls.app)
            checks += _jobs(urls.app, settings)
            checks.append(_audit(urls.owner, settings))
    except (GeoappError, SQLAlchemyError) as error:
        words = error.line() if isinstance(error, GeoappError) else str(error).split("\n")[0]
        checks.append(
            Check("database", "failed", words, "See to the lines above; the log is pg.log in the data folder.")
        )
    return checks


def _from_wheel() -> bool:
    return TOP.parent == Path(__file__).resolve().parent


def _installed() -> Check:
    return Check(
        "geoapp",
        "ok",
        f"{__version__}, {'installed' if _from_wheel() else 'source tree'} in {TOP.parent if _from_wheel() else TOP}",
    )


def _libraries() -> Check:
    import fiona
    import pyogrio
    import pyproj
    import shapely

    versions = (
        f"Python {platform.python_version()}, GEOS {shapely.geos_version_string}, PROJ {pyproj.proj_version_str},"
        f" GDAL {fiona.__gdal_version__} (fiona) and {'.'.join(map(str, pyogrio.__gdal_version__))} (pyogrio)"
    )
    return Check("libraries", "ok", versions)


def _machine(settings: Settings) -> list[Check]:
    home = settings.home
    while not home.exists():
        home = home.parent
    free = shutil.disk_usage(home).free / 2**30
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        Check("data folder", "ok", str(settings.home)),
        Check("free disk", "ok" if free > 5 else "warning" if free > 1 else "failed", f"{free:.1f} GiB",
              "" if free > 5 else "Make room: imports stop when the disk is full."),
        Check("memory", "ok" if memory > 3.5 else "warning", f"{memory:.1f} GiB", "" if memory > 3.5 else "4 GiB is comfortable."),
    ]  # fmt: skip


def _files() -> Check:
    missing = assets.missing()
    if missing:
        return Check(
            "browser files",
            "failed",
            f"{len(missing)} are missing",
            "Install the wheel again: it brings them."
            if _from_wheel()
            else "python -m geoapp.draw.assets, once, with a network",
        )
    return Check("browser files", "ok", "all there")


def _backups(settings: Settings) -> list[Check]:
    """Whether `serve` keeps backups, how old the newest is, and whether the next one has room."""
    folder = settings.backup_dir
    if folder is None:
        return [Check("backups", "warning", "the server makes none", "Set GEOAPP_BACKUP_DIR, or call geoapp backup by a timer of your own.")]  # fmt: skip
    kept = backup.kept(folder)
    hours = backup.age_hours(folder, datetime.now(UTC))
    if hours is None or not folder.is_dir():
        return [
            Check("backups", "warning", f"none yet in {folder}", "geoapp serve makes the first one when it starts.")
        ]
    late = hours > 2 * settings.backup_every
    checks = [Check("backups", "failed" if late else "ok", f"{len(kept)} in {folder}, the newest {hours:,.0f} hours old",
                    "Look into the server's log for what keeps it from making one." if late else "")]  # fmt: skip
    free, size = shutil.disk_usage(folder).free, kept[0].stat().st_size
    room: State = "ok" if free > 4 * size else "warning" if free > 2 * size else "failed"
    checks.append(Check("room for backups", room, f"{free / 2**30:.1f} GiB, the newest has {size / 2**20:,.1f} MiB",
                        "" if room == "ok" else "Make room, or keep fewer: GEOAPP_BACKUP_KEEP."))  # fmt: skip
    return checks


def _browser() -> Check:
    found = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
    if found:
        return Check("browser for the tests", "ok", found)
    return Check(
        "browser for the tests", "warning", "none", "apt-get install chromium-headless-shell (only the tests need it)"
    )


def _sandbox() -> list[Check]:
    names = {"no_network": "imports without network", "own_files_only": "imports see only their own file"}
    remedies = {
        "no_network": "Allow user namespaces, or run in a container without network.",
        "own_files_only": "Landlock needs Linux 5.13 or newer.",
    }
    return [
        Check(names[k], "ok" if v else "warning", "held by the kernel" if v else "not available here", "" if v else remedies[k])
        for k, v in abilities().items()
    ]  # fmt: skip


def _database(owner: str, app: str) -> list[Check]:
    checks = []
    engine = create_engine(owner)
    with engine.connect() as connection:
        version = connection.execute(text("SHOW server_version")).scalar_one()
        extensions: dict[str, str | None] = {
            row[0]: row[1] for row in connection.execute(text("SELECT name, installed_version FROM pg_available_extensions"
                                    " WHERE name IN ('postgis', 'btree_gist')")).all()
        }  # fmt: skip
        checks.append(Check("server", "ok" if int(version.split(".")[0]) >= 15 else "failed", f"PostgreSQL {version}"))
        for name in ("postgis", "btree_gist"):
            state: State = "ok" if extensions.get(name) else "warning" if name in extensions else "failed"
            checks.append(Check(f"extension {name}", state, str(extensions.get(name) or "not installed"),
                                "" if state == "ok" else "geoapp migrate installs it; the server must have it."))  # fmt: skip
        there = connection.execute(text("SELECT to_regclass('facts.alembic_version')")).scalar()
        current = connection.execute(text("SELECT version_num FROM facts.alembic_version")).scalar() if there else None
        present = upgrade.applied(connection)
        checks.append(Check("migrations", "ok" if present else "failed", str(current or "none yet"),
                            "" if present else "geoapp migrate"))  # fmt: skip
        if current is None:
            return checks
        proof = connection.execute(
            text(
                "SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure('geometry_overlaps(geometry, geometry)')"
            )
        ).scalar()
        days = connection.execute(
            text("SELECT proleakproof FROM pg_proc WHERE oid = CAST('pg_catalog.lower(anyrange)' AS regprocedure)")
        ).scalar()
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": db.APP_ROLE}
        ).one()
        owned = connection.execute(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = 'facts' AND tableowner = :role"),
            {"role": db.APP_ROLE},
        ).scalar_one()
    engine.dispose()
    weak = [w for w, bad in (("superuser", role[0]), ("bypasses policies", role[1]), ("owns tables", owned)) if bad]
    checks.append(Check("application's role", "failed" if weak else "ok", ", ".join(weak) or "owns nothing, bypasses nothing",
                        "Take these rights from it." if weak else ""))  # fmt: skip
    with db.engine(app).connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            row[0] for row in connection.execute(
                text("EXPLAIN SELECT id FROM facts.incident WHERE geom && ST_MakeEnvelope(0, 0, 1, 1, 4326)"))
        )  # fmt: skip
    usable = "ix_incident_geom" in plan
    checks.append(Check(
        "spatial index under row-level security", "ok" if usable else "warning",
        "used" if usable else f"not used (geometry_overlaps is {'' if proof else 'not '}marked leakproof)",
        "" if usable else "A superuser must run: ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF",
    ))  # fmt: skip
    checks.append(Check(
        "index of days under row-level security", "ok" if days else "warning", "used" if days else "not used: hot spots are slow",
        "" if days else "A superuser must run: ALTER FUNCTION pg_catalog.lower(anyrange) LEAKPROOF",
    ))  # fmt: skip
    return checks


def _told(settings: Settings) -> list[Check]:
    """What the servers of this data folder told since yesterday: errors nobody thought of, and slow statements."""
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    lines = [line for line in read_notable(settings.home) if str(line.get("timestamp", "")) >= since]
    errors = [line for line in lines if line.get("level") == "error"]
    slow = [line for line in lines if line.get("event") == "slow statement"]
    where = notable(settings.home)
    checks = [Check("errors since yesterday", "ok", "none")]
    if errors:
        last = errors[-1]
        said = f"{len(errors)}, the last {last.get('error', last.get('event'))} at {', '.join(last.get('at', [])[-1:]) or 'an unknown place'}"
        checks = [Check("errors since yesterday", "warning", said, f"Each is a line of {where}.")]
    if not slow:
        return [*checks, Check("slow statements since yesterday", "ok", "none")]
    worst = max(slow, key=lambda line: float(line.get("ms", 0)))
    said = f"{len(slow)}, the slowest {worst.get('ms')} ms: {str(worst.get('sql'))[:120]}"
    return [*checks, Check("slow statements since yesterday", "warning", said, f"Each is a line of {where}.")]


LOOKED_AT_DAYS = 30
"""How long ago somebody may have looked at the whole audit."""


def _audit(owner: str, settings: Settings) -> Check:
    """Whether there is a key, whether entries are sealed as they come, and when somebody looked at all of them."""
    keys = audit.keys_of(settings, make=False)
    if keys is None:
        return Check(
            "audit", "warning", f"no key in {audit.path_of(settings)}", "`geoapp serve` makes one when it starts."
        )
    now = datetime.now(UTC)
    unsealed, oldest, looked = audit.waiting(owner)
    said = f"key {keys.newest}, {unsealed:,} entries not sealed, " + (
        f"last looked at {looked:%Y-%m-%d %H:%M} UTC" if looked else "never looked at"
    )
    if oldest and (now - oldest).total_seconds() > 60:
        return Check(
            "audit",
            "warning",
            said,
            "`geoapp serve` seals; `geoapp audit verify` does too, and says what keeps it from it.",
        )
    late = looked is None or now - looked > timedelta(days=LOOKED_AT_DAYS)
    return Check("audit", "warning" if late else "ok", said, "geoapp audit verify" if late else "")


def _jobs(app: str, settings: Settings) -> list[Check]:
    """Whether anybody does the jobs that wait."""
    engine = db.engine(app)
    with engine.connect() as connection:
        there = connection.execute(text("SELECT to_regclass('queue.procrastinate_jobs')")).scalar()
        if there is None:
            engine.dispose()
            return [Check("jobs", "failed", "there is no queue", "geoapp migrate")]
        waiting, stuck, workers = connection.execute(
            text("""
                SELECT count(*) FILTER (WHERE q.status = 'todo'),
                    count(*) FILTER (WHERE q.status = 'failed' OR q.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :lost))),
                    (SELECT count(*) FROM queue.procrastinate_workers AS l WHERE l.last_heartbeat > now() - make_interval(secs => :lost))
                FROM queue.procrastinate_jobs AS q LEFT JOIN queue.procrastinate_workers AS w ON w.id = q.worker_id
            """),
            {"lost": settings.job_lost_seconds},
        ).one()
    engine.dispose()
    said = f"{waiting} waiting, {stuck} whose worker is gone, {workers} workers"
    idle = (waiting or stuck) and not workers
    remedy = (
        "`geoapp serve` or `geoapp worker` does them."
        if idle
        else "A worker takes them up in a moment."
        if stuck
        else ""
    )
    return [Check("jobs", "warning" if remedy else "ok", said, remedy)]
