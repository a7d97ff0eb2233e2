"""The one search of an operation."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geoapp import audiences
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, json_bytes, reading_as
from geoapp.draw import finding

router = APIRouter(prefix="/operations/{operation}", tags=["Map"])


@router.get(
    "/search",
    summary="Actors, places, districts, incidents, overlaps and every other record by name or code; coordinates in any notation",
    responses=sends(answers.Found),
)
def search(
    request: Request,
    scope: ReadScope,
    q: Annotated[str, Query(description="A name, a code, a P-code or coordinates", max_length=finding.LONGEST)],
    limit: Annotated[int, Query(ge=1, description=f"Records a group, {finding.MOST} at most")] = 5,
    within: Annotated[
        bool,
        Query(description="Also the incidents in whose notes these words stand: every one is read, which takes longer"),
    ] = False,
) -> Response:
    """Groups with the likeliest first, of what this room is told; typing errors are looked past where nothing is written as it was
    typed. Each record has its title as the map has it, where it lies, its period and by which field it was found."""
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        found = finding.find(connection, scope, room, request.app.state.answers, q, limit, within=within)
    return answer(request, json_bytes({"q": q, "groups": found}))
