"""By what lists, files of what is listed, and a layer of the map can be narrowed: read once for all doors, so that they hold
the same rows."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, create_model

from geoapp.errors import BadRequest
from geoapp.scope import Only

MOST = 1500
"""Characters of a narrowing, at most."""

Value = Annotated[str | None, Query(max_length=100)]


@dataclass(frozen=True)
class Narrowed:
    """What a list is asked for: the words that a row has, and values by the name of a filter."""

    q: str
    filters: Mapping[str, str]


def _spot(text: str | None) -> str | None:
    """The number of a hot spot and the days it was looked for in. Raises ValueError."""
    if not text:
        return None
    number, _, span = text.partition(":")
    first, _, last = span.partition("/")
    if not re.fullmatch(r"-?[0-9]{1,18}", number) or date.fromisoformat(first) > date.fromisoformat(last):
        raise ValueError("write id:first day/last day")
    return f"{number}:{date.fromisoformat(first)}/{date.fromisoformat(last)}"


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
    spot: Annotated[
        str | None,
        Query(description="A hot spot and its days: `id:first day/last day`", max_length=50),
        # behind the limit: what comes after a function of one's own is applied to None as well, and fails
        AfterValidator(_spot),
    ] = None,
) -> Narrowed:
    asked = {
        "relation": relation, "status": status, "sector": sector, "share": share, "since": since, "owner": owner,
        "due": due, "event_type": event_type, "verification": verification, "deaths": deaths, "source": source,
        "district": district, "spot": spot,
    }  # fmt: skip
    return Narrowed(q, _said(asked))


def _said(asked: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in asked.items() if value not in (None, "")}


AskedRows = Annotated[Narrowed, Depends(_narrowed)]

_fields: dict[str, Any] = {
    each.name: (each.annotation, each.default) for each in inspect.signature(_narrowed).parameters.values()
}
_Filters: type[BaseModel] = create_model("Filters", __config__=ConfigDict(extra="forbid"), **_fields)
"""The same filters as `AskedRows`, where they are written within one parameter."""


@lru_cache(maxsize=1024)
def parse_only(text: str | None) -> Only | None:
    """The narrowing of one layer, written `layer:filter=value&…` with values as in a query; None for none. Whether the layer has
    such filters, and the room is told them, is `draw.narrowing.check`'s to say. Raises BadRequest."""
    if not text:
        return None
    layer, _, query = text.partition(":")
    try:
        if len(text) > MOST or not layer or "\0" in unquote_plus(query):
            raise ValueError(text)
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=20)
        asked = _said(_Filters.model_validate(dict(pairs)).model_dump())
        if len(dict(pairs)) != len(pairs):
            raise ValueError(text)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"only: {name[:60]}: {first['msg']}.", hint=_HINT) from None
    except ValueError:
        raise BadRequest(f"{text[:80]!r} narrows nothing.", hint=_HINT) from None
    return Only(layer, tuple(sorted(asked.items())))


_HINT = "Write a layer and its list's filters, such as only=overlaps:status=open%26share=10."
