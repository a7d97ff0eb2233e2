"""Open a file that nobody has reason to trust: in a child process that can reach nothing but that file.

The child has no network, a small environment, limits on memory, time and file size, and (where the kernel has
Landlock) sees only the interpreter, the libraries, this project's code and its own job folder. Whatever happens to it,
this process only loses a pipe.
"""

import shutil
import signal
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

from geoapp.ingest import readers
from geoapp.ingest.confine import ROOT
from geoapp.ingest.findings import Finding
from geoapp.ingest.frames import MIB, Forged, Frame, frames
from geoapp.ingest.readers import Reader


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


def abilities() -> dict[str, bool]:
    """What this machine lets the child give up, found out in a process that is thrown away."""
    probe = f"from geoapp.ingest.confine import confine; import json; print(json.dumps(confine('/tmp', {3 << 30}, 60)))"
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    found: dict[str, bool] = orjson.loads(answer.stdout) if answer.returncode == 0 else {}
    return found or {"no_network": False, "own_files_only": False}


@contextmanager
def open_file(
    path: Path, kind: str | None, *, source: str | None = None, options: Mapping[str, Any] | None = None,
    limits: Limits | None = None, mode: str = "stage", unlanded: Mapping[str, Any] | None = None,
) -> Iterator[Iterator[Frame]]:  # fmt: skip
    """The frames that the child makes of a file. Leaving the context ends the child and removes its folder.

    `mode` is one of `frames.MODES`; `unlanded` says of which `rows`, or of the `whole` file, the rows are wanted.
    """
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
        child = readers.start(folder)
        timer = threading.Timer(limits.seconds, child.kill)
        timer.start()
        try:
            request = {
                "path": str(inside / path.name), "folder": folder, "kind": kind, "source": source,
                "options": dict(options or {}), "limits": asdict(limits), "mode": mode, "unlanded": dict(unlanded or {}),
            }  # fmt: skip
            try:
                child.stdin.write(orjson.dumps(request))
                child.stdin.close()
            except BrokenPipeError:
                pass  # the child is gone already: its silence is answered below
            yield _frames(child, limits.row_bytes, mode)
        finally:
            timer.cancel()
            child.close()


def _together(path: Path) -> list[Path]:
    """The file, and a Shapefile's other parts beside it."""
    if path.suffix.lower() != ".shp":
        return [path]
    return [path, *(p for s in (".shx", ".dbf", ".prj", ".cpg") for p in path.parent.glob(f"{path.stem}.*")
                    if p.suffix.lower() == s and p.is_file() and not p.is_symlink())]  # fmt: skip


def _frames(child: Reader, row_bytes: int, mode: str) -> Iterator[Frame]:
    """What the child says, as `frames` lets it pass; a refusal when it broke a rule or fell silent."""
    last = ""
    try:
        for frame in frames(child.stdout.fileno(), row_bytes, mode):
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


def _died(child: Reader) -> Frame:
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
