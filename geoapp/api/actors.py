"""The register of actors, as a form asks for it that names one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geoapp import record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope
from geoapp.api.writing import recording, unkept

router = APIRouter(prefix="/operations/{operation}", tags=["Writing"])


@router.get(
    "/actors",
    summary="Actors of the operation by the beginnings of their names' words, or by their acronym",
    responses=sends(answers.ActorNames),
)
def actors(
    request: Request,
    scope: ReadScope,
    q: Annotated[str, Query(description="Letters; without any the first actors", max_length=300)] = "",
) -> Response:
    """20 at most, of now; only in a room that records: what is written there names them."""
    with recording(request, scope) as connection:
        found = record.named_like(connection, q)
    return unkept({"actors": found})
