"""Long work: what waits, what is under way, what came of it; and stopping it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from geoapp import jobs
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, base, engine, json_bytes, reading
from geoapp.api.rejected import SENDS, Suffix, rejected_file
from geoapp.db import transaction
from geoapp.scope import Scope

router = APIRouter(prefix="/operations/{operation}/jobs", tags=["Jobs"])
Number = Annotated[int, Path(ge=1, lt=2**63)]


def address(request: Request, scope: Scope, job: int) -> str:
    """Where a job is told about, in the room that asked for it."""
    return f"{base(request)}/operations/{scope.operation}/jobs/{job}?audience={scope.audience}"


def _told(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    sent = {"Cache-Control": "no-store"} | (headers or {})
    return Response(json_bytes(body), status, media_type="application/json", headers=sent)


def accepted(request: Request, scope: Scope, job: jobs.Job) -> Response:
    """202: the work is asked for, and this is where to ask about it."""
    return _told(job.as_dict(), 202, {"Location": address(request, scope, job.id)})


@router.get("", summary="This room's jobs, newest first", responses=sends(list[answers.Job]))
def list_jobs(request: Request, scope: ReadScope) -> Response:
    with reading(request, scope) as connection:
        return _told([job.as_dict() for job in jobs.listed(connection)])


@router.get("/{job}", summary="How far a job is, or how it ended", responses=sends(answers.Job))
def get_job(request: Request, scope: ReadScope, job: Number) -> Response:
    with reading(request, scope) as connection:
        return _told(jobs.find(connection, job).as_dict())


@router.delete(
    "/{job}", summary="Stop a job; nothing of it is kept", status_code=202, responses=sends(answers.Job, status=202)
)
def stop_job(request: Request, scope: ReadScope, job: Number) -> Response:
    with transaction(engine(request), scope.context()) as connection:
        return _told(jobs.stop(connection, job).as_dict(), 202)


@router.get(
    "/{job}/rejected.{suffix}",
    summary="The rows that did not land of a file, or would not of a check",
    responses=SENDS,
)
def rejected_of_job(request: Request, scope: ReadScope, job: Number, suffix: Suffix) -> Response:
    """As with a batch; of a file that was refused these are all its rows."""
    with reading(request, scope) as connection:
        found = jobs.find(connection, job)
        return rejected_file(connection, suffix, job=found.id)
