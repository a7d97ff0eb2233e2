"""With pgBouncer between in transaction mode, a few connections serve many rooms, and none is shown another's."""

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest
import uvicorn

from geoapp import db, host
from geoapp.app import create_app
from geoapp.cluster import Cluster, Urls
from geoapp.settings import Settings
from tests.standby import HAZARDS, People, names

PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"


@pytest.fixture
def pooled(cluster: Cluster, urls: Urls) -> Iterator[str]:
    """The application's login through a pgBouncer with three connections."""
    if not Path(PROGRAM).exists():
        pytest.skip("there is no pgbouncer on this machine")
    with bouncer(cluster, urls) as url:
        yield url


@contextmanager
def bouncer(cluster: Cluster, urls: Urls) -> Iterator[str]:
    folder, port = cluster.folder / "bouncer", host.free_port()
    cluster._own(folder)
    found = re.fullmatch(r"postgresql\+psycopg://([^:]+):([^@]+)@/([^?]+).*", urls.app)
    assert found
    login, password, database = found.groups()
    cluster._write("userlist.txt", f'"{login}" "{password}"\n', 0o644)
    cluster._write("bouncer.ini", f"""
[databases]
{database} = host={cluster.socket} port={cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {cluster.folder / "userlist.txt"}
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
""", 0o644)  # fmt: skip
    user, group = cluster.account or (None, None)
    process = subprocess.Popen(
        [PROGRAM, "-q", cluster.folder / "bouncer.ini"], user=user, group=group, extra_groups=[] if user else None,
        cwd=folder, env={**os.environ}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"postgresql+psycopg://{login}:{password}@127.0.0.1:{port}/{database}"
    try:
        for _ in range(100):
            try:
                psycopg.connect(url.replace("+psycopg", "")).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def test_many_rooms_share_three_connections(pooled: str) -> None:
    engine = db.engine(pooled, pooled=True)
    server = uvicorn.Server(
        uvicorn.Config(create_app(Settings(), engine, worker=False), host="127.0.0.1", port=0, log_level="critical")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        people = People(address)
        with people.busy(readers=6, writers=2), httpx2.Client(base_url=address, timeout=60) as public:
            until = time.monotonic() + 5
            while time.monotonic() < until or len(people.acknowledged) < 3:
                answer = public.get(f"{HAZARDS}?audience=public")
                assert answer.status_code in (200, 503)
                # what is written is for those who may see GREEN, in whatever connection it is asked for
                assert answer.status_code == 503 or answer.json()["features"] == []
        assert people.wrong == []
        assert people.acknowledged <= names(address)
    finally:
        server.should_exit = True
        thread.join()
