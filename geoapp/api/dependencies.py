"""What a request asks about: the operation in its path, the room, days and box in its query, read once for all doors."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import Depends, Path, Query, Request, Response
from isal import igzip
from pydantic import BeforeValidator
from sqlalchemy import Connection, Engine

from geoapp import audiences
from geoapp.api.narrowing import MOST, parse_only
from geoapp.api.signed_in import who
from geoapp.audiences import Room
from geoapp.crs import CRS84
from geoapp.db import transaction
from geoapp.draw import narrowing
from geoapp.errors import BadRequest, Conflict, NotFound, PreconditionRequired, Unavailable
from geoapp.scope import Box, Scope, parse_box, parse_moment, parse_period
from geoapp.servers import Server, Servers
from layers import STACK, Layer, get

PACKED_FROM = 1000
"""From how many bytes on an answer is packed, beside the event loop; three times as fast as zlib, and no larger."""

Key = Annotated[str, Path(description="The operation's key", pattern=r"^[a-z][a-z0-9-]{1,62}$", examples=["kavarra"])]


_ONLY = "One layer narrowed as its list is, such as `overlaps:status=open&share=10`"
SYSTEM = "The URI of a coordinate reference system, one that the collection lists"


async def _scope(
    operation: Key,
    audience: Annotated[str, Query(description="Who is in the room", max_length=40)] = "internal",
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees", max_length=200)] = None,
    datetime: Annotated[str | None, Query(description="A day, or first/last with .. for open", max_length=80)] = None,
    as_of: Annotated[str | None, Query(description="As known on this day or moment", max_length=40)] = None,
    only: Annotated[str | None, Query(description=_ONLY, max_length=MOST)] = None,
) -> Scope:
    return _looked_at(operation, audience, parse_box(bbox), datetime, as_of, only)


def _looked_at(
    operation: str, audience: str, bbox: Box, datetime: str | None, as_of: str | None, only: str | None
) -> Scope:
    return Scope(
        operation, audience, bbox, parse_period(datetime), parse_moment(as_of) if as_of else None, who(),
        only=parse_only(only),
    )  # fmt: skip


ReadScope = Annotated[Scope, Depends(_scope)]
"""The scope of a request that looks."""


async def _leaving(scope: ReadScope) -> Scope:
    return replace(scope, purpose="export")


ExportScope = Annotated[Scope, Depends(_leaving)]
"""The scope of a request whose answer leaves the house: rows that may not be passed on are not in it."""


async def _items(
    operation: Key,
    audience: Annotated[str, Query(description="Who is in the room", max_length=40)] = "internal",
    bbox: Annotated[
        str | None, Query(description="west,south,east,north in degrees, or in `bbox-crs`", max_length=200)
    ] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", description=SYSTEM, max_length=200)] = None,
    datetime: Annotated[str | None, Query(description="A day, or first/last with .. for open", max_length=80)] = None,
    as_of: Annotated[str | None, Query(description="As known on this day or moment", max_length=40)] = None,
    only: Annotated[str | None, Query(description=_ONLY, max_length=MOST)] = None,
) -> Scope:
    # a box in another system is read by the door, which knows those of the operation
    degrees = bbox if bbox_crs in (None, CRS84.uri) else None
    # and so is the rest of one across 180°
    box = parse_box(degrees, across=True)
    return replace(_looked_at(operation, audience, box, datetime, as_of, only), purpose="items")


ItemsScope = Annotated[Scope, Depends(_items)]
"""The scope of a request for records themselves: a room that records is shown all of its own, any other what may be passed on."""


async def _layer(
    layer: Annotated[str, Path(description=f"One of {', '.join(each.name for each in STACK)}", max_length=60)],
) -> Layer:
    try:
        return get(layer)
    except KeyError:
        raise NotFound(
            f"There is no layer {layer!r}.", hint=f"One of {', '.join(each.name for each in STACK)}."
        ) from None


AskedLayer = Annotated[Layer, Depends(_layer)]


def _id(given: object) -> int:
    """A record's number. Raises NotFound for what cannot be one: there is no such record."""
    if not re.fullmatch(r"-?[0-9]{1,19}", str(given)) or not -(2**63) <= int(str(given)) < 2**63:
        raise NotFound(f"There is no record {str(given)[:60]!r}.", hint="A record's id is a whole number.")
    return int(str(given))


RecordId = Annotated[int, Path(description="A record's id"), BeforeValidator(_id)]
"""The number of a record in a path."""


def engine(request: Request) -> Engine:
    """The application's engine."""
    made: Engine = request.app.state.engine
    return made


WRITTEN = "X-Geoapp-Written"
"""The header, and the cookie, that say up to where the asker has written; a reader may send either back."""


def readers(request: Request) -> Iterator[Server]:
    """The servers that may answer this reader, in the order to be tried; the primary is the last."""
    servers: Servers = request.app.state.servers
    return servers.readers(request.headers.get(WRITTEN) or request.cookies.get(WRITTEN))


@contextmanager
def reading(request: Request, scope: Scope) -> Iterator[Connection]:
    """A transaction under the policies, on a replica that has what the asker wrote, or on the primary.

    Raises NotFound for no such operation, BadRequest for no such audience, Unavailable.
    """
    with reading_as(request, scope) as (connection, _):
        yield connection


@contextmanager
def reading_as(
    request: Request, scope: Scope, *, snapshot: bool = False
) -> Iterator[tuple[Connection, list[Room]]]:  # fmt: skip
    """The same, with the rooms of the operation, which were looked up for it; the scope's is among them. All statements of a
    `snapshot` see one moment."""
    for server in readers(request):
        begun = False
        try:
            with transaction(server.engine, scope.context(), snapshot=snapshot) as connection:
                rooms = audiences.rooms(connection)
                narrowing.check(scope, audiences.pick(rooms, scope).untold)
                begun = True
                yield connection, rooms
            return
        except Unavailable:
            server.missed()
            if begun or server is request.app.state.servers.primary:
                raise


def json_bytes(body: Any) -> bytes:
    """JSON with dates as ISO text; NaN becomes null."""
    return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)


def answer(
    request: Request, data: bytes, media_type: str = "application/json", headers: dict[str, str] | None = None
) -> Response:
    """The bytes with a strong ETag over them, or 304 when the asker has just these.

    The tag is a hash of what this audience is shown, so it can tell nothing about rows that it is not shown.
    """
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    sent = {"ETag": tag, "Cache-Control": "private, no-cache", **(headers or {})}
    if tag in [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=sent)
    if len(data) < PACKED_FROM or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(data, media_type=media_type, headers=sent)
    sent |= {"Content-Encoding": "gzip", "Vary": ", ".join(filter(None, (sent.get("Vary"), "Accept-Encoding")))}
    return Response(igzip.compress(data, compresslevel=1), media_type=media_type, headers=sent)


def now_only(scope: Scope) -> None:
    """Raises Conflict for a change of what was known on another day: the days of a record are judged by today."""
    if scope.as_of is not None:
        raise Conflict("What was known on another day is not changed.", hint="Set `as_of` to today.")


def version_of(if_match: str | None) -> int:
    """The version that a change was made from. Raises PreconditionRequired without one, BadRequest for no number."""
    if not if_match:
        raise PreconditionRequired(
            "The request has no If-Match header.", hint='Send the version you read: If-Match: "3".'
        )
    tag = if_match.strip().removeprefix("W/").strip('"')
    if not tag.isdecimal() or len(tag) > 9:
        raise BadRequest(f"If-Match {if_match[:40]!r} is no version.", hint='Send a number in quotes: If-Match: "3".')
    return int(tag)


def base(request: Request) -> str:
    """The address before `/operations`, for links: the one the operator set, else the (checked) host that was asked."""
    public: str | None = request.app.state.settings.public_url
    return (public or str(request.base_url)).rstrip("/")
