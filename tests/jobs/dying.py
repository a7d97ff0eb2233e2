"""A worker that is killed at a step of an import: `python -m tests.jobs.dying URL STEP SECONDS`."""

import os
import signal
import sys
import threading

from geoapp.jobs import run, worker
from geoapp.settings import Settings

url, step, home = sys.argv[1:4]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(run.Running):
    def tell(self, said: str, done: int, of: int | None) -> None:
        super().tell(said, done, of)
        if said == step:
            die()

    def end(self, *arguments: object, **more: object) -> None:
        super().end(*arguments, **more)  # type: ignore[arg-type]
        if step == "ended":
            die()


def do(running: run.Running) -> None:
    if step == "received":
        die()
    landed(Dying(running.engine, running.context, running.job, running.leaving))
    if step == "committed":
        die()


landed = run.KINDS["import"]
run.KINDS = dict(run.KINDS) | {"import": do}  # type: ignore[assignment]
with worker.own_folder(Settings(home=home).home):
    worker.work(url, threading.Event(), lost_s=1.0)
