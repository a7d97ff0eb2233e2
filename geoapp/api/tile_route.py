"""The short way to a tile: what a well-formed request asks is read once and kept, for a room asks the same again and again.

FastAPI's routing and its reading of parameters cost several times what a kept tile does. Whatever is not plain goes on to
the doors of `tiles`, which describe the request, check it and say what is wrong with it.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from geoapp.api import tiles
from geoapp.api.narrowing import MOST, parse_only
from geoapp.api.signed_in import who
from geoapp.errors import GeoappError
from geoapp.scope import Scope, parse_moment, parse_period
from layers import STACK, Layer

_PATH = re.compile(
    r"/operations/(?P<operation>[a-z][a-z0-9-]{1,62})(?:/collections/(?P<layer>[a-z_]{1,60}))?"
    r"/tiles/WebMercatorQuad/(?P<z>\d{1,2})/(?P<y>\d{1,7})/(?P<x>\d{1,7})"
)
_LIMITS = {"collections": 1000, "audience": 40, "datetime": 80, "as_of": 40, "only": MOST}


@lru_cache(maxsize=4096)
def _read(operation: str, layer: str | None, query: bytes) -> tuple[Scope, tuple[Layer, ...]] | None:
    """The scope and the layers that a query asks for; None where the doors have to look at it."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=8)
    asked = dict(pairs)
    if len(asked) != len(pairs) or any(len(value) > _LIMITS.get(name, 0) for name, value in pairs):
        return None
    names = {layer} if layer else set(asked.get("collections", "").split(",")) - {""}
    found = tuple(each for each in STACK if not names or each.name in names)
    if names - {each.name for each in found}:
        return None
    period, moment = parse_period(asked.get("datetime")), asked.get("as_of")
    as_of = parse_moment(moment) if moment else None
    only = parse_only(asked.get("only"))
    return Scope(operation, asked.get("audience", "internal"), period=period, as_of=as_of, only=only), found


class TileRoute(BaseRoute):
    """Answers plain GETs of tiles, of one layer and of many; matches nothing else."""

    path = "/operations/{operation}/tiles/WebMercatorQuad/{z}/{row}/{col}"

    def matches(self, scope: Connection) -> tuple[Match, Connection]:
        """Whether the request is plain, and if so what it asks."""
        if scope["type"] != "http" or scope["method"] != "GET" or not (place := _PATH.fullmatch(scope["path"])):
            return Match.NONE, {}
        try:
            read = _read(place["operation"], place["layer"], scope["query_string"])
        except (GeoappError, ValueError):
            return Match.NONE, {}
        if read is None or max(int(place["x"]), int(place["y"])) > 2**22:
            return Match.NONE, {}
        parameters: dict[str, Any] = {"operation": place["operation"]}
        asked = *read, int(place["z"]), int(place["x"]), int(place["y"])
        return Match.FULL, {"endpoint": self, "route": self, "path_params": parameters, "tile": asked}

    async def handle(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Answer with the tile. Raises what the doors raise."""
        request = Request(scope, receive)
        asked, *rest = scope["tile"]
        response = await tiles.answered(request, replace(asked, member=who()), *rest)
        await response(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """No address is made from this route: those of the doors are the same."""
        raise NoMatchFound(name, path_params)
