"""Style and types of the browser's code, by tools of locked version and hash: `python -m tests.js`.

They are kept in the virtual environment and never in what is shipped.
"""

import hashlib
import json
import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from geoapp.draw.assets import pack
from geoapp.errors import SetupError
from tests.js import NODE, ROOT

LOCK = ROOT / "web" / "tools.lock.json"
TOOLS = Path(sys.prefix) / "tools"
HERE = f"{sys.platform}-{platform.machine()}"


def fetch() -> None:
    """Fetch what is missing, a line each, to `node_modules` in TOOLS. Raises SetupError when a hash differs."""
    packages: list[dict[str, Any]] = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    for package in packages:
        if package.get("for", HERE) != HERE:
            continue
        folder = TOOLS / "node_modules" / package["name"]
        done = folder / f".done-{package['sha256'][:16]}"
        if done.is_file():
            continue
        sys.stdout.write(f"  {package['name']} {package['version']}\n")
        with tempfile.TemporaryDirectory() as scratch:
            tarball = pack(package, Path(scratch))
            if hashlib.sha256(tarball.read_bytes()).hexdigest() != package["sha256"]:
                raise SetupError(f"{package['name']} is not what was locked (sha256 differs).", hint="Do not use it.")
            with tarfile.open(tarball) as archive:
                for member in archive.getmembers():
                    member.name = member.name.partition("/")[2]
                archive.extractall(folder, [m for m in archive.getmembers() if m.name], filter="data")
        done.touch()


def check(*, write: bool = False) -> int:
    """0 when nothing is found in style and types; with `write` what can be mended by itself is."""
    found = subprocess.run(
        [biome(), "check", "--colors=off", "--error-on-warnings", *(["--write"] if write else [])],
        cwd=ROOT,
        check=False,
    ).returncode
    compiler = TOOLS / "node_modules" / "typescript" / "lib" / "tsc.js"
    roots = ["--typeRoots", str(TOOLS / "node_modules" / "@types")]
    return found | subprocess.run([NODE, compiler, "-p", "web/tsconfig.json", *roots], cwd=ROOT, check=False).returncode


def biome() -> Path:
    """The program for this machine. Raises SetupError where the lock has none."""
    for folder in (TOOLS / "node_modules" / "@biomejs").glob("cli-*"):
        return folder / "biome"
    raise SetupError(f"There is no biome for {HERE} in web/tools.lock.json.", hint="Add its package there.")


if __name__ == "__main__":
    try:
        fetch()
        sys.exit(check(write="--write" in sys.argv))
    except SetupError as error:
        sys.exit(error.line())
