"""Two moments of an operation beside each other: what happened between them, and what was only learned."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import Key, answer, json_bytes, reading_as
from geoapp.api.signed_in import who
from geoapp.draw.compare import MAX_LIMIT, Asked, compare, of_day
from geoapp.scope import Scope
from layers.compared import COMPARED, KINDS

router = APIRouter(prefix="/operations/{operation}", tags=["Features"])
_Moment = Annotated[str | None, Query(description="A day, or a moment as RFC 3339 writes it", max_length=40)]
_Day = Annotated[str | None, Query(description="The day looked at; that of what was known without it", max_length=40)]


@router.get(
    "/compare",
    summary="What differs between two moments, of knowing, of being valid, or of both",
    responses=sends(answers.Comparison),
)
def between(
    request: Request,
    operation: Key,
    audience: Annotated[str, Query(description="Who is in the room", max_length=40)] = "internal",
    then: _Moment = None,
    now: _Moment = None,
    then_on: _Day = None,
    now_on: _Day = None,
    of: Annotated[
        str, Query(description=f"Kinds of records: {', '.join(c.key for c in COMPARED)}", max_length=300)
    ] = "",
    kind: Annotated[str, Query(description=f"Of what kind: {', '.join(KINDS)}", max_length=100)] = "",
    learned: Annotated[bool | None, Query(description="What was merely learned alone, or what happened alone")] = None,
    each: Annotated[
        int | None,
        Query(ge=1, le=100, description="Of what happened to, and was learned of, one kind, no more than this"),
    ] = None,
    limit: Annotated[int, Query(ge=1, description=f"{MAX_LIMIT} at most")] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    shapes: Annotated[bool, Query(description="With outlines, generalised to some 200 m")] = False,
) -> Response:
    """Both are read under the rules that the room has today. Without `now` the later one is now; with days alone both are as known
    now; the same day twice leaves what was learned."""
    scope = Scope(operation, audience, member=who())
    with reading_as(request, scope, snapshot=True) as (connection, _):
        earlier, later = Asked(then, now, then_on, now_on).moments(of_day(connection))
        found = compare(
            connection, scope, earlier, later, only=_some(of), kinds=_some(kind), learned=learned, each=each, limit=min(limit, MAX_LIMIT),
            offset=offset, shapes=shapes,
        )  # fmt: skip
    return answer(request, json_bytes(found))


def _some(names: str) -> list[str]:
    return [name for name in names.split(",") if name]
