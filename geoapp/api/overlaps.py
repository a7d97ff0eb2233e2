"""The register of overlaps: read as a list, written on one by one."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request, Response

from geoapp import record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, engine, json_bytes, version_of
from geoapp.db import again, transaction

router = APIRouter(prefix="/operations/{operation}/overlaps", tags=["Overlaps"])


@router.patch("/{overlap}", summary="Write on an overlap's register", responses=sends(answers.Register))
@again
def change(
    request: Request,
    scope: ReadScope,
    overlap: RecordId,
    changes: Annotated[dict[str, Any], Body(description=f"Any of {', '.join(record.REGISTER)}")],
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    version = version_of(if_match)
    with transaction(engine(request), scope.context()) as connection:
        now = record.change_overlap(connection, overlap, changes, version)
    return Response(json_bytes(now), media_type="application/json", headers={"ETag": f'"{now["version"]}"'})
