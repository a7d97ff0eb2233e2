"""A worker: takes jobs out of the queue as they come, several at once, until it is told to end.

It lives in a process (`geoapp worker`, or beside the servers of `geoapp serve`) or in a thread of a process that has
nothing else. It needs a connection of its own, not one through a pooler: it listens.
"""

import asyncio
import fcntl
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy import Engine

from geoapp import db
from geoapp.errors import Unavailable
from geoapp.jobs import queue
from geoapp.jobs.run import recover, run

LOST_S = 15.0
"""A worker that has not been heard of for so long is given up."""
GRACE_S = 8.0
"""How long a worker that ends waits for its jobs to notice."""

_log = logging.getLogger("geoapp.jobs")


def work(url: str, ending: threading.Event, *, at_once: int = 2, lost_s: float = LOST_S) -> None:
    """Do jobs until `ending` is set; jobs that are not done by then go back to the queue as they were.

    `url` is the application's login, as SQLAlchemy writes it. A database that goes away is waited for.
    """
    engine = db.engine(url, pool_size=2 * at_once + 1)
    try:
        while not ending.is_set():
            try:
                asyncio.run(_work(url, engine, ending, at_once, lost_s))
            except (ConnectorException, OperationalError, PoolTimeout, Unavailable) as error:
                _log.warning("the queue does not answer: %s", type(error).__name__)
            ending.wait(1)
    finally:
        engine.dispose()


async def _work(url: str, engine: Engine, ending: threading.Event, at_once: int, lost_s: float) -> None:
    connector = PsycopgConnector(
        conninfo=url.replace("+psycopg", "", 1), min_size=1, max_size=4, timeout=10,
        kwargs={"options": f"-c search_path={queue.SCHEMA}", "connect_timeout": 5},
    )  # fmt: skip
    app = App(connector=connector)

    @app.task(name=queue.TASK, queue=queue.NAME)
    async def task(operation: str, audience: str, job: int) -> None:
        await asyncio.to_thread(run, engine, operation, audience, job, ending)

    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=at_once, install_signal_handlers=False, delete_jobs="successful",
                update_heartbeat_interval=min(queue.HEARTBEAT_S, lost_s / 3), stalled_worker_timeout=lost_s,
                shutdown_graceful_timeout=GRACE_S,
            )
        )  # fmt: skip
        try:
            while not worker.done():
                if ending.is_set():
                    worker.cancel()
                    break
                await asyncio.to_thread(recover, engine, lost_s)
                await asyncio.wait(
                    [worker, asyncio.create_task(_until(ending, lost_s / 3))], return_when="FIRST_COMPLETED"
                )
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker


async def _until(ending: threading.Event, seconds: float) -> None:
    """Wait for so long, or until the worker is told to end."""
    for _ in range(max(1, int(seconds / 0.1))):
        if ending.is_set():
            return
        await asyncio.sleep(0.1)


class WorkerThread:
    """A worker in this process, begun when there is something to do."""

    def __init__(self, url: str) -> None:
        self._url, self._lock, self._ending = url, threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin, unless it has."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=work, args=(self._url, self._ending), name="jobs", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """End it, and wait until it has."""
        with self._lock:
            self._ending.set()
            if self._thread is not None:
                self._thread.join()


@contextmanager
def own_folder(home: Path) -> Iterator[None]:
    """A closed folder for this process's temporary files, gone with it; what killed workers left behind goes first."""
    above = home / "work"
    above.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in above.iterdir():
        with suppress(FileNotFoundError), (left / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=above))
    before = tempfile.tempdir
    with (made / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tempfile.tempdir = str(made)
        try:
            yield
        finally:
            tempfile.tempdir = before
            shutil.rmtree(made, ignore_errors=True)
