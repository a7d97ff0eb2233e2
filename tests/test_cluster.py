"""The private database comes up whatever happened before, shared by processes, never as root."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from geoapp import host
from geoapp.cluster import Cluster
from geoapp.errors import SetupError


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    made = Path(mkdtemp(prefix="geoapp-cluster-"))
    made.chmod(0o755)
    with Cluster(made, durable=False).running():
        pass
    yield made
    Cluster(made, durable=False).stop()


def process(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def answers(url: str) -> bool:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_it_stops_with_the_last_who_uses_it(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    with cluster.running() as urls:
        with Cluster(home, durable=False).running():
            pass
        assert cluster.is_running()
        assert answers(urls.app)
    assert not cluster.is_running()


def test_a_killed_server_starts_again(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    cluster.start()
    dead = process(cluster)
    os.kill(dead, signal.SIGKILL)
    while cluster.is_running():
        time.sleep(0.02)
    with cluster.running() as urls:
        assert process(cluster) != dead
        assert answers(urls.owner)


def test_a_lock_file_that_names_another_process_is_stale(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    lock = cluster.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n{cluster.socket}\n\n")
    assert not cluster.is_running()
    with cluster.running() as urls:
        assert answers(urls.app)


def test_the_server_is_not_root_and_its_logins_are_closed(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    with cluster.running() as urls:
        assert Path(f"/proc/{process(cluster)}").stat().st_uid != 0
        assert cluster.socket.stat().st_mode & 0o077 == 0
        assert all(p.stat().st_mode & 0o077 == 0 for p in cluster.folder.glob("*.password"))
        with psycopg.connect(urls.app.replace("+psycopg", "")) as connection:
            rights = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert rights.fetchone() == (False, False)
        wrong = urls.owner.replace("+psycopg", "").replace("geoapp_owner:", "geoapp_owner:x")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    assert len(os.fsencode(Cluster(deep).socket)) < 90


def test_a_missing_version_says_what_to_type() -> None:
    with pytest.raises(SetupError, match="PostgreSQL 999") as error:
        host.find_tools(999)
    assert "apt-get install postgresql-999-postgis-3" in (error.value.hint or "")


def test_a_data_folder_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SetupError, match="cannot be used") as error, Cluster(tmp_path / "file" / "home").running():
        pass
    assert "GEOAPP_HOME" in (error.value.hint or "")
