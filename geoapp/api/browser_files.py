"""The browser's files, packed as small as gzip gets them, under an address that changes with what they hold: a browser that has
them asks for none again."""

import asyncio
import gzip
from functools import lru_cache
from pathlib import Path

from fastapi import Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Scope

from geoapp.draw.assets import STATIC, stamp

_PACKED = (".js", ".css", ".json", ".svg")
_YEAR = "public, max-age=31536000, immutable"


class BrowserFiles(StaticFiles):
    """What lies in `web/static`, by its name (asked for again each time) or below `stamp()` (kept for a year)."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, gzipped for who reads that; NotFound, as Starlette says it, for none."""
        first, _, rest = path.partition("/")
        lasting = first == stamp()
        answer = await super().get_response(rest if lasting else path, scope)
        if isinstance(answer, FileResponse) and path.endswith(_PACKED) and _reads_gzip(scope):
            data = await asyncio.to_thread(_packed, str(answer.path), answer.headers["etag"])
            kept = {key: answer.headers[key] for key in ("etag", "last-modified")}
            packed = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            answer = Response(data, media_type=answer.media_type, headers=kept | packed)
        answer.headers["Cache-Control"] = _YEAR if lasting else "no-cache"
        return answer


def _reads_gzip(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return scope["method"] == "GET" and "gzip" in headers.get("accept-encoding", "") and "range" not in headers


@lru_cache(maxsize=256)
def _packed(path: str, _etag: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
