"""The rows of a file that did not land, as a file to be mended and sent again."""

import re
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import Path, Response
from sqlalchemy import Connection

from geoapp.api.contract import sends
from geoapp.codes import marking_in_name
from geoapp.ingest import rejected

SENDS = sends(media=tuple(rejected.SUFFIXES.values()))
Suffix = Annotated[
    Literal["csv", "xlsx", "geojson"], Path(description="csv or xlsx of a table; geojson or csv of features")
]


def rejected_file(connection: Connection, suffix: str, *, batch: int | None = None, job: int | None = None) -> Response:
    """The rejected rows of a batch or a job, under a name that says what they are and who may see them.

    Raises NotFound when this room is shown none, NotAcceptable for a form that such rows have not.
    """
    name, found = rejected.kept(connection, batch=batch, job=job)
    stem = re.sub(r"[^0-9A-Za-z_.-]+", "-", FilePath(name).stem)[:80].strip("-") or "file"
    called = f"{stem}_rejected_{marking_in_name(found.handling)}.{suffix}"
    sent = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{called}"'}
    return Response(rejected.write(found, suffix), media_type=rejected.SUFFIXES[suffix], headers=sent)
