"""Files come in: one upload, one Report; batches listed and withdrawn as a whole."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, File, Form, Header, Path, Query, Request, Response, UploadFile
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from geoapp import ingest, jobs
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, answer, engine, json_bytes, reading
from geoapp.api.jobs import accepted
from geoapp.api.rejected import SENDS, Suffix, rejected_file
from geoapp.batches import landed_batches
from geoapp.db import transaction
from geoapp.errors import BadRequest, Conflict, NotFound, TooLarge
from geoapp.ingest.templates import FITTING
from geoapp.scope import Scope

router = APIRouter(prefix="/operations/{operation}/imports", tags=["Imports"])
MAX_UPLOAD = 50 * 1024 * 1024
RUN = "^[0-9a-zA-Z-]{16,64}$"


@router.post(
    "",
    summary="Import a file",
    status_code=201,
    responses=sends(answers.Report)
    | sends(answers.Report, status=201)
    | sends(answers.Job, status=202)
    | sends(answers.Report, status=422),
)
async def post_import(
    request: Request,
    scope: ReadScope,
    file: Annotated[UploadFile, File(description=f"The file, at most {MAX_UPLOAD // 2**20} MB")],
    kind: Annotated[
        str | None,
        Form(description=f"One of {', '.join(ingest.KINDS)}; a check without it takes the surest", max_length=40),
    ] = None,
    source: Annotated[
        str | None, Form(description="What to call the source, instead of the recognised one", max_length=80)
    ] = None,
    columns: Annotated[
        str | None,
        Form(description='Which column is which, as JSON: {"date": "Date of event"}; "" is none', max_length=20_000),
    ] = None,
    matches: Annotated[
        str | None,
        Form(description='Which unit a place is, as JSON: {"Bagrimi": "TD0801"}', max_length=200_000),
    ] = None,
    sheet: Annotated[str | None, Form(description="Which sheet of a workbook that has several", max_length=200)] = None,
    moved: Annotated[
        bool, Form(description="Rows whose place and content have changed at once are still the same things")
    ] = False,
    template: Annotated[
        str | None,
        Form(
            description="The template that says kind, source, sheet and columns; `*` is the newest that fits, if any does",
            max_length=80,
        ),
    ] = None,
    check: Annotated[bool, Query(description="Only say what would land: nothing does")] = False,
    run: Annotated[
        str | None, Form(description="A random word of your own, under which its progress can be asked", pattern=RUN)
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A random word of your own: sent again with it, the file is not imported again", pattern=RUN
        ),
    ] = None,
    prefer: Annotated[
        str | None, Header(description="`respond-async` does not wait for the end", max_length=80)
    ] = None,
) -> Response:
    """201 with the Report when it landed, 422 with the Report when it did not; 202 with the job when asked not to wait.

    The import is a job: it goes on when nobody waits any more. A check does all that landing does and undoes it: 200 with
    what would land, and `POST …/imports/checks/{job}/land` lands the same file within an hour.
    """
    kind = kind or None
    template = template or None
    if not (kind in ingest.KINDS or (kind is None and (check or (template and template != FITTING)))):
        raise BadRequest(f"There is no import kind {kind!r}.", hint=f"One of: {', '.join(ingest.KINDS)}.")
    name = FilePath(file.filename or "upload").name[:200] or "upload"
    suffix = "".join(FilePath(name).suffixes[-2:])[-20:]
    asked = {
        "kind": kind, "source": source or None, "file_name": name,
        "options": _said("columns", columns, _COLUMNS) | _said("matches", matches, _MATCHES) | ({"sheet": sheet} if sheet else {})
        | ({"moved": True} if moved else {}) | ({"template": template} if template else {}),
        "suffix": suffix if suffix.replace(".", "").isalnum() else "",
        "as_of": scope.as_of.isoformat() if scope.as_of else None,
    } | ({"check": True} if check else {})  # fmt: skip
    job = await asyncio.to_thread(_ask, request, scope, asked, file.file, idempotency_key, run)
    return await _told(request, scope, job, prefer)


@router.post(
    "/checks/{job}/land",
    summary="Land what a check looked at",
    status_code=201,
    responses=sends(answers.Report, status=201) | sends(answers.Job, status=202) | sends(answers.Report, status=422),
)
async def land(
    request: Request,
    scope: ReadScope,
    job: Annotated[int, Path(description="The check's job", ge=1, lt=2**63)],
    prefer: Annotated[
        str | None, Header(description="`respond-async` does not wait for the end", max_length=80)
    ] = None,
) -> Response:
    """Lands the file of a check as it was checked, if nothing that the check rested on has changed since; else 409 says what
    has. Asked twice, it lands once."""

    def ask() -> int:
        with transaction(engine(request), scope.context()) as connection:
            return jobs.land_checked(connection, scope.context(), job)

    return await _told(request, scope, await asyncio.to_thread(ask), prefer)


@router.delete("/checks/{job}", summary="Drop a check and its file", status_code=204)
def drop(
    request: Request, scope: ReadScope, job: Annotated[int, Path(description="The check's job", ge=1, lt=2**63)]
) -> Response:
    with transaction(engine(request), scope.context()) as connection:
        jobs.find(connection, job)
        jobs.forget(connection, job, after=0)
    return Response(status_code=204)


async def _told(request: Request, scope: Scope, job: int, prefer: str | None) -> Response:
    """How the job ended, or (for those who do not wait) where to ask about it."""
    if worker := request.app.state.worker:
        worker.begin()
    if "respond-async" in (prefer or ""):
        return await asyncio.to_thread(_accepted, request, scope, job)
    return _ended(await jobs.waited(engine(request), scope.context(), job))


def _ask(
    request: Request, scope: Scope, asked: dict[str, Any], file: BinaryIO, key: str | None, run: str | None
) -> int:
    """Put the import into the queue with its file; the job's number."""
    digest = hashlib.sha256(json_bytes(asked))
    for piece in _pieces(file):
        digest.update(piece)
        if file.tell() > MAX_UPLOAD:
            raise TooLarge(
                f"The file is larger than {MAX_UPLOAD // 2**20} MB.",
                hint="Use `geoapp import` at the server, or split it.",
            )
    with transaction(engine(request), scope.context()) as connection:
        if key is None and run is not None and (found := _under_way(connection, run)):
            raise Conflict(
                f"An import of that name is under way, as job {found.id}.", hint="Choose another random word."
            )
        return jobs.put(
            connection, scope.context(), "import", asked | {"run": run}, file=_pieces(file), key=key or run,
            digest=digest.hexdigest(),
        )  # fmt: skip


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(1 << 20):
        yield piece


def _accepted(request: Request, scope: Scope, job: int) -> Response:
    with reading(request, scope) as connection:
        return accepted(request, scope, jobs.find(connection, job))


def _ended(job: jobs.Job) -> Response:
    """The Report of an import that has ended, or the problem that ended it."""
    if job.result is not None:
        status = 201 if job.result["landed"] else 200 if job.result.get("lands") else 422
        return Response(json_bytes(job.result), status, media_type="application/json")
    error = job.error or {}
    return Response(json_bytes(error), error["status"], media_type="application/problem+json")


def _said(name: str, said: str | None, example: str) -> dict[str, dict[str, str]]:
    """An option that is a JSON object of names and words. Raises BadRequest."""
    if not said:
        return {}
    try:
        return {name: _SAID.validate_json(said)}
    except ValidationError:
        raise BadRequest(f"`{name}` is no JSON object of names and words.", hint=f"Write it as {example}.") from None


_SAID = TypeAdapter(dict[str, str])
_COLUMNS, _MATCHES = '{"date": "Date of event"}', '{"Bagrimi": "TD0801"}'


@router.get("", summary="The batches that came in, newest first", responses=sends(list[answers.Batch]))
def list_imports(request: Request, scope: ReadScope) -> Response:
    with reading(request, scope) as connection:
        return answer(request, json_bytes(landed_batches(connection)))


def _under_way(connection: Connection, run: str) -> jobs.Job | None:
    return next((job for job in jobs.listed(connection, key=run) if job.ended_at is None), None)


def _run(connection: Connection, run: str) -> jobs.Job:
    found = _under_way(connection, run)
    if found is None:
        raise NotFound("No import of that name is under way.", hint="It may have ended: `GET …/imports` lists batches.")
    return found


Named = Annotated[str, Path(pattern=RUN)]


@router.get("/running/{run}", summary="How far an import is", responses=sends(answers.ImportProgress))
def progress(request: Request, scope: ReadScope, run: Named) -> Response:
    with reading(request, scope) as connection:
        found = _run(connection, run)
    body = {"step": found.step or "reading", "done": found.done, "of": found.of, "job": found.id}
    return Response(json_bytes(body), media_type="application/json", headers={"Cache-Control": "no-store"})


@router.delete("/running/{run}", summary="Stop an import; nothing of it lands", status_code=202)
def stop(request: Request, scope: ReadScope, run: Named) -> Response:
    with transaction(engine(request), scope.context()) as connection:
        jobs.stop(connection, _run(connection, run).id)
    return Response(status_code=202)


@router.get(
    "/{batch}/rejected.{suffix}",
    summary="The rows of a batch that did not land, to be mended and sent again",
    responses=SENDS,
)
def rejected_of_batch(request: Request, scope: ReadScope, batch: RecordId, suffix: Suffix) -> Response:
    """The columns as they came, then why each row did not land and where it stood. Text never runs as a formula."""
    with reading(request, scope) as connection:
        return rejected_file(connection, suffix, batch=batch)


@router.delete("/{batch}", summary="Withdraw a batch as a whole", responses=sends(answers.Withdrawn))
def withdraw(request: Request, scope: ReadScope, batch: RecordId) -> Response:
    done = ingest.withdraw(engine(request), scope.context(), batch)
    return Response(json_bytes({"batch": batch} | done), media_type="application/json")
