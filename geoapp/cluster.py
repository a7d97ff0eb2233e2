"""Where does the database run, when nobody named one? In a private PostgreSQL cluster below the data folder.

It listens on a socket that only its own system user and its passwords open, never runs as root, and is left clean
whatever kills the application: a running server of an earlier start is used again, a stale lock file is no obstacle.
The start that found it stopped stops it at its end; another process that still uses it starts it again.
"""

import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from geoapp.errors import SetupError
from geoapp.settings import Settings

OWNER, APP, DATABASE = "geoapp_owner", "geoapp_app", "geoapp"
OLDEST = 15
SYSTEM_USERS = ("geoapp", "postgres")
INSTALL = "apt-get install postgresql-15-postgis-3 (Debian 12) or postgresql-16-postgis-3 (Ubuntu 24.04)"


@dataclass(frozen=True)
class Urls:
    """The owner's login (migrations) and the application's."""

    owner: str
    app: str


@dataclass(frozen=True)
class Tools:
    """PostgreSQL's programs with a PostGIS that fits them."""

    folder: Path
    version: int


def find_tools() -> Tools:
    """The newest PostgreSQL on this machine that has PostGIS. Raises SetupError that says what to install."""
    folders = [Path(os.environ["PG_BIN"])] if "PG_BIN" in os.environ else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -_number(p.parent.name))
    seen = []
    for folder in folders:
        if not (folder / "initdb").is_file():
            continue
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = _number(answer.stdout.rsplit("PostgreSQL) ", 1)[-1])
        share = Path("/usr/share/postgresql") / str(version) / "extension"
        seen.append(f"PostgreSQL {version} {'with' if (share / 'postgis.control').is_file() else 'without'} PostGIS")
        if version >= OLDEST and (share / "postgis.control").is_file():
            return Tools(folder, version)
    raise SetupError(
        f"No PostgreSQL {OLDEST} or newer with PostGIS was found ({', '.join(seen) or 'none at all'}).",
        hint=f"Install it: {INSTALL}; or set GEOAPP_DATABASE_URL.",
    )


def _number(text: str) -> int:
    found = re.match(r"\d+", text)
    return int(found.group()) if found else 0


class Cluster:
    """The private cluster of one data folder. `durable=False` trades safety for speed, for tests."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.expanduser().resolve()
        self.durable = durable

    @cached_property
    def tools(self) -> Tools:
        """The programs it runs with. Raises SetupError."""
        return find_tools()

    @cached_property
    def user(self) -> str | None:
        """The system user that runs the server when the caller is root; None when it is the caller."""
        if os.geteuid() != 0:
            return None
        for name in SYSTEM_USERS:
            try:
                pwd.getpwnam(name)
            except KeyError:
                continue
            return name
        answer = subprocess.run(  # noqa: S603
            ["/usr/sbin/useradd", "--system", "--no-create-home", SYSTEM_USERS[0]],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if answer.returncode:
            raise SetupError(
                "PostgreSQL never runs as root, and no system user could be made for it.",
                hint=f"Make one: useradd --system {SYSTEM_USERS[0]}. ({answer.stderr.strip()})",
            )
        return SYSTEM_USERS[0]

    @cached_property
    def folder(self) -> Path:
        """Where its files are: `home/pg`, or below /var/lib when the server's user cannot reach home."""
        inside = self.home / "pg"
        if self.user is None or _reachable(self.home):
            return inside
        return Path("/var/lib/geoapp") / hashlib.sha256(str(self.home).encode()).hexdigest()[:16]

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @cached_property
    def socket(self) -> Path:
        """The socket's folder; a short one elsewhere when the path would not fit into a socket's 107 bytes."""
        inside = self.folder / "socket"
        if len(str(inside)) < 80:
            return inside
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"geoapp-{digest}"

    def _run(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(a) for a in arguments]
        account = pwd.getpwnam(self.user) if self.user else None
        answer = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL,
            user=account.pw_uid if account else None, group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            env={"PATH": f"{self.tools.folder}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
        )  # fmt: skip
        if check and answer.returncode:
            raise SetupError(
                f"{Path(command[0]).name} failed: {(answer.stderr or answer.stdout).strip()[-600:]}",
                hint=f"Its log is {self.folder / 'pg.log'}.",
            )
        return answer

    def _own(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        if self.user:
            shutil.chown(path, self.user)

    def _password(self, role: str) -> str:
        path = self.folder / f"{role}.password"
        if not path.is_file():
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(24))
        return path.read_text(encoding="ascii").strip()

    def urls(self, database: str = DATABASE) -> Urls:
        """The logins to one of its databases."""

        def url(role: str) -> str:
            return (
                f"postgresql+psycopg://{role}:{quote(self._password(role))}@/{database}"
                f"?host={quote(str(self.socket), safe='/')}"
            )

        return Urls(url(OWNER), url(APP))

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").is_file():
            return
        self._own(self.folder)
        made = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        self._own(made)
        secret = made / "password"
        secret.write_text(self._password(OWNER), encoding="ascii")
        if self.user:
            shutil.chown(secret, self.user)
        self._run(
            self.tools.folder / "initdb", "-D", made / "data", "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8",
            "--data-checksums", "--auth=scram-sha-256", f"--pwfile={secret}",
        )  # fmt: skip
        secret.unlink()
        (made / "data").rename(self.data)
        made.rmdir()

    def _configure(self) -> None:
        pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        megabytes = max(32, min(1024, pages // 4 // 2**20))
        lines = [
            "# written at each start by geoapp",
            "listen_addresses = ''",
            f"unix_socket_directories = '{self.socket}'",
            "unix_socket_permissions = 0700" if not self.user else "unix_socket_permissions = 0777",
            "max_connections = 60",
            f"shared_buffers = '{megabytes}MB'",
            "work_mem = '32MB'",
            "maintenance_work_mem = '256MB'",
            "max_wal_size = '4GB'",
            "checkpoint_completion_target = 0.9",
            "random_page_cost = 1.1",
            "jit = off",
            "plan_cache_mode = force_custom_plan",
            "wal_compression = on",
            "log_min_messages = warning",
            "log_checkpoints = off",
        ]
        if not self.durable:
            lines += ["fsync = off", "full_page_writes = off", "synchronous_commit = off"]
        (self.data / "postgresql.auto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if self.user:
            shutil.chown(self.data / "postgresql.auto.conf", self.user)

    def is_running(self) -> bool:
        """Whether the server answers; a lock file left behind by a killed one does not count."""
        if not (self.data / "postmaster.pid").is_file():
            return False
        return self._run(self.tools.folder / "pg_isready", "-q", "-h", self.socket, check=False).returncode in (0, 1)

    def start(self) -> bool:
        """Make it if need be and start it; whether this call started it. Raises SetupError."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._own(self.folder)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.is_running():
                self._roles()
                return False
            self._initialise()
            self._own(self.socket)
            if self.user:
                self.socket.chmod(0o755)
                self.folder.chmod(0o711)
            self._configure()
            self._forget_stale()
            log = self.folder / "pg.log"
            if log.is_file() and log.stat().st_size > 10_000_000:
                log.replace(log.with_suffix(".log.1"))
            self._run(
                self.tools.folder / "pg_ctl", "start", "-w", "-s", "-t", "60", "-D", self.data, "-l", log,
            )  # fmt: skip
            self._roles()
        return True

    def _forget_stale(self) -> None:
        """A lock file names a process that no longer is, or is no server of this folder: it is removed."""
        path = self.data / "postmaster.pid"
        if not path.is_file():
            return
        number = path.read_text(encoding="utf-8").split("\n", 1)[0]
        command = Path(f"/proc/{number}/cmdline")
        alive = command.is_file() and str(self.data) in command.read_text(encoding="utf-8", errors="replace")
        if alive:
            for _ in range(100):
                if self.is_running():
                    return
                time.sleep(0.1)
            raise SetupError(
                "A PostgreSQL server of this folder runs but does not answer.", hint=f"Stop process {number}."
            )
        path.unlink()

    def _sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        url = self.urls(database).owner.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _roles(self) -> None:
        if not self._sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{APP}'"):
            self._sql(
                f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
                f" PASSWORD '{self._password(APP)}'"
            )
        if not self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
            self._sql(f"CREATE DATABASE {DATABASE}")

    def create_database(self, name: str, template: str = "template1") -> Urls:
        """A database of that name, copied from a template; one that was there before is dropped."""
        self.drop_database(name)
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.urls(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop it, letting no session finish its work."""
        self._run(self.tools.folder / "pg_ctl", "stop", "-s", "-m", "fast", "-t", "60", "-D", self.data, check=False)

    @contextmanager
    def running(self) -> Iterator[Urls]:
        """The logins, while it runs; stopped at the end by the start that started it."""
        started = self.start()
        try:
            yield self.urls()
        finally:
            if started:
                self.stop()


def _reachable(home: Path) -> bool:
    """Whether others may pass through every folder above and including `home`."""
    probe = home
    while not probe.exists():
        probe = probe.parent
    return all(p.stat().st_mode & 0o001 for p in (probe, *probe.parents))


@contextmanager
def database(settings: Settings) -> Iterator[Urls]:
    """The logins to the database that the settings name, or to the private cluster, running meanwhile."""
    if settings.database_url is None:
        with Cluster(settings.home).running() as urls:
            yield urls
        return
    named = _driver(settings.database_url.get_secret_value())
    owner = _driver(settings.migrate_url.get_secret_value()) if settings.migrate_url else named
    yield Urls(owner, named)


def _driver(url: str) -> str:
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)
