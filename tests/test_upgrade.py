"""The database is brought to this version once, by one, in nobody's way; who only asks changes nothing."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx2 as httpx
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, make_url, text
from typer.testing import CliRunner

import geoapp.cli.__main__  # noqa: F401 - the topics
from geoapp import db, record, upgrade
from geoapp.app import create_app
from geoapp.cli.app import app as commands
from geoapp.cluster import Cluster, Urls
from geoapp.errors import Contended, SetupError, Unavailable
from geoapp.settings import Settings
from tests import gridland
from tests.conftest import bringer


def asked(url: str, sql: str, *values: object) -> Any:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(sql, values or None)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def made(urls: Urls) -> int:
    """The number of the schema of what is computed: another one each time it is made anew."""
    return int(asked(urls.owner, "SELECT oid::bigint FROM pg_namespace WHERE nspname = 'calc'"))


def outdate(urls: Urls) -> None:
    asked(urls.owner, "COMMENT ON SCHEMA calc IS 'another'")


def test_what_is_current_is_left_alone(urls: Urls) -> None:
    before = made(urls)
    upgrade.migrate(urls.owner)
    upgrade.require(urls.app)
    upgrade.apply(urls.owner)
    assert made(urls) == before


def test_what_is_not_is_made_anew_and_marks_of_extensions_are_seen_to_in_any_case(urls: Urls) -> None:
    before = made(urls)
    outdate(urls)
    with pytest.raises(SetupError, match="not the one of this version") as told:
        upgrade.require(urls.app)
    assert "geoapp migrate" in told.value.hint
    upgrade.migrate(urls.owner)
    assert made(urls) != before
    asked(urls.owner, "ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
    upgrade.apply(urls.owner)
    assert asked(
        urls.owner, "SELECT proleakproof FROM pg_proc WHERE oid = 'geometry_overlaps(geometry, geometry)'::regprocedure"
    )


def test_an_empty_database_says_what_to_do(cluster: Cluster) -> None:
    urls = cluster.create_database("nothing")
    with pytest.raises(SetupError, match="nothing of geoapp in the database yet"):
        upgrade.require(urls.app)
    cluster.drop_database("nothing")
    with pytest.raises(Unavailable, match="did not answer"):
        upgrade.require(urls.app)


def test_the_fingerprint_is_of_every_file_that_a_database_is_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ast

    source = ast.parse((upgrade.MIGRATIONS / "env.py").read_text(encoding="utf-8"))
    used = {node.module for node in ast.walk(source) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in used if name and name.startswith("geoapp")}
    assert ours <= {
        "geoapp.db",
        "geoapp.errors",
        "geoapp.jobs",
        "geoapp.model",
        "geoapp.model.subjects",
        "geoapp.upgrade",
    }, "in the fingerprint?"
    copies = []
    for root in upgrade.MADE_FROM:
        copies.append(tmp_path / root.name)
        copy = shutil.copytree if root.is_dir() else shutil.copy
        copy(root, copies[-1])
    monkeypatch.setattr(upgrade, "MADE_FROM", tuple(copies))
    seen = {upgrade.fingerprint()}
    changed = ("migrations/sql/policies", "migrations/versions", "migrations/sql", "model", "queue.py")
    for name in changed:
        found = tmp_path / name
        file = found if found.is_file() else next(found.glob("*.*"))
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        upgrade.fingerprint.cache_clear()
        seen.add(upgrade.fingerprint())
    upgrade.fingerprint.cache_clear()
    assert len(seen) == 1 + len(changed)


def test_several_at_once_do_it_once(urls: Urls) -> None:
    outdate(urls)
    failed: list[BaseException] = []

    def one() -> None:
        try:
            upgrade.migrate(urls.owner)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    upgrade.require(urls.app)


def test_who_is_in_the_way_is_not_waited_for(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long reader holds a table: others are served meanwhile, the migration says so, and goes through afterwards."""
    outdate(urls)
    before = made(urls)
    monkeypatch.setattr(upgrade, "WAIT_S", 2.0)
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as holder:
        holder.execute("SELECT count(*) FROM facts.area")
        told: list[BaseException] = []

        def one() -> None:
            try:
                upgrade.migrate(urls.owner)
            except SetupError as error:
                told.append(error)

        thread = threading.Thread(target=one)
        thread.start()
        waited = []
        while thread.is_alive():
            began = time.perf_counter()
            assert asked(urls.app, "SET ROLE geoapp_app; SELECT count(*) FROM facts.area") is None
            waited.append(time.perf_counter() - began)
        assert "is in use" in str(told[0])
        assert made(urls) == before
    assert len(waited) > 2
    monkeypatch.setattr(upgrade, "WAIT_S", 60.0)
    upgrade.migrate(urls.owner)
    upgrade.require(urls.app)


def test_an_error_says_what_it_is_about(cluster: Cluster, urls: Urls) -> None:
    outdate(urls)
    with pytest.raises(SetupError) as told:
        upgrade.migrate(urls.app)
    assert "must own the database" in told.value.hint
    asked(urls.owner, "UPDATE facts.alembic_version SET version_num = 'of_next_year'")
    with pytest.raises(SetupError, match="another version of geoapp") as told:
        upgrade.migrate(urls.owner)
    assert "must own" not in told.value.hint
    cluster.drop_database(str(make_url(urls.owner).database))
    with pytest.raises(Unavailable, match="did not answer"):
        upgrade.migrate(urls.owner)


@contextmanager
def crossed(engine: Engine, context: db.Context, urls: Urls) -> Iterator[Callable[[], str]]:
    """A transaction that deadlocks, once, with one that looks later for who is to be undone."""
    turns = {"n": 0}

    def verb() -> str:
        with db.transaction(engine, context) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
            if turns["n"] == 0:
                turns["n"] = 1
                other = threading.Thread(target=second)
                other.start()
                others.append(other)
                assert ready.wait(10)
            connection.execute(text("SELECT pg_advisory_xact_lock(2)"))
        return "done"

    ready = threading.Event()
    others: list[threading.Thread] = []

    def second() -> None:
        with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
            connection.execute("SET deadlock_timeout = '30s'")
            connection.execute("SELECT pg_advisory_xact_lock(2)")
            ready.set()
            connection.execute("SELECT pg_advisory_xact_lock(1)")

    yield verb
    for other in others:
        other.join()


def test_a_deadlock_is_tried_again_or_told(engine: Engine, context: db.Context, urls: Urls) -> None:
    with crossed(engine, context, urls) as verb:
        assert db.again(verb)() == "done"
    with crossed(engine, context, urls) as verb, pytest.raises(Contended) as told:
        verb()
    assert told.value.status == 503
    assert int(told.value.headers["Retry-After"]) >= 1
    assert "\n" not in told.value.line()


def test_it_is_tried_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "pause", lambda attempt: None)
    calls = []

    @db.again
    def never() -> None:
        calls.append(1)
        raise Contended("Somebody else.")

    with pytest.raises(Contended):
        never()
    assert len(calls) == db.TRIES


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def test_what_nobody_foresaw_is_told_and_the_connection_goes_on(engine: Engine) -> None:
    app = create_app(Settings(), engine)

    @app.get("/unforeseen")
    def unforeseen() -> None:
        raise ZeroDivisionError("a secret of the inside")

    @app.get("/contended")
    def contended() -> None:
        raise Contended("Somebody else was changing the same.")

    def answer(connection: socket.socket, path: str) -> tuple[int, bytes]:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            assert piece, "the connection was closed"
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(body) < length:
            body += connection.recv(4096)
        return int(head.split(b" ")[1]), head + body

    with served(app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for _ in range(3):
            status, said = answer(connection, "/unforeseen")
            assert status == 500
            assert b"application/problem+json" in said and b"reference" in said
            assert b"secret" not in said and b"ZeroDivision" not in said
            assert answer(connection, "/healthz")[0] == 200
        status, said = answer(connection, "/contended")
        assert status == 503 and b"retry-after: 1" in said.lower()
        assert answer(connection, "/healthz")[0] == 200


WAITING = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - a.query_start)), 0)::float8
    FROM pg_stat_activity AS a WHERE a.datname = 'geoapp' AND a.wait_event_type = 'Lock'
        AND a.wait_event IN ('relation', 'object', 'tuple')
"""


def test_two_hundred_commands_beside_a_server_under_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A private cluster of its own, a server with readers and a writer, and 200 commands: four of them real processes
    (each costs seconds of imports), the others the same commands in this process, opening the database as any does.
    Nobody fails, nothing is made anew, and nobody stands a second behind a lock on a table (how long a request takes in
    all says more about the machine than about locks). At last the database is out of date and one command mends it
    beside the same load: readers may be sent away for a moment (503), none fails."""
    home = Path(mkdtemp(prefix="geoapp-home-"))
    home.chmod(0o755)
    monkeypatch.setenv("GEOAPP_HOME", str(home))
    sites = tmp_path / "sites.csv"
    sites.write_text("name,latitude,longitude,facility_type\nWell,5.05,10.05,other\n", encoding="utf-8")
    with Cluster(home, durable=False).running() as urls:
        upgrade.migrate(urls.owner)
        upgrade.register(urls.owner, urls.app)
        owner = create_engine(urls.owner)
        record.add_operation(owner, "grid", "Gridland", exercise=True, today=gridland.TODAY)
        owner.dispose()
        engine = db.engine(urls.app)
        bring = bringer(engine, db.Context("grid", member="tester"), tmp_path)
        for kind, content, name in gridland.FILES:
            assert bring(kind, content, name, **({"source": "exercise"} if kind == "incidents" else {})).landed
        first, stop, answers, waits = made(urls), threading.Event(), [], []

        def reader(port: int, path: str) -> None:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/operations/grid", timeout=60) as client:
                while not stop.is_set():
                    found = client.get(path)
                    answers.append((found.status_code, path, found.text[:300] if found.status_code >= 500 else ""))
                    time.sleep(0.3)  # more, and the commands would mostly wait for one processor with them

        def watcher() -> None:
            with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as connection:
                while not stop.is_set():
                    row = connection.execute(WAITING).fetchone()
                    waits.append(row[0] if row else 0.0)
                    time.sleep(0.05)

        paths = (
            "/collections/overlaps/tiles/WebMercatorQuad/8/124/135", "/collections/incidents/items?f=json&limit=50",
            "/collections/areas_of_operation/items?f=json", "/imports",
        )  # fmt: skip
        with served(create_app(Settings(), engine)) as port:
            threads = [threading.Thread(target=reader, args=(port, path)) for path in paths]
            threads.append(threading.Thread(target=watcher))
            for thread in threads:
                thread.start()
            try:
                run = CliRunner()
                processes = [
                    subprocess.Popen(
                        [sys.executable, "-m", "geoapp.cli", *arguments],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"GEOAPP_HOME": str(home)},
                    )
                    for arguments in (
                        ["overlaps", "--json"], ["import", "sites", str(sites), "--json"], ["operation", "list"],
                        ["export", "sites", "-o", str(tmp_path / "real.csv")],
                    )
                ]  # fmt: skip
                for number in range(196):
                    which = number % 16
                    arguments = (
                        ["import", "sites", str(sites), "--json"] if which == 0
                        else ["export", "overlaps", "-o", str(tmp_path / "in.geojson")] if which in (1, 5)
                        else ["operation", "list"] if which == 2 else ["overlaps", "--json"]
                    )  # fmt: skip
                    done = run.invoke(commands, arguments)
                    assert done.exit_code == 0, (arguments, done.output, done.exception)
                for process in processes:
                    said, complaint = process.communicate(timeout=300)
                    assert process.returncode == 0, (process.args, said, complaint)
                    assert "Traceback" not in complaint
                assert {status for status, _, _ in answers} == {200}, [a for a in answers if a[0] != 200][:3]
                assert made(urls) == first
                assert len(answers) > 100
                assert len(waits) > 20 and max(waits) < 1.0
                quiet = len(answers)
                outdate(urls)
                assert run.invoke(commands, ["overlaps", "--json"]).exit_code == 0
                assert made(urls) != first
                time.sleep(1.0)
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
        engine.dispose()
        assert {status for status, _, _ in answers[quiet:]} <= {200, 503}, [a for a in answers if a[0] == 500][:3]
        assert answers[-1][0] == 200
        assert statistics.median(waits) == 0.0
    shutil.rmtree(home, ignore_errors=True)
