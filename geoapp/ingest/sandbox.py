"""Open a file that nobody has reason to trust: in a child process that can reach nothing but that file.

The child has no network, a small environment, limits on memory, time and file size, and (where the kernel has
Landlock) sees only the interpreter, the libraries, this project's code and its own job folder. Whatever happens to it,
this process only loses a pipe.
"""

import ctypes
import errno
import os
import platform
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from geoapp import TOP
from geoapp.ingest.frames import MIB, Forged, Frame, frames
from geoapp.ingest.report import Finding

ROOT = Path(__file__).resolve().parent.parent.parent
SKIPPED = "OGR_VRT,VRT,HTTP,WFS,OAPIF,CSW,GTFS,GDALG,GTI,PLSCENES,CARTO,AMIGOCLOUD,ELASTIC,NGW,PostgreSQL"
CHILD = (sys.executable, "-m", "geoapp.ingest.child")


@dataclass(frozen=True)
class Limits:
    """What one file may cost."""

    file_bytes: int = 50 * MIB
    unpacked_bytes: int = 200 * MIB
    ratio: int = 100
    entries: int = 100
    features: int = 200_000
    rows: int = 5_000_000
    row_bytes: int = 1024 * MIB
    """What the child may send of rows."""
    columns: int = 256
    depth: int = 40
    memory_bytes: int = 3 * 1024 * MIB
    seconds: int = 300


_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWUSER, _NEWNET, _NO_NEW_PRIVS, _SECCOMP = 0x10000000, 0x40000000, 38, 22
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ, _WRITE = 0b1101, 0b1111111110010
"""Landlock ABI 1: execute, read file, read folder; and write, remove, make."""


def _landlock(readable: list[str], writable: str) -> bool:
    """Let this process and its children see only these folders; False where the kernel has no Landlock."""
    handled = _READ | _WRITE
    attributes = struct.pack("Q", handled)
    ruleset = _LIBC.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    for folder, rights in [*((path, _READ) for path in readable), (writable, handled)]:
        if not Path(folder).exists():
            continue
        handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        allowed = rights if Path(folder).is_dir() else rights & 0b101
        _LIBC.syscall(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, handle), 0)
        os.close(handle)
    return bool(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)


_CPUS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The kernel's name of a processor and the number of its call `socket`."""


def _no_sockets() -> bool:
    """Let this process and its children make no socket of any kind; True when it holds.

    A filter on system calls needs no right that an ordinary user lacks, where a network namespace may: user namespaces
    are switched off on many servers, and within every chroot. See the kernel's seccomp_filter.rst.
    """
    if platform.machine() not in _CPUS:
        return False
    cpu, call = _CPUS[platform.machine()]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EACCES
    steps = [
        (load, 0, 0, 4), (equal, 0, 5, cpu),
        (load, 0, 0, 0), (at_least, 3, 0, 0x40000000),  # the other numbering of the same processor
        (equal, 2, 0, 425),  # io_uring, which makes sockets by another way
        (equal, 1, 0, call),
        (answer, 0, 0, allow), (answer, 0, 0, refuse),
    ]  # fmt: skip
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    return bool(_LIBC.prctl(_SECCOMP, 2, program, 0, 0) == 0)


def confine(folder: str, memory_bytes: int, seconds: int) -> dict[str, bool]:
    """Give up, in the child and for good, everything that reading a file does not need; what the machine allowed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * MIB, 512 * MIB))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    no_network = _LIBC.unshare(_NEWNET) == 0 or _LIBC.unshare(_NEWUSER | _NEWNET) == 0
    _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    no_network = _no_sockets() or no_network
    readable = [sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self",
                "/proc/meminfo", "/sys/fs/cgroup", "/dev/urandom", "/dev/null", str(ROOT / "geoapp"),
                str(TOP / "data" / "codes")]  # fmt: skip
    return {"no_network": no_network, "own_files_only": _landlock(readable, folder)}


def abilities() -> dict[str, bool]:
    """What this machine lets the child give up, found out in a process that is thrown away."""
    probe = f"from geoapp.ingest.sandbox import confine; import json; print(json.dumps(confine('/tmp', {3 << 30}, 60)))"
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    found: dict[str, bool] = orjson.loads(answer.stdout) if answer.returncode == 0 else {}
    return found or {"no_network": False, "own_files_only": False}


def _environment(folder: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder, "PYTHONPATH": str(ROOT),
        "GDAL_SKIP": SKIPPED, "OGR_SKIP": SKIPPED, "OMP_NUM_THREADS": "1",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO", "GDAL_HTTP_MAX_RETRY": "0", "OGR_GEOJSON_MAX_OBJ_SIZE": "100",
        "GDAL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip


@contextmanager
def open_file(
    path: Path, kind: str, *, source: str | None = None, options: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Iterator[Iterator[Frame]]:  # fmt: skip
    """The frames that the child makes of a file. Leaving the context ends the child and removes its folder."""
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="geoapp-job-") as folder:
        if path.stat().st_size > limits.file_bytes:
            text = f"The file is larger than {limits.file_bytes // MIB} MB."
            yield iter([_refusal("too-large", text, "Split it, or import it with `geoapp import` at the server.")])
            return
        inside = Path(folder) / "in"
        inside.mkdir()
        for sibling in _together(path):
            shutil.copyfile(sibling, inside / sibling.name)
        child = subprocess.Popen(  # noqa: S603
            CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, cwd=folder,
            env=_environment(folder), start_new_session=True,
        )  # fmt: skip
        timer = threading.Timer(limits.seconds, lambda: _kill(child))
        timer.start()
        try:
            assert child.stdin is not None
            request = {
                "path": str(inside / path.name), "folder": folder, "kind": kind, "source": source,
                "options": dict(options or {}), "limits": asdict(limits),
            }  # fmt: skip
            try:
                child.stdin.write(orjson.dumps(request))
                child.stdin.close()
            except BrokenPipeError:
                pass  # the child is gone already: its silence is answered below
            yield _frames(child, limits.row_bytes)
        finally:
            timer.cancel()
            _kill(child)
            child.wait()
            if child.stdout:
                child.stdout.close()


def _together(path: Path) -> list[Path]:
    """The file, and a Shapefile's other parts beside it."""
    if path.suffix.lower() != ".shp":
        return [path]
    return [path, *(p for s in (".shx", ".dbf", ".prj", ".cpg") for p in path.parent.glob(f"{path.stem}.*")
                    if p.suffix.lower() == s and p.is_file() and not p.is_symlink())]  # fmt: skip


def _kill(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _frames(child: subprocess.Popen[bytes], row_bytes: int) -> Iterator[Frame]:
    """What the child says, as `frames` lets it pass; a refusal when it broke a rule or fell silent."""
    assert child.stdout is not None
    last = ""
    try:
        for frame in frames(child.stdout.fileno(), row_bytes):
            last = frame.type
            yield frame
    except Forged as forged:
        yield _refusal(
            "reader-not-trusted", f"What the reader said of the file was not believed: {forged}.",
            "Do not open this file elsewhere; ask its sender for another export.",
        )  # fmt: skip
        return
    if last not in ("E", "X"):
        yield _died(child)


def _died(child: subprocess.Popen[bytes]) -> Frame:
    code = child.wait()
    why = {
        -signal.SIGXCPU: "it took too much computing time", -signal.SIGKILL: "it took too long or too much memory",
        -signal.SIGSEGV: "its shapes cannot be read", -signal.SIGABRT: "it took too much memory",
    }.get(code, "the reader stopped")  # fmt: skip
    return _refusal(
        "not-readable-to-its-end", f"The file could not be read to its end: {why}.",
        "Open it in the program it came from, check it, and export it again; split it if it is large.",
    )  # fmt: skip


def _refusal(code: str, message: str, hint: str) -> Frame:
    return Frame("X", b"", [asdict(Finding("error", None, None, code, message, hint))])
