"""By what lists, and files of what is listed, can be narrowed: read once for both doors, so that they hold the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query

Value = Annotated[str | None, Query(max_length=100)]


@dataclass(frozen=True)
class Narrowed:
    """What a list is asked for: the words that a row has, and values by the name of a filter."""

    q: str
    filters: Mapping[str, str]


async def _narrowed(
    q: Annotated[str, Query(description="Words that a row has, all of them", max_length=200)] = "",
    relation: Value = None,
    status: Annotated[str | None, Query(description="A status, or `open`: not resolved", max_length=40)] = None,
    sector: Value = None,
    share: Annotated[float | None, Query(ge=0, le=100, description="At least so many percent of one area")] = None,
    since: Annotated[date | None, Query(description="Not known before this day")] = None,
    owner: Annotated[str | None, Query(description="An owner's name, or `none`", max_length=200)] = None,
    due: Annotated[str | None, Query(description="`week`: due within seven days; `over`: past", max_length=10)] = None,
    event_type: Value = None,
    verification: Value = None,
    deaths: Annotated[int | None, Query(ge=0, le=10**9, description="At least so many deaths reported")] = None,
    source: Value = None,
    district: Annotated[str | None, Query(description="The P-code of a district", max_length=40)] = None,
) -> Narrowed:
    asked = {
        "relation": relation, "status": status, "sector": sector, "share": share, "since": since, "owner": owner,
        "due": due, "event_type": event_type, "verification": verification, "deaths": deaths, "source": source,
        "district": district,
    }  # fmt: skip
    return Narrowed(q, {name: str(value) for name, value in asked.items() if value not in (None, "")})


AskedRows = Annotated[Narrowed, Depends(_narrowed)]
