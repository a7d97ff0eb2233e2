"""Several processes answer as one: any may be killed, a new one takes its place, and all end together."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import create_engine

from geoapp import host, record, upgrade
from geoapp.cluster import Cluster


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[subprocess.Popen, str, Cluster]]:
    """`geoapp serve --workers 2` with an operation in it."""
    home = Path(mkdtemp(prefix="geoapp-serving-"))
    home.chmod(0o755)
    cluster = Cluster(home, durable=False)
    with cluster.running() as urls:
        upgrade.migrate(urls.owner)
        upgrade.register(urls.owner, urls.app)
        owner = create_engine(urls.owner)
        record.add_operation(owner, "grid", "Gridland")
        owner.dispose()
        port, log = host.free_port(), (home / "log.txt").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "geoapp.cli", "serve", "--workers", "2", "--port", str(port)],
            env={**os.environ, "GEOAPP_HOME": str(home), "GEOAPP_LOG": "json", "GEOAPP_JOB_LOST_SECONDS": "1.5"},
            stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        try:
            until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[0] in (200, 503), 120)
            until(lambda: len(children(process)) == 3, 60)
            yield process, f"http://127.0.0.1:{port}", cluster
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            assert process.stdout
            process.stdout.close()
            log.close()


def ask(url: str, data: bytes | None = None, **headers: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def children(process: subprocess.Popen) -> list[int]:
    """The processes that the parent has begun, oldest first."""
    return [int(p) for p in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def upload(url: str, kind: str, content: str) -> tuple[int, Any]:
    edge = "----edge"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n--{edge}\r\n'
        f'Content-Disposition: form-data; name="file"; filename="a.geojson"\r\n\r\n{content}\r\n--{edge}--\r\n'
    )
    return ask(
        f"{url}/operations/grid/imports", body.encode(), **{"Content-Type": f"multipart/form-data; boundary={edge}"}
    )


def test_any_process_may_be_killed(served: tuple[subprocess.Popen, str, Cluster]) -> None:
    process, url, _ = served
    for place in range(3):
        dead = children(process)[0]
        os.kill(dead, signal.SIGKILL)
        assert any(ask(f"{url}/healthz")[0] == 200 for _ in range(3)), place
        until(lambda: len(children(process)) == 3 and dead not in children(process))
    ring = [[10, 5], [10.1, 5], [10.1, 5.1], [10, 5]]
    area = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"actor": "Newcomers", "domain": "military"}}  # fmt: skip
    status, report = upload(url, "areas", json.dumps(area))
    assert (status, json.loads(report)["created"]) == (201, 1)


def test_processes_count_together(served: tuple[subprocess.Popen, str, Cluster]) -> None:
    _, url, _ = served
    line = 'geoapp_requests_total{route="/operations",status="200"}'

    def counted() -> float:
        found = [row for row in ask(f"{url}/metrics")[1].decode().splitlines() if row.startswith(line)]
        return float(found[0].split()[-1]) if found else 0.0

    before = counted()
    for _ in range(20):
        assert ask(f"{url}/operations")[0] == 200
    # a request is counted when its answer is on its way, so the last one may be a moment late; no more than 20 ever stand there
    until(lambda: {counted() for _ in range(6)} == {before + 20})


def test_all_end_with_the_parent(served: tuple[subprocess.Popen, str, Cluster]) -> None:
    process, url, cluster = served
    mine = children(process)
    process.kill()
    process.wait(30)
    until(lambda: not any(alive(p) for p in mine))
    assert ask(f"{url}/healthz")[0] == 0
    assert cluster.is_running()  # this test uses it still


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
