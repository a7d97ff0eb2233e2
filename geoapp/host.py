"""What does this machine have: PostgreSQL's programs, a system user for them, processes, ports, folders?"""

import fcntl
import os
import pwd
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from geoapp.errors import SetupError

OLDEST = 15
SYSTEM_USERS = ("geoapp", "postgres")


@dataclass(frozen=True)
class Tools:
    """PostgreSQL's programs with a PostGIS that fits them."""

    folder: Path
    version: int


def find_tools(version: int | None = None) -> Tools:
    """The newest PostgreSQL on this machine that has PostGIS, or that of a version. Raises SetupError."""
    folders = _folders()
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    seen = []
    for folder in folders:
        if not (folder / "initdb").is_file():
            continue
        said, share = _said(folder / "postgres", "--version"), _said(folder / "pg_config", "--sharedir")
        found = number(said.rsplit(") ", 1)[-1])
        places = (Path(share), Path(f"/usr/share/postgresql/{found}"))
        whole = any((place / "extension" / "postgis.control").is_file() for place in places)
        seen.append(f"PostgreSQL {found} {'with' if whole else 'without'} PostGIS")
        if whole and found >= OLDEST and version in (None, found):
            return Tools(folder, found)
    wanted = f"PostgreSQL {version}, which made this data folder," if version else f"PostgreSQL {OLDEST} or newer"
    package = f"postgresql-{version or '15'}-postgis-3" + (
        "" if version else " (Ubuntu 24.04: postgresql-16-postgis-3)"
    )
    raise SetupError(
        f"{wanted} with PostGIS was not found ({', '.join(seen) or 'none at all'}).",
        hint=f"Type: sudo apt-get install {package}; or set GEOAPP_DATABASE_URL to a server that has it.",
    )


def client_programs(server: int) -> Path:
    """The folder of pg_dump and pg_restore for a server of a major version: the oldest that is not older. Raises SetupError."""
    folders = _folders()
    if on_path := shutil.which("pg_dump"):
        folders.append(Path(on_path).parent)
    found: dict[int, Path] = {}
    for folder in folders:
        if (folder / "pg_dump").is_file() and (folder / "pg_restore").is_file():
            found.setdefault(number(_said(folder / "pg_dump", "--version").rsplit(") ", 1)[-1]), folder)
    fitting = [version for version in sorted(found) if version >= server]
    if not fitting:
        raise SetupError(
            f"pg_dump and pg_restore of PostgreSQL {server} or newer are not on this machine"
            f" (found: {', '.join(map(str, sorted(found))) or 'none'}).",
            hint=f"Type: sudo apt-get install postgresql-client-{server}; or name their folder with PG_BIN.",
        )
    return found[fitting[0]]


def _folders() -> list[Path]:
    """Where PostgreSQL's programs may be: the named folder, then those of the system, newest first."""
    folders = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    return folders + sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -number(p.parent.name))


def _said(*command: str | Path) -> str:
    """What a program prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def number(text: str) -> int:
    """The number a text begins with, or 0."""
    found = re.match(r"\d+", text)
    return int(found.group()) if found else 0


def system_account() -> tuple[int, int]:
    """The system user for a server that root starts, made if there is none. Raises SetupError."""
    for attempt in range(2):
        for name in SYSTEM_USERS:
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return found.pw_uid, found.pw_gid
        if attempt == 0:
            make = ["/usr/sbin/useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USERS[0]]
            subprocess.run(make, capture_output=True, check=False)  # noqa: S603
    raise SetupError(
        "PostgreSQL never runs as root, and no system user could be made for it.",
        hint=f"Type: useradd --system {SYSTEM_USERS[0]}",
    )


def lines(path: Path) -> list[str]:
    """A small file's lines; none when it is not there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def processes() -> list[int]:
    """The numbers of all processes."""
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal()]


def works_in(process: int, folder: Path) -> bool:
    """Whether a process is a living PostgreSQL of this data folder: not a zombie, not another with the same number."""
    here = Path("/proc") / str(process)
    try:
        return (here / "comm").read_text(encoding="utf-8").startswith("postgres") and (here / "cwd").samefile(folder)
    except OSError:
        return False


def sole(users: int) -> bool:
    """Whether no other process holds this shared lock."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reachable(home: Path) -> bool:
    """Whether others may pass through every folder above and including `home`."""
    return all(p.stat().st_mode & 0o001 for p in (home, *home.resolve().parents))
