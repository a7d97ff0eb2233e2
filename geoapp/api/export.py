"""Layers as files over HTTP: the same files as `geoapp export` writes, for the room that asks."""

import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from geoapp import audit, export
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ExportScope, ReadScope, answer, engine, json_bytes, reading
from geoapp.api.narrowing import AskedRows

router = APIRouter(prefix="/operations/{operation}/export", tags=["Export"])
Suffix = Annotated[str, Path(max_length=10, description=f"One of {', '.join(export.LAYER_FORMATS)}")]


@router.get(
    "", summary="What can be written: layers, and the formats of layers and of routes", responses=sends(answers.Exports)
)
def formats(request: Request, scope: ReadScope) -> Response:
    with reading(request, scope):
        body = {
            "layers": [{"name": layer.name, "title": layer.title} for layer in export.EVERYTHING],
            "formats": [
                {"suffix": f.suffix, "title": f.title, "media": f.media, "good_for": f.good_for,
                 "layers": "many" if f.many else "one" if f.write else "none", "routes": f.write_route is not None}
                for f in export.FORMATS
            ],
        }  # fmt: skip
    return answer(request, json_bytes(body))


@router.get(
    "/{name}.{suffix}",
    summary="A layer, or `all`, as a file",
    response_class=FileResponse,
    responses=sends(media=tuple(f.media for f in export.FORMATS if f.write)),
)
def get_file(
    request: Request,
    scope: ExportScope,
    name: Annotated[str, Path(max_length=600, description="A layer, several with commas between, or `all`")],
    suffix: Suffix,
    asked: AskedRows,
) -> FileResponse:
    """Of a layer that is a list, only the rows that the list would hold for the same question."""
    form = export.format_of(f".{suffix}", export.LAYER_FORMATS)
    layers = export.layers_of(name)
    folder = tempfile.TemporaryDirectory(prefix="geoapp-export-")
    path = (
        FilePath(folder.name) / f"{scope.operation}_{'view' if ',' in name else name}_{scope.audience}.{suffix.lower()}"
    )
    try:
        with audit.leaving(engine(request), scope.context(), "exported", name, path) as told:
            told["layers"] = export.write(engine(request), scope, layers, path, filters=asked.filters, q=asked.q)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path, media_type=form.media, filename=path.name, headers={"Cache-Control": "no-store"},
        background=BackgroundTask(folder.cleanup),
    )  # fmt: skip
