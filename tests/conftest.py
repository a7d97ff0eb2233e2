"""A real PostGIS for every worker, migrated once; every test gets a database of its own, copied from it."""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Engine, create_engine, text

from geoapp import accounts, db, ingest, overlay, passwords, record, upgrade
from geoapp.app import create_app
from geoapp.cluster import Cluster, Urls
from geoapp.ingest.report import Report
from geoapp.model import subjects
from geoapp.settings import Settings
from tests import gridland

PASSWORD = "a long enough password"
"""Of everybody who signs in in tests."""

expect.set_options(timeout=20_000)  # a machine that does other work too is waited for


def pytest_report_header() -> str:
    import pyproj
    import shapely

    return f"GEOS {shapely.geos_version_string}, PROJ {pyproj.proj_version_str}"


LONG = (
    "test_upgrade", "test_upgrade_killed", "test_wheel", "test_demo", "test_replicas", "test_packs", "test_imports",
    "test_page", "test_every_layer", "test_zones",
)  # fmt: skip
"""Files that take minutes begin first, so that no worker is left with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    home = Path(tempfile.mkdtemp(prefix="geoapp-test-"))
    home.chmod(0o755)
    made = Cluster(home, durable=False)
    with made.running() as urls:
        upgrade.migrate(urls.owner)
        upgrade.register(urls.owner, urls.app)
        yield made
    shutil.rmtree(home, ignore_errors=True)


def bringer(engine: Engine, context: db.Context, folder: Path) -> Callable[..., Report]:
    """A function that imports features or text as a file."""

    def run(kind: str, content: Any, name: str = "file.geojson", **more: Any) -> Report:
        path = folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            path.write_text(gridland.collection(content), encoding="utf-8")
        return ingest.run(engine, context, kind, path, **more)

    return run


@pytest.fixture(scope="session")
def empty(cluster: Cluster) -> str:
    """The name of a database with Gridland's operation and nothing in it."""
    urls = cluster.create_database("empty", template="geoapp")
    owner = create_engine(urls.owner)
    record.add_operation(owner, "grid", "Gridland", exercise=True, today=gridland.TODAY, time_zone="UTC")
    owner.dispose()
    return "empty"


@pytest.fixture(scope="session")
def full(cluster: Cluster, empty: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with Gridland's units, areas, presence, zone and incidents, imported as files."""
    urls = cluster.create_database("full", template=empty)
    engine = db.engine(urls.app)
    bring = bringer(engine, db.Context("grid", member="tester"), tmp_path_factory.mktemp("grid"))
    for kind, content, name in gridland.FILES:
        report = bring(kind, content, name, **({"source": "exercise"} if kind == "incidents" else {}))
        assert report.landed, report.as_dict()
    overlay.count_queued(engine, db.Context("grid", member="tester"))
    engine.dispose()
    return "full"


@pytest.fixture(scope="session")
def unwritten() -> set[str]:
    """The templates of which a copy stands that no test has written to."""
    return set()


def next_transaction(cluster: Cluster) -> int:
    """The number that the cluster's next writing transaction gets: reading takes none."""
    with psycopg.connect(cluster.urls("postgres").owner.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def urls(request: pytest.FixtureRequest, cluster: Cluster, unwritten: set[str]) -> Iterator[Urls]:
    """A database as its template is: a fresh copy, or the last one where nothing was written to it."""
    template = request.getfixturevalue("full" if "gridded" in request.fixturenames else "empty")
    name = f"test_{template}"
    made = cluster.urls(name) if template in unwritten else cluster.create_database(name, template=template)
    unwritten.discard(template)
    before = next_transaction(cluster)
    yield made
    if next_transaction(cluster) == before:
        unwritten.add(template)
    else:
        cluster.drop_database(name)


@pytest.fixture
def engine(urls: Urls) -> Iterator[Engine]:
    made = db.engine(urls.app)
    yield made
    made.dispose()


@pytest.fixture
def owner(urls: Urls) -> Iterator[Engine]:
    """As whoever owns the database."""
    made = create_engine(urls.owner)
    yield made
    made.dispose()


@pytest.fixture
def context() -> db.Context:
    return db.Context("grid", member="tester")


@pytest.fixture
def bring(engine: Engine, context: db.Context, tmp_path: Path) -> Callable[..., Report]:
    return bringer(engine, context, tmp_path)


@pytest.fixture
def gridded(bring: Callable[..., Report]) -> Callable[..., Report]:
    """Asks for a database with all of Gridland in it; gives `bring`."""
    return bring


@pytest.fixture
def nobody(gridded: Callable[..., Report], urls: Urls) -> None:
    """The room `public` may see nothing at all: every rule of it withholds."""
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts.audience NO FORCE ROW LEVEL SECURITY")
        connection.execute(
            text("UPDATE facts.audience SET rules = CAST(:rules AS jsonb) WHERE key = 'public'"),
            {"rules": json.dumps(dict.fromkeys(sorted(subjects.keys()), "withheld"))},
        )
        connection.exec_driver_sql("ALTER TABLE facts.audience FORCE ROW LEVEL SECURITY")
    owner.dispose()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of a real server on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def address(engine: Engine, gridded: Callable) -> Iterator[str]:
    """Gridland, served by a real server on a free port of this machine."""
    with serving(create_app(Settings(), engine)) as found:
        yield f"{found}/operations/grid"


QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a worker: the system's Chromium, without its windows where it is so installed, else Playwright's (Ubuntu has only a snap)."""
    with sync_playwright() as play:
        found = shutil.which("chromium-headless-shell") or shutil.which("chromium") or play.chromium.executable_path
        if not Path(found).exists():
            pytest.skip("there is no Chromium on this machine: `./run test` installs one where it can")
        started = play.chromium.launch(executable_path=found, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="session")
def quick() -> Iterator[None]:
    """Hashes of a cheaper kind: how dear they are is the library's to test."""
    from argon2 import PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def signed(urls: Urls, owner: Engine, gridded: Callable, quick: None) -> Iterator[Callable[..., TestClient]]:
    """A function that gives a client on which a new member of Gridland has signed in."""
    made = db.engine(urls.app, serves=False)
    app = create_app(Settings(auth="accounts"), made, worker=False)

    def run(role: str | None = "viewer", *rooms: str, email: str = "", operation: str = "grid") -> TestClient:
        client = TestClient(app, follow_redirects=False)
        if role is None:
            return client
        email = email or f"{role}@example.org"
        with owner.begin() as connection:
            accounts.add(connection, email, role.title(), operation, role, rooms)
            link = accounts.issue(connection, email, "link", timedelta(hours=1))
        assert client.post("/password", data={"link": link, "password": PASSWORD, "again": PASSWORD}).status_code == 303
        answer = client.post("/sign-in", data={"email": email.upper(), "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return client

    yield run
    made.dispose()


@pytest.fixture
def guarded(urls: Urls, gridded: Callable) -> Iterator[str]:
    """The address of Gridland's instance with accounts."""
    engine = db.engine(urls.app, serves=False)
    with serving(create_app(Settings(auth="accounts"), engine)) as found:
        yield found
    engine.dispose()
