"""The doors over a real connection: a warm tile beside a bare server that holds the bytes, items beside raw SQL."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import psycopg
import uvicorn
from sqlalchemy import Engine

from geoapp.app import create_app
from geoapp.settings import Settings

ITEMS = """
    SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(ST_AsGeoJSON(t.*, 'geom', 7)::json))::text
    FROM (SELECT id, actor_id, geom FROM shape ORDER BY id LIMIT 1000) AS t
"""


@contextmanager
def served(app: Any) -> Iterator[http.client.HTTPConnection]:
    """A connection to the application on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    connection = http.client.HTTPConnection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    yield connection
    connection.close()
    server.should_exit = True
    thread.join()


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """The body of one answer, which must be good."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body[:300])
    return body


def bare(body: bytes) -> Callable[..., Any]:
    """An ASGI application that holds one answer and does nothing else."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"application/octet-stream"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def doors(engine: Engine, plain: psycopg.Connection, timed: Callable[..., float], line: Callable[..., None]) -> None:
    """One tile asked 300 times beside the same bytes from a bare server; 1,000 items beside SQL that builds them."""
    tile = "/operations/bench/collections/areas_of_operation/tiles/WebMercatorQuad/8/127/142"
    items = "/operations/bench/collections/areas_of_operation/items?limit=1000"
    with served(create_app(Settings(), engine)) as connection:
        body = get(connection, tile)
        warm = median(timed(lambda: get(connection, tile)) for _ in range(300))
        get(connection, items)
        ours = median(timed(lambda: get(connection, items)) for _ in range(15))
    with served(bare(body)) as connection:
        held = median(timed(lambda: get(connection, "/")) for _ in range(300))
    line(f"warm tile of {len(body) / 1000:,.0f} kB, p50", warm, "bare server, same bytes", held, "")
    theirs = median(timed(lambda: plain.execute(ITEMS).fetchall()) for _ in range(15))
    line("1,000 items as GeoJSON, p50", ours, "built in SQL", theirs, "goal ≤ 1.43")
