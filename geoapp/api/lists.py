"""Lists as pages show them: sorted, filtered and counted by the server, a page of rows at a time, without shapes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from geoapp import audiences
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, json_bytes, reading_as
from geoapp.api.narrowing import AskedRows
from geoapp.draw import nothing
from geoapp.draw.listing import listed_layer, page
from geoapp.draw.narrowing import LISTS

router = APIRouter(prefix="/operations/{operation}", tags=["Lists"])


@router.get(
    "/lists/{name}",
    summary="A page of a list: rows, and counts of what it can be filtered by",
    responses=sends(answers.ListPage),
)
def rows(
    request: Request,
    scope: ReadScope,
    name: Annotated[str, Path(description=f"One of {', '.join(LISTS)}", max_length=60)],
    asked: AskedRows,
    sort: Annotated[str | None, Query(description="An order; with `-` before it backwards", max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, description="200 at most")] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Rows have `bbox` and `outline` (a path in a picture of 84 × 44) in place of their shape; the record has that."""
    listed = listed_layer(name)
    with reading_as(request, scope) as (connection, rooms):
        room = audiences.pick(rooms, scope)
        found = page(connection, listed, scope, room, asked.filters, q=asked.q, sort=sort, limit=limit, offset=offset)
        found |= nothing.said(connection, listed, scope, room, request.app.state.answers)
    return answer(request, json_bytes(found))
