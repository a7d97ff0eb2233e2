"""Who answers? A parent that holds the listening socket, as many server processes as there are cores, and one for jobs.

Any of them may answer anything; one that dies is begun again. They end when the parent says so or is gone: each reads a
pipe that only the parent holds open. Run as `python -m geoapp.serving` this module is such a child.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from geoapp.errors import BadRequest, SetupError

if TYPE_CHECKING:
    from geoapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SIZE = 20
"""Connections of a serving process for what threads answer. All of them are kept: a session that is new to the database reads
its catalogue, its policies and functions before it answers, which takes longer than most answers."""
GRACE_S = 12.0
"""How long children may take to finish what they are at."""
QUICK_S, QUICK_DEATHS = 3.0, 5
"""So many deaths in a row, each sooner after its birth than this, and the parent gives up."""


class _Child:
    """One process that serves (`web`) or does jobs (`jobs`), begun again whenever it dies."""

    def __init__(self, role: str, told: dict[str, Any], listening: int) -> None:
        self.role, self._told, self._listening = role, told, listening
        self._quick = 0
        self._begin()

    def _begin(self) -> None:
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "geoapp.serving"], stdin=subprocess.PIPE, pass_fds=(self._listening,),
            start_new_session=True, cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(orjson.dumps(self._told | {"role": self.role, "listening": self._listening}) + b"\n")
        self.process.stdin.flush()

    def tend(self) -> None:
        """Begin it again when it has died. Raises SetupError when it dies each time at once."""
        if self.process.poll() is None:
            return
        quick = time.monotonic() - self._began < QUICK_S
        self._quick = self._quick + 1 if quick else 0
        if self._quick >= QUICK_DEATHS:
            raise SetupError(
                f"A process that serves ({self.role}) ends at once, with {self.process.returncode}.",
                hint="What it said is above; `geoapp doctor` looks further.",
            )
        if self.process.stdin is not None:
            self.process.stdin.close()
        self._begin()

    def end(self, until: float) -> None:
        """Wait until it has ended, or end it."""
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises BadRequest when something does already."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise BadRequest(f"Port {port} is in use.", hint=f"Try --port {port + 1}.") from error


def serve(settings: "Settings", app_url: str, direct_url: str, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, with `settings.workers` processes (one a core unless said) and one for jobs."""
    ending = threading.Event()
    before = {number: signal.signal(number, lambda *_: ending.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _counters(settings.home) as counters:
            told = {
                "settings": _plain(settings),
                "app_url": app_url,
                "direct_url": direct_url,
                "read_urls": " ".join(settings.replicas()),
                "counters": counters,
            }
            number = settings.workers or os.cpu_count() or 1
            children = [_Child(role, told, listening.fileno()) for role in ["web"] * number + ["jobs"]]
            try:
                while not ending.wait(0.2):
                    for child in children:
                        child.tend()
            finally:
                for child in children:
                    child.process.terminate()
                until = time.monotonic() + GRACE_S
                for child in children:
                    child.end(until)
    finally:
        listening.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _plain(settings: "Settings") -> dict[str, Any]:
    """The settings as they were decided here; the logins go beside them."""
    return settings.model_dump(mode="json", exclude={"database_url", "migrate_url", "direct_url", "read_urls"})


@contextmanager
def _counters(home: Path) -> Iterator[str]:
    """The folder in which the children count together."""
    home.mkdir(parents=True, exist_ok=True)
    made = tempfile.mkdtemp(prefix="counters-", dir=home)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def main() -> None:
    """A child: read what to do from the pipe, do it until told to end or the pipe is closed."""
    told = orjson.loads(sys.stdin.buffer.readline())
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = told["counters"]
    from geoapp.observe import logs
    from geoapp.settings import Settings

    settings = Settings(**told["settings"], read_urls=told["read_urls"] or None)
    logs.configure(settings.log, home=settings.home)
    (_web if told["role"] == "web" else _jobs)(settings, told)


def _when_orphaned(end: Any) -> None:
    """Call this when the parent is gone."""

    def watch() -> None:
        while os.read(0, 1024):  # not through a buffer, which a thread may not hold when the interpreter ends
            continue
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _web(settings: "Settings", told: dict[str, Any]) -> None:
    import uvicorn

    from geoapp import db
    from geoapp.app import create_app, warm

    pooled = told["app_url"] != told["direct_url"]
    alone = settings.auth == "none"
    made = db.engine(told["app_url"], pool_size=SIZE, overflow=0, pooled=pooled, serves=alone)
    app = create_app(settings, made, worker=False)
    warm()
    server = uvicorn.Server(uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5, proxy_headers=False,
    ))  # fmt: skip
    _when_orphaned(lambda: setattr(server, "should_exit", True))
    server.run(sockets=[socket.socket(fileno=told["listening"])])


def _jobs(settings: "Settings", told: dict[str, Any]) -> None:
    from geoapp.jobs.worker import own_folder, work

    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    _when_orphaned(ending.set)
    with own_folder(settings.home):
        work(told["direct_url"], ending, at_once=settings.jobs_at_once, lost_s=settings.job_lost_seconds)


if __name__ == "__main__":
    main()
