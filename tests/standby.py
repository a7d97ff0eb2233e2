"""A private cluster of its own with the application on it, a streaming replica beside it, and people who read and write."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx2
import uvicorn
from pydantic import SecretStr
from sqlalchemy import create_engine

from geoapp import db, host, record, upgrade
from geoapp.app import create_app
from geoapp.cluster import Cluster
from geoapp.settings import Settings


@contextmanager
def primary() -> Iterator[Cluster]:
    """A durable cluster with an operation."""
    home = Path(mkdtemp(prefix="geoapp-standby-"))
    home.chmod(0o755)
    cluster = Cluster(home)
    cluster.start()
    try:
        upgrade.migrate(cluster.urls().owner)
        upgrade.register(cluster.urls().owner, cluster.urls().app)
        owner = create_engine(cluster.urls().owner)
        record.add_operation(owner, "grid", "Gridland")
        owner.dispose()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class Replica:
    """A hot standby that `pg_basebackup` made of a cluster."""

    cluster: Cluster
    port: int = field(default_factory=host.free_port)

    @property
    def data(self) -> Path:
        return self.cluster.folder / "standby" / "data"

    @property
    def url(self) -> str:
        return self.cluster.urls().app.split("?")[0].replace("@/", f"@127.0.0.1:{self.port}/")

    def make(self) -> None:
        self.cluster._own(self.data.parent)
        url = self.cluster.urls("postgres").owner.replace("+psycopg", "")
        self.cluster._run(
            self.cluster.tools.folder / "pg_basebackup", "-d", url, "-D", self.data, "-R", "-X", "stream", "-c", "fast"
        )
        written = "".join(
            line for line in (self.cluster.folder / "postgresql.conf").read_text().splitlines(keepends=True)
            if not line.startswith(("port", "listen_addresses", "unix_socket_directories", "logging_collector"))
        )  # fmt: skip
        self.cluster._write(
            "replica.conf",
            f"{written}port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nhot_standby_feedback = on\n",
            0o644,
        )

    def start(self) -> None:
        conf = f"-c config_file={self.cluster.folder / 'replica.conf'}"
        self.cluster._run(
            self.cluster.tools.folder / "pg_ctl",
            "start",
            "-w",
            "-s",
            "-D",
            self.data,
            "-l",
            self.data.parent / "start.log",
            "-o",
            conf,
        )

    def kill(self) -> None:
        kill(self.data)


def kill(data: Path) -> None:
    """End a server and all its sessions at once, as a power cut would."""
    import os
    import signal

    for process in [p for p in host.processes() if host.works_in(p, data)]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while any(host.works_in(p, data) for p in host.processes()):
        time.sleep(0.05)


@contextmanager
def served(cluster: Cluster, *replicas: Replica) -> Iterator[str]:
    """The application on a free port; its address."""
    settings = Settings(read_urls=SecretStr(" ".join(r.url for r in replicas)) if replicas else None)
    app = create_app(settings, db.engine(cluster.urls().app))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


HAZARDS = "/operations/grid/collections/hazards/items"
TILE = "/operations/grid/collections/hazards/tiles/WebMercatorQuad/6/31/33"


@dataclass
class People:
    """Readers and writers who go on until they are told to stop, and what they were answered."""

    address: str
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    wrong: list[Any] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    last_good: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def busy(self, readers: int, writers: int) -> Iterator[None]:
        threads = [threading.Thread(target=self._read) for _ in range(readers)]
        threads += [threading.Thread(target=self._write, args=(n,)) for n in range(writers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()

    def _answered(self, answer: httpx2.Response) -> None:
        with self._lock:
            self.statuses[answer.status_code] += 1
            if answer.status_code == 200:
                self.last_good = time.monotonic()
            elif answer.status_code == 503 and "retry-after" not in answer.headers:
                self.wrong.append("503 without Retry-After")
            elif answer.status_code not in (201, 503):
                self.wrong.append((answer.status_code, answer.text[:300]))

    def _read(self) -> None:
        with httpx2.Client(base_url=self.address, timeout=60) as client:
            while not self.ending.is_set():
                for path in (f"{HAZARDS}?limit=1", TILE):
                    self._answered(client.get(path))
                time.sleep(0.02)

    def _write(self, number: int) -> None:
        """Write, and read what was written at once: the list has all of one's own."""
        mine: set[str] = set()
        with httpx2.Client(base_url=self.address, timeout=60) as client:
            while not self.ending.is_set():
                name = f"zone {number} {len(mine)} {time.monotonic_ns()}"
                sent = client.post(HAZARDS, json=hazard(name))
                self._answered(sent)
                if sent.status_code == 201:
                    mine.add(name)
                    self.acknowledged.add(name)
                read = client.get(f"{HAZARDS}?limit=10000")
                self._answered(read)
                if read.status_code == 200:
                    there = {f["properties"]["name"] for f in read.json()["features"]}
                    if mine - there:
                        self.wrong.append(("not there", len(mine - there)))
                time.sleep(0.05)


def hazard(name: str) -> dict[str, Any]:
    ring = [[10, 5], [10.1, 5], [10.1, 5.1], [10, 5.1], [10, 5]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"name": name, "hazard_type": "SHA", "handling": "GREEN"}}  # fmt: skip


def names(address: str) -> set[str]:
    with httpx2.Client(base_url=address, timeout=60) as client:
        return {f["properties"]["name"] for f in client.get(f"{HAZARDS}?limit=10000").json()["features"]}
