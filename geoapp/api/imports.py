"""Files come in: one upload, one Report; batches listed and withdrawn as a whole."""

import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, File, Form, Path, Request, Response, UploadFile
from sqlalchemy import text

from geoapp import ingest, overlay
from geoapp.api.asked import Asked, answer, engine, json_bytes, reading
from geoapp.errors import TooLarge

router = APIRouter(prefix="/operations/{operation}/imports", tags=["Imports"])
MAX_UPLOAD = 50 * 1024 * 1024


@router.post("", summary="Import a file", status_code=201)
def post_import(
    request: Request,
    scope: Asked,
    later: BackgroundTasks,
    file: Annotated[UploadFile, File(description="The file, at most 50 MB")],
    kind: Annotated[str, Form(description=f"One of {', '.join(ingest.KINDS)}", max_length=40)],
    source: Annotated[
        str | None, Form(description="What to call the source, instead of the recognised one", max_length=80)
    ] = None,
) -> Response:
    """201 with the Report when it landed, 422 with the Report when it did not."""
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
        report = ingest.run(engine(request), scope.context(), kind, path, source=source or None, file_name=name)
    if report.landed:
        later.add_task(overlay.count_queued, engine(request), scope.context())
    return Response(json_bytes(report.as_dict()), 201 if report.landed else 422, media_type="application/json")


@router.get("", summary="The batches that came in, newest first")
def list_imports(request: Request, scope: Asked) -> Response:
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


@router.delete("/{batch}", summary="Withdraw a batch as a whole")
def withdraw(request: Request, scope: Asked, batch: Annotated[int, Path(ge=1, lt=2**63)]) -> Response:
    done = ingest.withdraw(engine(request), scope.context(), batch)
    return Response(json_bytes({"batch": batch} | done), media_type="application/json")
