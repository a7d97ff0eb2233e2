"""What is going on: incidents by district, month and type, beside the months before."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geoapp import overlay
from geoapp.api.asked import Asked, answer, json_bytes, reading

router = APIRouter(prefix="/operations/{operation}", tags=["Incidents"])


@router.get("/trends", summary="Incidents by district and type, beside the months before")
def trends(
    request: Request,
    scope: Asked,
    until: Annotated[
        str | None, Query(description="The last month, such as 2026-10", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    ] = None,
    months: Annotated[int, Query(ge=1, le=overlay.MAX_MONTHS)] = 3,
) -> Response:
    """As known now, also when another day's knowledge is asked for: counts are not kept by day."""
    with reading(request, scope) as connection:
        found = overlay.trends(connection, overlay.span_asked(connection, until, months))
    return answer(request, json_bytes(found))
