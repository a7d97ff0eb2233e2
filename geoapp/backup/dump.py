"""Write the whole database into one encrypted file: one snapshot, streamed, and never half a file under its name."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
import pyrage
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geoapp.backup.manifest import Manifest, connect, examine
from geoapp.backup.sealed import Key, check, seal
from geoapp.errors import Conflict, SetupError
from geoapp.host import client_programs

MIB = 2**20


def create(owner_url: str, target: Path, key: Key, progress: Callable[..., None]) -> Manifest:
    """Back up the database behind an owner's login into a new file; what it holds.

    Raises Forbidden when policies bind that login, Conflict when the file exists, BadRequest for a key that will not do,
    SetupError when pg_dump fails or the disk is full: nothing then stands under the file's name.
    """
    check(key)
    if target.exists():
        raise Conflict(f"{target} exists.", hint="Choose another name; a backup overwrites nothing.")
    if not target.absolute().parent.is_dir():
        raise SetupError(f"There is no folder {target.absolute().parent}.", hint="Make it first.")
    with connect(owner_url) as connection:
        connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        snapshot = str((connection.execute("SELECT pg_export_snapshot()").fetchone() or [""])[0])
        manifest = examine(connection, progress)
        body = manifest.as_bytes()
        arguments = (
            "--format=custom", "--compress=1", "--no-owner", "--lock-wait-timeout=60000", f"--snapshot={snapshot}",
            *(f"--schema={name}" for name in manifest.schemas),
        )  # fmt: skip
        try:
            with fresh(target) as file, program("pg_dump", owner_url, manifest.server, arguments) as dump:
                start = len(body).to_bytes(8, "big") + body
                seal(start, _Whole(dump), file, key, lambda n: progress("MiB written", n // MIB))
        except (OSError, pyrage.EncryptError) as error:
            raise SetupError(f"{target} could not be written: {error}.", hint="Is the disk full?") from error
    return manifest


class _Whole:
    """What a program writes, with an error in place of its end when it failed: half a dump is never sealed."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def read(self, size: int = -1, /) -> bytes:
        assert self._process.stdout is not None
        taken = self._process.stdout.read(size)
        if not taken and self._process.wait():
            raise OSError(0, "pg_dump failed")
        return taken


@contextmanager
def fresh(target: Path) -> Iterator[IO[bytes]]:
    """A file of the caller alone, that gets its name when it is whole and on the disk."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(target)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def program(
    name: str, url: str, server: int, arguments: Sequence[str], stdin: Any = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """One of PostgreSQL's client programs on a database; the password is in its environment, which others cannot read.

    Ends it when the context is left early. Raises SetupError with its words when it fails.
    """
    login: dict[str, Any] = dict(conninfo_to_dict(url.replace("+psycopg", "", 1)))
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGAPPNAME": "geoapp backup"}
    environment |= {k: v for k, v in os.environ.items() if k.startswith("PGSSL") or k in ("HOME", "TMPDIR")}
    if password := login.pop("password", None):
        environment["PGPASSWORD"] = password
    command = [str(client_programs(server) / name), *arguments, f"--dbname={make_conninfo(**login)}", "--no-password"]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=said, env=environment) as process:  # noqa: S603
            try:
                yield process
                process.wait()
            except BaseException as error:
                failed = process.poll()
                process.kill()
                process.wait()
                if failed:
                    raise _failed(name, said) from error
                raise
        if process.returncode:
            raise _failed(name, said)


def _failed(name: str, said: IO[bytes]) -> SetupError:
    said.seek(0)
    return SetupError(f"{name} failed: {said.read().decode(errors='replace').strip()[-600:]}")
