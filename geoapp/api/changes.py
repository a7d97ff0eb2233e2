"""Who changed what, and when, of what the room is shown: page by page, and one change field by field."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, answer, json_bytes, now_only, reading
from geoapp.draw import activity as acts
from geoapp.draw import changed_fields
from geoapp.errors import BadRequest, NotFound
from geoapp.scope import parse_moment
from layers.recorded import DID, RECORDED

router = APIRouter(prefix="/operations/{operation}/activity", tags=["Activity"])
Moment = Annotated[str | None, Query(max_length=40)]
_KEYS = ", ".join(each.key for each in RECORDED)


def _moment(given: str | None) -> datetime | None:
    """A moment; of a day its begin, in UTC. Raises BadRequest."""
    if given and len(given) == 10:
        return datetime.combine(parse_moment(given).date(), datetime.min.time(), UTC)
    return parse_moment(given) if given else None


def _some(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split(",") if name)


@router.get("", summary="Who changed what and when, newest first", responses=sends(answers.Changes))
def page(
    request: Request,
    scope: ReadScope,
    of: Annotated[str, Query(description=f"Kinds of records: {_KEYS}", max_length=400)] = "",
    record: Annotated[int | None, Query(ge=0, lt=2**63, description="One record of that kind")] = None,
    who: Annotated[str | None, Query(description="By whom, in rooms that record", max_length=320)] = None,
    did: Annotated[str, Query(description=f"What was done: {', '.join(DID)}", max_length=100)] = "",
    since: Moment = None,
    until: Moment = None,
    before: Annotated[
        str | None, Query(max_length=40, description="Only older ones (`next` of the page before)")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=acts.MOST)] = 50,
) -> Response:
    """Of what the room is shown now and was shown then; a change of which it is told no field is none. `since` and `until` are moments,
    or days (UTC), the latter not with it. What a file brought is one line, in rooms that record."""
    now_only(scope)
    scope = replace(scope.whole, purpose="items")
    asked = acts.Asked(_some(of), record, who, _some(did), _moment(since), _moment(until), _moment(before))
    with reading(request, scope) as connection:
        found = acts.activity(connection, scope, asked, limit)
    found |= {
        "of": [{"key": each.key, "title": each.many} for each in RECORDED],
        "did": [{"key": key, "title": title} for key, title in DID.items()],
    }
    return answer(request, json_bytes(found))


@router.get("/{of}/{item}", summary="One change, field by field", responses=sends(answers.ChangeOpened))
def opened(
    request: Request,
    scope: ReadScope,
    of: Annotated[str, Path(description=f"One of {_KEYS}", max_length=60)],
    item: RecordId,
    at: Annotated[str, Query(description="The moment of the change, as its line says it", max_length=40)],
) -> Response:
    """The same for a change that the room is not told of as for none: 404."""
    now_only(scope)
    moment = _moment(at)
    if moment is None:
        raise BadRequest("It is not said when.", hint="Say `at`, as the line of the change has it.")
    scope = replace(scope.whole, purpose="items")
    with reading(request, scope) as connection:
        found = acts.one(connection, scope, of, item, moment)
        if found is None:
            raise NotFound("There is no such change.")
        told = changed_fields.told(connection, *found)
    return answer(request, json_bytes(told))
