"""How does a door record something, and what does it answer?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Connection

from geoapp.api.dependencies import engine, json_bytes, now_only
from geoapp.db import transaction
from geoapp.scope import Scope

NO_STORE = {"Cache-Control": "no-store"}


@contextmanager
def recording(request: Request, scope: Scope) -> Iterator[Connection]:
    """One transaction in which something is recorded, committed at its end. Raises Conflict for one of another day."""
    now_only(scope)
    with transaction(engine(request), scope.context()) as connection:
        yield connection


def unkept(
    body: Any = None, status: int = 200, *, version: int | None = None, media: str = "application/json", **headers: str
) -> Response:
    """An answer that nobody keeps: JSON, or nothing, with the version that the next change is made from."""
    tag = {"ETag": f'"{version}"'} if version is not None else {}
    content = json_bytes(body) if body is not None else None
    return Response(content, status, media_type=media if content else None, headers=NO_STORE | tag | headers)


def changed(version: int) -> Response:
    """The answer to a change: the record's new version."""
    return unkept({"version": version}, version=version)
