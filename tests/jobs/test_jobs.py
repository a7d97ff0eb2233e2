"""Long work is done once, whoever dies meanwhile: a job ends done or failed, and asking again changes nothing."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from starlette.testclient import TestClient

from geoapp import db, jobs
from geoapp.app import create_app
from geoapp.cluster import Urls
from geoapp.errors import Conflict, Forbidden, Unavailable
from geoapp.jobs import queue
from geoapp.jobs.run import run
from geoapp.jobs.worker import own_folder, work
from geoapp.settings import Settings

HERE = "/operations/grid"
ASKED = {"kind": "areas", "source": None, "file_name": "a.geojson", "options": {}, "suffix": ".geojson", "as_of": None}
STEPS = ("received", "reading", "landing", "overlaps", "finishing", "ended", "committed")


def area(actor: str = "Newcomers") -> str:
    ring = [[10, 5], [10.1, 5], [10.1, 5.1], [10, 5]]
    return json.dumps({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
                       "properties": {"actor": actor, "domain": "military"}})  # fmt: skip


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


def send(client: TestClient, content: str = "", **headers: str) -> Any:
    return client.post(
        f"{HERE}/imports", data={"kind": "areas"}, files={"file": ("a.geojson", content or area())}, headers=headers
    )


def asked(engine: Engine, context: db.Context, content: str | None = None) -> int:
    with db.transaction(engine, context) as connection:
        return jobs.put(connection, context, "import", ASKED, file=[(content or area()).encode()])


def state(engine: Engine, context: db.Context, job: int) -> jobs.Job:
    with db.transaction(engine, context) as connection:
        return jobs.find(connection, job)


def counted(engine: Engine, context: db.Context) -> tuple[int, ...]:
    """Areas, batches, pieces of files kept, rows of the queue."""
    with db.transaction(engine, context) as connection:
        return tuple(connection.execute(text("""
            SELECT (SELECT count(*) FROM facts.area), (SELECT count(*) FROM facts.batch),
                (SELECT count(*) FROM facts.job_file), (SELECT count(*) FROM queue.procrastinate_jobs WHERE status <> 'todo')
        """)).one())  # fmt: skip


def test_who_does_not_wait_is_told_where_to_ask(client: TestClient) -> None:
    sent = send(client, Prefer="respond-async")
    assert sent.status_code == 202
    place = sent.headers["location"].removeprefix("http://testserver")
    while (found := client.get(place).json())["ended_at"] is None:
        time.sleep(0.05)
    assert (found["state"], found["result"]["landed"], found["about"]) == (
        "done",
        True,
        {"kind": "areas", "file_name": "a.geojson"},
    )
    assert [job["id"] for job in client.get(f"{HERE}/jobs").json()] == [found["id"]]
    # another room that records is another room
    assert client.get(f"{HERE}/jobs?audience=hct").json() == []
    assert client.get(f"{HERE}/jobs/{found['id']}?audience=hct").status_code == 404
    late = client.delete(f"{HERE}/jobs/{found['id']}")
    assert (late.status_code, late.headers["content-type"]) == (409, "application/problem+json")


def test_the_same_key_gives_the_first_result(client: TestClient, engine: Engine, context: db.Context) -> None:
    key = {"Idempotency-Key": "0123456789abcdef-once"}
    first, again = send(client, **key), send(client, **key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["created"] == 1
    assert send(client, area("Others"), **key).status_code == 409
    assert counted(engine, context) == (1, 1, 0, 0)


def test_what_waits_is_stopped_before_it_begins(engine: Engine, context: db.Context, urls: Urls) -> None:
    job = asked(engine, context)
    with db.transaction(engine, context) as connection:
        assert jobs.stop(connection, job).state == "stopped"
    with db.transaction(engine, context) as connection, pytest.raises(Conflict):
        jobs.stop(connection, job)
    until(urls, lambda: counted(engine, context)[3] == 0 and not waiting(engine, context))
    assert counted(engine, context)[:2] == (0, 0)


def waiting(engine: Engine, context: db.Context) -> int:
    with db.transaction(engine, context) as connection:
        return int(connection.execute(text("SELECT count(*) FROM queue.procrastinate_jobs")).scalar_one())


def until(urls: Urls, done: Callable[[], bool]) -> None:
    """A worker at work until something is so."""
    ending = threading.Event()
    thread = threading.Thread(target=work, args=(urls.app, ending), kwargs={"lost_s": 1.0})
    thread.start()
    try:
        end = time.monotonic() + 120
        while not done():
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        ending.set()
        thread.join()


def dies(urls: Urls, step: str, home: Path) -> None:
    """A worker process that is killed at this step."""
    code = subprocess.run(
        [sys.executable, "-m", "tests.jobs.dying", urls.app, step, str(home)], timeout=180, check=False
    )
    assert code.returncode == -9


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_worker_leaves_nothing_half(
    engine: Engine, context: db.Context, urls: Urls, tmp_path: Path, step: str
) -> None:
    job = asked(engine, context)
    dies(urls, step, tmp_path)
    left = list((tmp_path / "work").iterdir())
    until(urls, lambda: state(engine, context, job).ended_at is not None and counted(engine, context)[3] == 0)
    found = state(engine, context, job)
    assert found.state == "done"
    assert found.result is not None
    assert (found.result["created"], found.attempt) == (1, 1 if step == "committed" else 2)
    assert counted(engine, context) == (1, 1, 0, 0)
    # what it left on the disk goes when the next one begins
    assert left
    with own_folder(tmp_path):
        assert left[0] not in list((tmp_path / "work").iterdir())


def test_work_that_kills_every_worker_is_given_up(
    engine: Engine, context: db.Context, urls: Urls, tmp_path: Path
) -> None:
    job = asked(engine, context)
    dies(urls, "reading", tmp_path)
    dies(urls, "reading", tmp_path)
    until(urls, lambda: state(engine, context, job).ended_at is not None)
    found = state(engine, context, job)
    assert found.state == "failed"
    assert found.error is not None
    assert "nothing of it was kept" in found.error["detail"]
    assert counted(engine, context)[:3] == (0, 0, 0)


def test_a_worker_that_ends_gives_its_work_back(engine: Engine, context: db.Context, urls: Urls) -> None:
    rows = "\n".join(["event_id_cnty,event_date,event_type,sub_event_type,latitude,longitude,geo_precision,time_precision",
                      *(f"X{i},2026-01-01,Riots,Mob violence,5.{i:06},10.2,1,1" for i in range(60_000))])  # fmt: skip
    with db.transaction(engine, context) as connection:
        many = ASKED | {"kind": "incidents", "source": "exercise", "file_name": "a.csv", "suffix": ".csv"}
        job = jobs.put(connection, context, "import", many, file=[rows.encode()])
    until(urls, lambda: state(engine, context, job).step is not None)
    found = state(engine, context, job)
    if found.ended_at is None:
        assert (found.state, found.attempt) == ("waiting", 0)
        until(urls, lambda: state(engine, context, job).ended_at is not None)
        found = state(engine, context, job)
    assert (found.state, found.attempt) == ("done", 1)


def test_stopped_jobs_leave_no_litter(engine: Engine, context: db.Context, tmp_path: Path) -> None:
    for number in range(200):  # what workers that were killed leave behind
        left = tmp_path / "work" / f"{number}-left"
        left.mkdir(parents=True)
        (left / "lock").touch()
        (left / "pack.zip").write_bytes(b"x")
    with own_folder(tmp_path):
        assert len(list((tmp_path / "work").iterdir())) == 1
    assert not list((tmp_path / "work").iterdir())
    with db.transaction(engine, context) as connection:
        for _ in range(10):
            job = jobs.put(connection, context, "pack", {"pack": "hct"}, file=[b"half"])
            jobs.stop(connection, job)
        assert jobs.last_pack(connection, "hct") is None
        stopped = [job.id for job in jobs.packs(connection)]
    for number in stopped:
        run(engine, "grid", "internal", number, threading.Event())
    with db.transaction(engine, context) as connection:
        assert {job.state for job in jobs.packs(connection)} == {"stopped"}
        assert connection.execute(text("SELECT count(*) FROM facts.job_file")).scalar_one() == 0


def test_a_room_that_reads_asks_for_no_work(engine: Engine) -> None:
    with pytest.raises(Forbidden):
        asked(engine, db.Context("grid", audience="public"))


def test_an_old_queue_is_brought_to_the_installed_one(urls: Urls) -> None:
    owner = create_engine(urls.owner)
    names = list(queue.revisions())
    with owner.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA queue CASCADE; CREATE SCHEMA queue")
        for name in names[:-4]:
            connection.exec_driver_sql("SET LOCAL search_path = queue")
            connection.exec_driver_sql(queue.revisions()[name].replace("%", "%%"))
            connection.commit()
        connection.exec_driver_sql(f"COMMENT ON SCHEMA queue IS '{names[-5]}'")
        queue.bring(connection)
        assert connection.execute(text("SELECT obj_description('queue'::regnamespace)")).scalar() == names[-1]
        assert connection.execute(text("SELECT to_regprocedure('queue.procrastinate_retry_job_v2(bigint, timestamptz, integer, varchar, varchar)')")).scalar()  # fmt: skip
    owner.dispose()


def test_an_import_goes_on_when_nobody_waits(address: str, engine: Engine, context: db.Context) -> None:
    host, _, path = address.removeprefix("http://").partition("/")
    edge = "----edge"
    parts = (("kind", "", "areas"), ("file", '; filename="a.geojson"', area()))
    body = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{n}"{f}\r\n\r\n{v}\r\n' for n, f, v in parts)
    asking = HTTPConnection(host, timeout=60)
    asking.request(
        "POST", f"/{path}/imports", f"{body}--{edge}--\r\n", {"Content-Type": f"multipart/form-data; boundary={edge}"}
    )
    until_so(lambda: bool(listed(engine, context)))
    asking.close()
    until_so(lambda: listed(engine, context)[-1].ended_at is not None)
    assert listed(engine, context)[-1].state == "done"


def test_an_end_that_nobody_heard_of_is_not_called_nothing(engine: Engine, context: db.Context, urls: Urls) -> None:
    owner = create_engine(urls.owner)
    for late, words in ((False, "Nothing was changed"), (True, "may have been kept")):
        with pytest.raises(Unavailable) as found, db.transaction(engine, context) as connection:
            session = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with owner.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:session, 5000)"), {"session": session})
            if not late:
                connection.execute(text("SELECT 1"))
        assert words in found.value.hint
    owner.dispose()


def listed(engine: Engine, context: db.Context) -> list[jobs.Job]:
    with db.transaction(engine, context) as connection:
        return jobs.listed(connection)


def until_so(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not so():
        assert time.monotonic() < end
        time.sleep(0.02)
