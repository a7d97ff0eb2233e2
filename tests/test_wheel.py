"""The built wheel, installed in an environment of its own, serves the exercise country from any folder."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoapp.host import free_port

ROOT = Path(__file__).parent.parent
TOP_LEVEL = ("data", "layers", "migrations", "web")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    return next(folder.glob("geoapp-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with geoapp's dependencies and the wheel, which knows nothing of the source tree."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    site = folder / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    shutil.rmtree(site)

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:  # another file system
            shutil.copy2(source, target)

    # files, no links to folders: the import child may read its own environment only
    shutil.copytree(sysconfig.get_path("purelib"), site, copy_function=link, ignore=shutil.ignore_patterns("geoapp*"))
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    return folder


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PG_BIN", "TMPDIR") if name in os.environ}
    return kept | {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(home), "GEOAPP_HOME": str(home / "geoapp")}


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_wheel_has_everything_below_one_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"geoapp", f"geoapp-{wheel.name.split('-')[1]}.dist-info"}
    inside = {name.removeprefix("geoapp/_top/") for name in names if name.startswith("geoapp/_top/")}
    files = (path for folder in TOP_LEVEL for path in (ROOT / folder).rglob("*") if path.is_file())
    here = {path.relative_to(ROOT).as_posix() for path in files if not {"__pycache__", "vendor"} & set(path.parts)}
    assert here <= inside
    assert {"web/static/vendor/leaflet.js", "web/static/vendor/inter-latin.woff2"} <= inside


def test_no_wheel_is_built_without_the_browsers_files(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("geoapp", *TOP_LEVEL):
        shutil.copytree(ROOT / name, tmp_path / name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"]
    file = tmp_path / "web" / "static" / "vendor" / "leaflet.js"
    file.write_bytes(file.read_bytes() + b"\n")
    changed = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    file.unlink()
    missing = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    for answer in (changed, missing):
        assert answer.returncode
        assert "Browser files are missing or changed: leaflet.js." in answer.stderr
    assert not list(tmp_path.glob("dist/*.whl"))


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the database's system user can reach, when root runs this."""
    made = Path(tempfile.mkdtemp(prefix="geoapp-home-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_an_installed_geoapp_serves_the_exercise_country(installed: Path, home: Path, tmp_path: Path) -> None:
    site = next(installed.glob("lib/python*/site-packages"))
    assert not [name for name in TOP_LEVEL if (site / name).exists()]
    # somebody's own folders with the same names are neither read nor taken for ours
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "__init__.py").write_text("raise ImportError('another web')")
    geoapp, port = installed / "bin" / "geoapp", free_port()
    said = subprocess.run([geoapp, "--help"], cwd=tmp_path, env=environment(home), capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "  overlaps " in said.stdout
    log = tmp_path / "log"
    with log.open("wb") as sink:
        python = [installed / "bin" / "python", "-m", "geoapp.cli"]
        server = subprocess.Popen(
            [*python, "demo", "--port", str(port)], cwd=tmp_path, env=environment(home), stdout=sink, stderr=sink
        )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, log.read_text()
            time.sleep(1)
        status, page = get(f"http://127.0.0.1:{port}/operations/kavarra/map")
        assert status == 200
        assert b"Kavarra 2026" in page
        status, script = get(f"http://127.0.0.1:{port}/static/vendor/leaflet.js")
        assert (status, script) == (200, (ROOT / "web" / "static" / "vendor" / "leaflet.js").read_bytes())
        status, items = get(f"http://127.0.0.1:{port}/operations/kavarra/collections/overlaps/items?f=json&limit=5")
        assert status == 200
        assert b'"FeatureCollection"' in items
        status, single = get(f"http://127.0.0.1:{port}/operations/kavarra/export/all.html?audience=hct")
        assert status == 200
        assert b"Kavarra 2026" in single
        assert len(single) <= 2_000_000, "the whole exercise in one file goes by mail"
        # the exercise was entered and revised over eight weeks: a fresh one has a yesterday
        told = get(f"http://127.0.0.1:{port}/operations/kavarra/compare?then=2026-09-20&limit=1")[1]
        counts = json.loads(told)["counts"]["areas_of_operation"]
        assert (
            0 < counts["then"]
            and counts["then"] + counts["new"] - counts["ended"] - counts["withdrawn"] == counts["now"]
        )
        assert counts["revised"] + counts["moved"] > 0
        assert "ImportError" not in log.read_text()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
