"""Layers as files over HTTP: the same files as `geoapp export` writes, for the room that asks."""

import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from geoapp import export
from geoapp.api.dependencies import ExportScope, engine, reading
from geoapp.errors import NotAcceptable, NotFound
from geoapp.export.files import EVERYTHING
from layers import get

router = APIRouter(prefix="/operations/{operation}/export", tags=["Export"])
MEDIA = {
    ".gpkg": "application/geopackage+sqlite3", ".geojson": "application/geo+json", ".json": "application/geo+json",
    ".csv": "text/csv; charset=utf-8",
}  # fmt: skip


@router.get("/{name}.{suffix}", summary="A layer, or `all`, as a file", response_class=FileResponse)
def get_file(
    request: Request,
    scope: ExportScope,
    name: Annotated[str, Path(max_length=60)],
    suffix: Annotated[str, Path(max_length=10)],
) -> FileResponse:
    kind = f".{suffix.lower()}"
    if kind not in export.FORMATS:
        raise NotAcceptable(f"There is no export to {kind}.", hint=f"One of {', '.join(export.FORMATS)}.")
    try:
        layers = EVERYTHING if name == "all" else (get(name),)
    except KeyError:
        raise NotFound(
            f"There is no layer {name!r}.", hint="`…/collections` lists them; `all` means every one."
        ) from None
    with reading(request, scope):
        folder = tempfile.TemporaryDirectory(prefix="geoapp-export-")
    path = FilePath(folder.name) / f"{scope.operation}_{name}_{scope.audience}{kind}"
    try:
        export.write(engine(request), scope, layers, path)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path, media_type=MEDIA[kind], filename=path.name, headers={"Cache-Control": "no-store"},
        background=BackgroundTask(folder.cleanup),
    )  # fmt: skip
