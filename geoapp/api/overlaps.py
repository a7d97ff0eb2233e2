"""The register of overlaps: who meets in one, and what is written on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request, Response

from geoapp import audiences, record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, answer, engine, json_bytes, now_only, reading_as, version_of
from geoapp.db import again, transaction
from geoapp.draw.sides import sides

router = APIRouter(prefix="/operations/{operation}/overlaps", tags=["Overlaps"])


@router.get("/{overlap}/sides", summary="Who meets in an overlap, and in which days", responses=sends(answers.Sides))
def both(request: Request, scope: ReadScope, overlap: RecordId) -> Response:
    """Of each area only the parts that share ground and days with the other's; null for one that is not shown."""
    with reading_as(request, scope) as (connection, rooms):
        found = sides(connection, scope, overlap, audiences.pick(rooms, scope).withheld_fields)
    return answer(request, json_bytes(found))


@router.patch("/{overlap}", summary="Write on an overlap's register", responses=sends(answers.Register))
@again
def change(
    request: Request,
    scope: ReadScope,
    overlap: RecordId,
    changes: Annotated[dict[str, Any], Body(description=f"Any of {', '.join(record.REGISTER)}")],
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    now_only(scope)
    version = version_of(if_match)
    with transaction(engine(request), scope.context()) as connection:
        now = record.change_overlap(connection, overlap, changes, version)
    return Response(json_bytes(now), media_type="application/json", headers={"ETag": f'"{now["version"]}"'})
