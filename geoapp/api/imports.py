"""Files come in: one upload, one Report; batches listed and withdrawn as a whole."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, File, Form, Path, Request, Response, UploadFile
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text

from geoapp import ingest, overlay
from geoapp.api.dependencies import ReadScope, answer, engine, json_bytes, reading
from geoapp.errors import BadRequest, Conflict, NotFound, Stopped, TooLarge
from geoapp.scope import Scope

router = APIRouter(prefix="/operations/{operation}/imports", tags=["Imports"])
MAX_UPLOAD = 50 * 1024 * 1024
RUN = "^[0-9a-zA-Z-]{16,64}$"


@dataclass
class Run:
    """An import under way: which step, how far, and whether somebody wants it stopped."""

    step: str = "reading"
    done: int = 0
    of: int | None = None
    stop: bool = False

    def tell(self, step: str, done: int, of: int | None) -> None:
        """Called by the import as it goes. Raises Stopped, and then nothing of it is kept."""
        self.step, self.done, self.of = step, done, of
        if self.stop:
            raise Stopped("The import was stopped; nothing landed.", hint="Send the file again when you are ready.")


@router.post("", summary="Import a file", status_code=201)
def post_import(
    request: Request,
    scope: ReadScope,
    later: BackgroundTasks,
    file: Annotated[UploadFile, File(description="The file, at most 50 MB")],
    kind: Annotated[str, Form(description=f"One of {', '.join(ingest.KINDS)}", max_length=40)],
    source: Annotated[
        str | None, Form(description="What to call the source, instead of the recognised one", max_length=80)
    ] = None,
    columns: Annotated[
        str | None,
        Form(description='Which column is which, as JSON: {"date": "Date of event"}; "" is none', max_length=20_000),
    ] = None,
    run: Annotated[
        str | None, Form(description="A random word of your own, under which its progress can be asked", pattern=RUN)
    ] = None,
) -> Response:
    """201 with the Report when it landed, 422 with the Report when it did not."""
    options = _columns(columns)
    name = FilePath(file.filename or "upload").name[:200] or "upload"
    suffix = "".join(FilePath(name).suffixes[-2:])[-20:]
    with tempfile.TemporaryDirectory(prefix="geoapp-upload-") as folder:
        path = FilePath(folder) / f"upload{suffix if suffix.replace('.', '').isalnum() else ''}"
        size = 0
        with path.open("wb") as sink:
            while chunk := file.file.read(1 << 20):
                size += len(chunk)
                if size > MAX_UPLOAD:
                    raise TooLarge(
                        "The file is larger than 50 MB.", hint="Use `geoapp import` at the server, or split it."
                    )
                sink.write(chunk)
        with _running(request, scope, run) as running:
            report = ingest.run(
                engine(request), scope.context(), kind, path, source=source or None, file_name=name,
                options=options, progress=running.tell,
            )  # fmt: skip
    if report.landed:
        later.add_task(overlay.count_queued, engine(request), scope.context())
    return Response(json_bytes(report.as_dict()), 201 if report.landed else 422, media_type="application/json")


def _columns(said: str | None) -> dict[str, dict[str, str]]:
    """The option that says which column is which. Raises BadRequest."""
    if not said:
        return {}
    try:
        return {"columns": _SAID.validate_json(said)}
    except ValidationError:
        raise BadRequest(
            "`columns` is no JSON object of names and headers.", hint='Write it as {"date": "Date of event"}.'
        ) from None


_SAID = TypeAdapter(dict[str, str])


@router.get("", summary="The batches that came in, newest first")
def list_imports(request: Request, scope: ReadScope) -> Response:
    with reading(request, scope) as connection:
        rows = connection.execute(
            text("""
                SELECT b.id AS batch, b.kind, b.source, b.file_name, b.landed_at, b.landed_by, b.withdrawn_at,
                    b.handling::text AS handling, (b.report ->> 'rows')::int AS rows,
                    (b.report ->> 'created')::int AS created, (b.report ->> 'updated')::int AS updated,
                    (b.report ->> 'unchanged')::int AS unchanged, (b.report ->> 'rejected')::int AS rejected
                FROM facts.batch AS b ORDER BY b.id DESC LIMIT 200
            """)
        )
        return answer(request, json_bytes([dict(row) for row in rows.mappings()]))


@contextmanager
def _running(request: Request, scope: Scope, run: str | None) -> Iterator[Run]:
    """An import that can be asked about under its name, when it has one, until it ends."""
    made, runs = Run(), request.app.state.runs
    if run is None:
        yield made
        return
    if runs.setdefault((scope.operation, run), made) is not made:
        raise Conflict("An import of that name is under way.", hint="Choose another random word.")
    try:
        yield made
    finally:
        del runs[scope.operation, run]


def _run(request: Request, scope: Scope, run: str) -> Run:
    found: Run | None = request.app.state.runs.get((scope.operation, run))
    if found is None:
        raise NotFound("No import of that name is under way.", hint="It may have ended: `GET …/imports` lists batches.")
    return found


Named = Annotated[str, Path(pattern=RUN)]


@router.get("/running/{run}", summary="How far an import is")
def progress(request: Request, scope: ReadScope, run: Named) -> Response:
    found = _run(request, scope, run)
    body = {"step": found.step, "done": found.done, "of": found.of}
    return Response(json_bytes(body), media_type="application/json", headers={"Cache-Control": "no-store"})


@router.delete("/running/{run}", summary="Stop an import; nothing of it lands", status_code=202)
def stop(request: Request, scope: ReadScope, run: Named) -> Response:
    _run(request, scope, run).stop = True
    return Response(status_code=202)


@router.delete("/{batch}", summary="Withdraw a batch as a whole")
def withdraw(request: Request, scope: ReadScope, batch: Annotated[int, Path(ge=1, lt=2**63)]) -> Response:
    done = ingest.withdraw(engine(request), scope.context(), batch)
    return Response(json_bytes({"batch": batch} | done), media_type="application/json")
