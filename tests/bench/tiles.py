"""Tiles of a million incidents over a real connection: cold beside raw ST_AsMVT, warm beside a bare server with the same bytes."""

import asyncio
import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import Engine

from geoapp.app import create_app
from geoapp.settings import Settings
from tests.bench.doors import bare, get, served

RAW = """
    SELECT ST_AsMVT(t, 'incidents', 4096, 'geom') FROM (
        SELECT i.id, i.event_type, i.verification,
            ST_AsMVTGeom(ST_Transform(i.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s)) AS geom
        FROM facts.incident AS i WHERE i.geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326)
    ) AS t
"""
GOALS = {8: "goal ≤ 0.46, 5 × tipg", 10: "goal ≤ 0.5", 12: "goal ≤ 3, 3 × tipg"}
"""What raw ST_AsMVT may take as a share of ours; tipg takes 2.3 times as long as it at zoom 8, 9 times at zoom 12."""
MANY, SECONDS = 32, 4.0


def spots(z: int) -> list[tuple[int, int]]:
    """Twelve tiles at a zoom where incidents lie."""
    found = set()
    for lon in (21.3, 24.2, 25.7, 28.2):
        for lat in (1.3, 3.1, 6.7):
            up = math.asinh(math.tan(math.radians(lat))) / math.pi
            found.add((int((lon + 180) / 360 * 2**z), int((1 - up) / 2 * 2**z)))
    return sorted(found)


def rate(port: int, path: str) -> float:
    """Answers a second to many who ask for the same."""
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    count = 0

    async def one(stop: float) -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < stop:
            writer.write(asked)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            count += 1
        writer.close()

    async def all_of_them() -> None:
        stop = time.perf_counter() + SECONDS
        await asyncio.gather(*(one(stop) for _ in range(MANY)))

    asyncio.run(all_of_them())
    return count / SECONDS


def tiles(engine: Engine, plain: psycopg.Connection, operation: str, timed: Callable[..., float], line: Callable[..., None]) -> None:  # fmt: skip
    """Cold tiles at three zooms, the heaviest of them, and one that is kept."""
    app: Any = create_app(Settings(), engine)
    with served(app) as connection:
        for z in (8, 10, 12):
            ours, raw, size = [], [], 0
            for x, y in spots(z):
                path = f"/operations/{operation}/tiles/WebMercatorQuad/{z}/{y}/{x}?collections=incidents"
                raw.append(median(timed(lambda a={"z": z, "x": x, "y": y}: plain.execute(RAW, a).fetchall()) for _ in range(3)))  # fmt: skip
                ours.append(timed(lambda path=path: get(connection, path)))
                size = max(size, len(get(connection, path)))
            line(f"cold incident tile at zoom {z}, p50", median(ours), "raw ST_AsMVT", median(raw), GOALS[z])
            print(f"{'the heaviest of them':<34}{size / 1000:>12,.1f} kB   × {size / 150_000:<8.3f}goal ≤ 1 of 150 kB", flush=True)  # fmt: skip
        port = connection.port
        kept, body = rate(port, path), get(connection, path)
    with served(bare(body)) as connection:
        held = rate(connection.port, "/")
    print(f"{f'warm tile, {MANY} at once':<34}{kept:>12,.0f} /s   {'bare server':<22}{held:>12,.0f} /s   × {kept / held:<8.3f}goal ≥ 3,000/s", flush=True)  # fmt: skip
