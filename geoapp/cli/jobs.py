"""Jobs: the worker that does them, what there is of them, and stopping one."""

import signal
import threading
from typing import Annotated

import typer

from geoapp.cli.app import Audience, Json, Operation, app, key_of, opened, out, show


@app.command()
def worker(
    at_once: Annotated[
        int | None, typer.Option("--at-once", min=1, max=32, help="How many jobs it does at once.")
    ] = None,
) -> None:
    """Do jobs, on this machine or another one that reaches the database; Ctrl-C ends it."""
    from geoapp.jobs.worker import own_folder, work
    from geoapp.observe import logs

    ending = threading.Event()
    with opened() as (settings, urls, _):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        logs.configure(settings.log, home=settings.home)
        with own_folder(settings.home):
            out().print("Waiting for jobs (Ctrl-C stops)")
            work(
                urls.direct or urls.app,
                ending,
                at_once=at_once or settings.jobs_at_once,
                lost_s=settings.job_lost_seconds,
            )


@app.command("jobs")
def list_jobs(
    operation: Operation = None,
    audience: Audience = "internal",
    stop: Annotated[int | None, typer.Option(help="Stop the job of this number.")] = None,
    json: Json = False,
) -> None:
    """The work that waits, is under way or is done, newest first."""
    from geoapp import jobs
    from geoapp.db import Context, transaction

    with opened() as (_, _, engine):
        context = Context(key_of(engine, operation), audience, "local")
        with transaction(engine, context) as connection:
            found = [jobs.stop(connection, stop)] if stop else jobs.listed(connection)
    if json:
        show([job.as_dict() for job in found])
        return
    for job in found:
        step = f", {job.step} {job.done:,}{f' of {job.of:,}' if job.of else ''}" if job.state == "running" else ""
        said = job.error["detail"] if job.error else ""
        words = " ".join(str(job.asked[k]) for k in ("kind", "file_name") if k in job.asked)
        out().print(
            f"{job.id:>6}  {job.asked_at:%Y-%m-%d %H:%M}  {job.kind} {words}: {job.state}{step} {said}".rstrip(),
            markup=False,
        )
