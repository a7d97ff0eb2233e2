"""Where does the database run, when nobody named one? In a private PostgreSQL cluster below the data folder.

It listens on a socket in a closed folder, asks for passwords and never runs as root. Whatever killed the application
or the server: a server left running is used again, a stale lock file is no obstacle, a half-made cluster is made anew.
Processes of one instance share it; each holds a lock while it uses the server, and the last one out stops it.
"""

import fcntl
import hashlib
import logging
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from geoapp import host
from geoapp.errors import SetupError
from geoapp.settings import Settings, with_driver

OWNER, APP, DATABASE = "geoapp_owner", "geoapp_app", "geoapp"
ELSEWHERE = Path("/var/lib/geoapp")
SOCKET_FOLDER_BYTES = 90
"""A socket's path has 107 bytes; its name and its port are part of it."""


@dataclass(frozen=True)
class Urls:
    """The owner's login (migrations) and the application's."""

    owner: str
    app: str
    direct: str = ""
    """The application's login past a pooler, where there is one."""


class Cluster:
    """The private cluster of one data folder.

    `durable=False` trades safety for speed, for tests. `tcp=True` makes a server that this call starts listen on
    127.0.0.1 as well, on a free port (see `port`), for programs that cannot use the socket.
    """

    def __init__(self, home: Path, *, durable: bool = True, tcp: bool = False) -> None:
        self.home = home.expanduser().absolute()
        self.durable, self.tcp = durable, tcp

    @property
    def folder(self) -> Path:
        """Where its files are: `home/pg`, which is a link when the server's user could not reach it there."""
        return (self.home / "pg").resolve()

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        """The socket's folder; a short one elsewhere when the path would not do."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= SOCKET_FOLDER_BYTES and "," not in str(inside):
            return inside
        return Path("/tmp") / f"geoapp-{hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]}"  # noqa: S108 - `_own` checks

    @property
    def port(self) -> int:
        """The port of the running server: part of the socket's name, and of 127.0.0.1 with `tcp`."""
        lines = host.lines(self.data / "postmaster.pid")
        return int(lines[3]) if len(lines) > 3 else 5432

    @cached_property
    def tools(self) -> host.Tools:
        """The programs it runs with, of the version that made it. Raises SetupError."""
        made_by = host.lines(self.data / "PG_VERSION")
        return host.find_tools(int(made_by[0]) if made_by else None)

    @cached_property
    def account(self) -> tuple[int, int] | None:
        """User and group that run the server when the caller is root; None when it is the caller.

        Raises SetupError when the cluster is another user's.
        """
        caller = os.geteuid()
        if self.data.exists():
            owner = self.data.stat()
            if owner.st_uid not in (caller, 0) and caller == 0:
                return owner.st_uid, owner.st_gid
            if owner.st_uid != caller or caller == 0:
                raise SetupError(
                    f"The database in {self.data} belongs to another system user (number {owner.st_uid}).",
                    hint="Run this as that user, or set GEOAPP_HOME to a folder of your own.",
                )
        return host.system_account() if caller == 0 else None

    def urls(self, database: str = DATABASE) -> Urls:
        """The logins to one of its databases."""
        where = f"@/{quote(database)}?host={quote(str(self.socket), safe='/')}&port={self.port}"
        return Urls(*(f"postgresql+psycopg://{r}:{quote(self._password(r))}{where}" for r in (OWNER, APP)))

    @contextmanager
    def running(self) -> Iterator[Urls]:
        """The logins, while it runs: started if it is not, stopped at the end unless another process uses it."""
        with _signals_raise(), self._lock_file("pg.users") as users:
            try:
                with self._alone():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._start()
                yield self.urls()
            finally:
                with self._alone():
                    if host.sole(users):
                        self.stop()

    def start(self) -> bool:
        """Make it if need be and start it; whether this call started it. Raises SetupError."""
        with self._alone():
            return self._start()

    def stop(self) -> None:
        """Stop it, letting no session finish its work."""
        if not self.is_running():
            return
        stop = (self.tools.folder / "pg_ctl", "stop", "-s", "-D", self.data, "-t", "60", "-m")
        if self._run(*stop, "fast", check=False).returncode:  # a session that is deep in a geometry hears nothing else
            self._run(*stop, "immediate", check=False)

    def is_running(self) -> bool:
        """Whether a server runs on this folder; the lock file of a dead one does not count."""
        lines = host.lines(self.data / "postmaster.pid")
        return bool(lines) and host.works_in(int(host.number(lines[0])), self.data)

    def create_database(self, name: str, template: str | None = None) -> Urls:
        """A database of that name, copied from a template; one that was there before is dropped."""
        self.drop_database(name)
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._sql(made.format(sql.Identifier(name), sql.Identifier(template or "template1")))
        return self.urls(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self._sql(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def _lock_file(self, name: str) -> Iterator[int]:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SetupError(
                f"The data folder {self.home} cannot be used by this user: {error.strerror}.",
                hint="Run this as the user it belongs to, or set GEOAPP_HOME to a folder of your own.",
            ) from error
        try:
            if os.geteuid() == 0:
                os.fchown(handle, self.home.stat().st_uid, -1)
            yield handle
        finally:
            os.close(handle)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process starts or stops this server meanwhile."""
        with self._lock_file("pg.lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _start(self) -> bool:
        self._place()
        if self.is_running():
            self._wait()
            self._roles()
            return False
        self._initialise()
        self._own(self.socket)
        self._own(self.folder / "log")
        self._clear()
        first = self.folder / "log" / "start.log"
        for attempt in range(3):
            first.unlink(missing_ok=True)
            self._write("postgresql.conf", self._settings(), 0o644)
            answer = self._run(
                self.tools.folder / "pg_ctl", "start", "-w", "-s", "-t", "600", "-D", self.data, "-l", first,
                "-o", f"-c config_file={shlex.quote(str(self.folder / 'postgresql.conf'))}", check=attempt == 2,
            )  # fmt: skip
            if answer.returncode == 0:
                break
        self._roles()
        return True

    def _place(self) -> None:
        """Make its folder; below /var/lib with a link to it, when root starts it and its user cannot reach home."""
        link = self.home / "pg"
        if link.exists():
            return
        link.unlink(missing_ok=True)
        if os.geteuid() != 0 or host.reachable(self.home):
            link.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700)
            return
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{self.home.name}-", dir=ELSEWHERE))
        made.chmod(0o711)
        link.symlink_to(made)
        logging.getLogger("geoapp").warning(
            "PostgreSQL never runs as root, and its user cannot reach %s: the database is in %s.", self.home, made
        )

    def _own(self, path: Path) -> None:
        """A folder that the server's user has for itself. Raises SetupError when somebody else has it."""
        user, group = self.account or (os.geteuid(), os.getegid())
        path.mkdir(mode=0o700, exist_ok=True)
        there = path.lstat()
        if (there.st_mode & 0o170077) != 0o040000 or there.st_uid not in (user, os.geteuid()):
            raise SetupError(f"{path} is not a closed folder of the server's user.", hint="Remove it.")
        os.chown(path, user, group, follow_symlinks=False)

    def _write(self, name: str, text: str, mode: int) -> None:
        """A file that is there whole or not at all, of the folder's owner."""
        made, fresh = tempfile.mkstemp(prefix=f".{name}-", dir=self.folder)
        with os.fdopen(made, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(made, mode)
            if os.geteuid() == 0:
                os.fchown(made, self.folder.stat().st_uid, -1)
        Path(fresh).replace(self.folder / name)

    def _password(self, role: str) -> str:
        path = self.folder / f"{role}.password"
        if not path.is_file():
            self._write(path.name, secrets.token_urlsafe(24), 0o600)
        return path.read_text(encoding="utf-8").strip()

    def _run(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One of PostgreSQL's programs, as the server's user, out of reach of the terminal's Ctrl-C."""
        user, group = self.account or (None, None)
        try:
            answer = subprocess.run(  # noqa: S603
                [str(a) for a in arguments], capture_output=True, text=True, check=False, cwd="/",
                stdin=subprocess.DEVNULL, start_new_session=True,
                user=user, group=group, extra_groups=[] if self.account else None,
                env={"PATH": f"{self.tools.folder}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            )  # fmt: skip
        except PermissionError as error:
            raise SetupError(f"PostgreSQL's programs could not be run as user number {user}: {error}.") from error
        if check and answer.returncode:
            first = self.folder / "log" / "start.log"
            said = first.read_text(encoding="utf-8", errors="replace") if first.is_file() else ""
            raise SetupError(
                f"{Path(arguments[0]).name} failed: {(answer.stderr or answer.stdout).strip()[-400:]} {said[-600:]}",
                hint=f"Its logs are in {self.folder / 'log'}.",
            )
        return answer

    def _initialise(self) -> None:
        for half_made in self.folder.glob("new-*"):
            shutil.rmtree(half_made)
        if self.data.exists():
            return
        made = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        secret = made / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password(OWNER), encoding="utf-8")
        for path in (secret, made):
            os.chown(path, *(self.account or (-1, -1)))
        self._run(
            self.tools.folder / "initdb", "-D", made / "data", "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8",
            "--data-checksums", "--auth=scram-sha-256", f"--pwfile={secret}", *(() if self.durable else ("--no-sync",)),
        )  # fmt: skip
        (made / "data").rename(self.data)
        shutil.rmtree(made)

    def _settings(self) -> str:
        """The server's settings. Statements and values stay out of its log, which has fewer readers than friends."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        if (limit := host.lines(Path("/sys/fs/cgroup/memory.max"))) and limit[0].isdecimal():
            memory = min(memory, int(limit[0]))
        chosen: dict[str, object] = {
            "cluster_name": "geoapp", "port": host.free_port() if self.tcp else 5432,
            "listen_addresses": "127.0.0.1" if self.tcp else "",
            "unix_socket_directories": '"' + str(self.socket).replace('"', '""') + '"', "unix_socket_permissions": "0700",
            "max_connections": 40 + 30 * (os.cpu_count() or 1), "shared_buffers": f"{max(32, min(1024, memory // 4 // 2**20))}MB",
            "work_mem": "32MB", "maintenance_work_mem": "256MB", "max_wal_size": "4GB", "wal_compression": "on",
            "checkpoint_completion_target": 0.9, "random_page_cost": 1.1, "jit": "off",
            "plan_cache_mode": "force_custom_plan", "timezone": "UTC", "log_timezone": "UTC",
            "default_text_search_config": "pg_catalog.simple", "lc_messages": "C",
            "logging_collector": "on", "log_directory": self.folder / "log", "log_filename": "pg-%a.log",
            "log_rotation_age": "1d", "log_rotation_size": 0, "log_truncate_on_rotation": "on",
            "log_checkpoints": "off", "log_error_verbosity": "terse", "log_min_error_statement": "panic",
        }  # fmt: skip
        shared = Path("/dev/shm")  # noqa: S108 - measured, not written
        if not shared.is_dir() or shutil.disk_usage(shared).total < 2**29:
            chosen["dynamic_shared_memory_type"] = "mmap"  # a container's 64 MB do not do for a parallel query
        if not self.durable:
            chosen |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        quoted = {k: str(v).replace("\\", "\\\\").replace("'", "''") for k, v in chosen.items()}
        return "# written at each start; ALTER SYSTEM outranks it\n" + "".join(
            f"{k} = '{v}'\n" for k, v in quoted.items()
        )

    def _clear(self) -> None:
        """Away with what a killed server left: sessions that have not noticed yet, its lock file, its sockets."""
        for _ in range(50):
            left = [p for p in host.processes() if host.works_in(p, self.data)]
            for process in left:
                os.kill(process, signal.SIGKILL)
            if not left:
                break
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in self.socket.glob(".s.PGSQL.*"):
            name.unlink()

    def _wait(self) -> None:
        ready = (self.tools.folder / "pg_isready", "-q", "-h", self.socket, "-p", str(self.port))
        for _ in range(600):
            if self._run(*ready, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise SetupError("A PostgreSQL server of this folder runs but does not answer.",
                         hint=f"Stop process {host.lines(self.data / 'postmaster.pid')[:1]}.")  # fmt: skip

    def _sql(self, statement: sql.SQL | sql.Composed) -> list[tuple[object, ...]]:
        url = self.urls("postgres").owner.replace("+psycopg", "")
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
                cursor = connection.execute(statement)
                return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError as error:
            raise SetupError(f"The private database refused its owner: {error}") from error

    def _roles(self) -> None:
        if not self._sql(sql.SQL("SELECT 1 FROM pg_roles WHERE rolname = {}").format(APP)):
            role = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}")
            self._sql(role.format(sql.Identifier(APP), self._password(APP)))
        if not self._sql(sql.SQL("SELECT 1 FROM pg_database WHERE datname = {}").format(DATABASE)):
            self._sql(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


@contextmanager
def _signals_raise() -> Iterator[None]:
    """A SIGTERM or SIGHUP that would end the process at once becomes an exit that leaves things clean."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    mine = threading.current_thread() is threading.main_thread()
    ended_by = [n for n in (signal.SIGTERM, signal.SIGHUP) if mine and signal.getsignal(n) == signal.SIG_DFL]
    for number in ended_by:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ended_by:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def database(settings: Settings) -> Iterator[Urls]:
    """The logins to the database that the settings name, or to the private cluster, running meanwhile."""
    if settings.database_url is None:
        with Cluster(settings.home).running() as urls:
            yield urls
        return
    named = with_driver(settings.database_url.get_secret_value())
    owner = with_driver(settings.migrate_url.get_secret_value()) if settings.migrate_url else named
    direct = with_driver(settings.direct_url.get_secret_value()) if settings.direct_url else ""
    yield Urls(owner, named, direct)
