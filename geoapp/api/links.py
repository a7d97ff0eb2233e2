"""How do the pages of an OGC API name each other?"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from fastapi import Request

from geoapp.api.dependencies import base
from geoapp.scope import Scope

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OGC = "http://www.opengis.net/def/rel/ogc/1.0"


def link(rel: str, href: str, media: str = "application/json", title: str = "") -> dict[str, str]:
    """One link of a page."""
    return {"rel": rel, "href": href, "type": media} | ({"title": title} if title else {})


def kept(request: Request, **changed: str) -> str:
    """The query to carry on in links: the room, the time and what is asked for, and what is changed."""
    query = {k: v for k, v in request.query_params.items() if k not in ("offset", "f")} | changed
    return f"?{urlencode(query)}" if query else ""


def looked(request: Request, **more: str) -> str:
    """The room and the time alone: what another collection, or a page, of the same operation is asked with."""
    names = ("audience", "datetime", "as_of", "only")
    query = {name: request.query_params[name] for name in names if name in request.query_params} | more
    return f"?{urlencode(query)}" if query else ""


def of_operation(request: Request, scope: Scope) -> str:
    """The address of the operation's landing page."""
    return f"{base(request)}/operations/{scope.operation}"


def header(links: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The same links as the header of an answer (RFC 8288)."""
    return {"Link": ", ".join(f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"]}"' for each in links)}
