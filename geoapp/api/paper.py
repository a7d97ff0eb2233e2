"""Maps on paper over HTTP: the same files as `geoapp print` writes, for the room that asks."""

import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from geoapp import audit
from geoapp.api.contract import sends
from geoapp.api.dependencies import ExportScope, engine

router = APIRouter(prefix="/operations/{operation}/paper", tags=["Export"])
MEDIA = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}


@router.get(
    "/{name}.{suffix}",
    summary="A map on paper, or an atlas of the provinces, as PDF, PNG or SVG",
    response_class=FileResponse,
    responses=sends(media=tuple(MEDIA.values())),
)
def get_map(
    request: Request,
    scope: ExportScope,
    name: Annotated[
        str, Path(max_length=40, description="overview, overlaps, risk, access, presence, atlas, or view with `layers`")
    ],
    suffix: Annotated[str, Path(max_length=10, description=f"One of {', '.join(MEDIA)}; an atlas is a pdf")],
    layers: Annotated[
        str | None, Query(max_length=600, description="Layers with commas between: a map of one's own")
    ] = None,
    size: Annotated[str, Query(max_length=20, description="a3 or a4")] = "a3",
    orientation: Annotated[str, Query(max_length=20, description="landscape or portrait")] = "landscape",
    grid: Annotated[
        str, Query(max_length=20, description="degrees, or mgrs where one zone of it serves the map")
    ] = "degrees",
    title: Annotated[str | None, Query(max_length=400, description="In place of the map's own")] = None,
) -> FileResponse:
    """What is on the map is drawn from the same declarations as on the screen; the box is that of `bbox`, else the operation's."""
    from geoapp.draw import paper  # matplotlib is loaded by the first who asks for a map, not by the server

    folder = tempfile.TemporaryDirectory(prefix="geoapp-paper-")
    path = FilePath(folder.name) / f"map.{suffix.lower()}"
    try:
        with audit.leaving(engine(request), scope.context(), "printed", name, path) as told:
            made = paper.write(
                engine(request), scope, path, theme=name, layers=layers.split(",") if layers else (), size=size,
                orientation=orientation, title=title, grid=grid, contact=request.app.state.settings.contact,
            )  # fmt: skip
            told |= {"layers": made.records, "paper": made.number}
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path, media_type=MEDIA[suffix.lower()], filename=f"{made.number}.{suffix.lower()}",
        headers={"Cache-Control": "no-store"}, background=BackgroundTask(folder.cleanup),
    )  # fmt: skip
