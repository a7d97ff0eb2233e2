"""A room full of people: each opens the map, pans, clicks, reads the register, asks a way, with pauses between.

They ask a server of its own process over this machine's loopback, which serves the exercise country, with more incidents
beside its own where that is wanted. Every answer is timed from its request to its last byte.
"""

import asyncio
import contextlib
import math
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from layers import STACK
from tests.bench import made

KEY = "kavarra"
GOAL_MS = 500
OPENING_S = 10.0
"""Within so many seconds all of them open the map."""
PAUSE = (1.0, 4.0)
"""Seconds between two things that one person does."""
AT_ONCE = 6
"""Requests of one person under way at once, as a browser has them."""
BOX = (84.6, -14.6, 88.4, -11.4)
"""Where the exercise country is: people look and click in it."""
DAYS = ("2026-07-20/2026-10-18", "2026-01-01/2026-10-18", "2025-05-01/2026-10-18")
DRAWN = ",".join(layer.name for layer in STACK if layer.on)


@dataclass
class Heard:
    """What was answered: milliseconds by kind, of all answers and of those asked for after the opening; and what was no good
    answer."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    opening_until: float = field(default_factory=lambda: time.monotonic() + OPENING_S)

    def heard(self, kind: str, began: float) -> None:
        """An answer of a kind came just now, to what was asked at a moment of the clock."""
        took = (time.monotonic() - began) * 1000
        self.took[kind].append(took)
        if began >= self.opening_until:
            self.later[kind].append(took)

    def line(self, kind: str) -> str:
        """One kind beside the goal, and beside the same after the opening."""
        half, most = _middle_and_most(self.took[kind])
        said = f"{kind:<14}{len(self.took[kind]):>8,}{half:>10,.0f} ms{most:>10,.0f} ms   × {most / GOAL_MS:<8.2f}"
        if not self.later[kind]:
            return f"{said}{'none':>11}"
        half, most = _middle_and_most(self.later[kind])
        return f"{said}{len(self.later[kind]):>8,}{half:>10,.0f} ms{most:>10,.0f} ms   × {most / GOAL_MS:.2f}"


def _middle_and_most(took: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    found = sorted(took)
    return found[len(found) // 2], found[min(len(found) - 1, math.ceil(len(found) * 0.95) - 1)]


@dataclass
class Person:
    """One of them: what they look at, and what their browser has already."""

    client: httpx2.AsyncClient
    heard: Heard
    chance: random.Random
    places: list[list[float]]
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.days = self.chance.choice(DAYS)
        self.room = self.chance.choice(("internal", "internal", "hct"))
        self.turn = asyncio.Semaphore(AT_ONCE)

    async def ask(self, kind: str, path: str, *, body: Any = None, **query: Any) -> Any:
        """One request, timed; its JSON where it has some."""
        query = {"audience": self.room} | query
        key = f"{path}?{sorted(query.items())}"
        headers = {"If-None-Match": self.tags[key]} if key in self.tags and body is None else {}
        async with self.turn:
            began = time.monotonic()
            try:
                if body is None:
                    answer = await self.client.get(path, params=query, headers=headers)
                else:
                    answer = await self.client.post(path, params=query, json=body)
            except httpx2.HTTPError as error:
                self.heard.failed[type(error).__name__] += 1
                return None
            self.heard.heard(kind, began)
        if answer.status_code >= 400:
            self.heard.failed[str(answer.status_code)] += 1
            return None
        if "etag" in answer.headers:
            self.tags[key] = answer.headers["etag"]
        return answer.json() if answer.status_code == 200 and "json" in answer.headers["content-type"] else None

    def spot(self) -> tuple[float, float]:
        """Somewhere in the country: longitude and latitude."""
        west, south, east, north = BOX
        return self.chance.uniform(west, east), self.chance.uniform(south, north)

    async def look(self, zoom: int) -> None:
        """The tiles of a screen around somewhere: three by two."""
        lon, lat = self.spot()
        size = 2**zoom
        x = int((lon + 180) / 360 * size)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * size)
        asked = [
            self.ask("tile", f"tiles/WebMercatorQuad/{zoom}/{y + j}/{x + i}", collections=DRAWN, datetime=self.days)
            for i in (-1, 0, 1) for j in (0, 1)
        ]  # fmt: skip
        await asyncio.gather(*asked)

    async def open(self) -> None:
        """The page of the map, and what it asks for."""
        await self.ask("page", "map")
        await asyncio.gather(
            self.look(6), self.ask("histogram", "histogram"),
            self.ask("labels", "labels", layer="areas_of_operation,overlaps", datetime=self.days),
            self.ask("counts", "counts", layers=DRAWN, datetime=self.days),
        )  # fmt: skip

    async def pan(self) -> None:
        """Another part of the map, nearer or further."""
        await self.look(self.chance.randint(7, 11))

    async def click(self) -> None:
        """What lies under a point."""
        lon, lat = self.spot()
        await self.ask(
            "identify", "identify", lon=round(lon, 5), lat=round(lat, 5), zoom=9, layers=DRAWN, datetime=self.days
        )

    async def read(self) -> None:
        """The register, a page of it, one overlap; or what is going on."""
        if self.chance.random() < 0.5:
            await self.ask("page", "incidents")
            await self.ask("trends", "trends", months=self.chance.choice((3, 12)))
            return
        await self.ask("page", "overlaps")
        found = await self.ask("list", "lists/overlaps", offset=self.chance.choice((0, 50, 100)))
        if found and found["rows"]:
            await self.ask("record", f"collections/overlaps/items/{self.chance.choice(found['rows'])['id']}")

    async def go(self) -> None:
        """A way between two places."""
        asked = {
            "waypoints": {"type": "MultiPoint", "coordinates": self.chance.sample(self.places, 2)},
            "alternatives": 3,
        }
        await self.ask("way", "routes", body=asked)

    async def stay(self, until: float) -> None:
        """One thing after the other, with a pause after each, until a moment of the clock."""
        await asyncio.sleep(self.chance.uniform(0, PAUSE[1]))
        await self.open()
        things: list[Callable[[], Awaitable[None]]] = [
            self.pan,
            self.pan,
            self.pan,
            self.click,
            self.click,
            self.read,
            self.go,
        ]
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(*PAUSE))
            await self.chance.choice(things)()


async def crowd(address: str, people: int, seconds: float) -> Heard:
    """So many people for so long, each of them the same at every run."""
    heard, until = Heard(), time.monotonic() + seconds
    # a connection that lay idle longer may be closed by the server just when it is used again
    limits = httpx2.Limits(max_connections=people * AT_ONCE, keepalive_expiry=3)
    async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
        sites = (await client.get("collections/sites/items", params={"limit": 60})).json()["features"]
        places = [site["geometry"]["coordinates"][:2] for site in sites if site["geometry"]["type"] == "Point"]
        await asyncio.gather(*(Person(client, heard, random.Random(n), places).stay(until) for n in range(people)))
    return heard


@contextlib.contextmanager
def served(home: Path, *arguments: str) -> Iterator[str]:
    """The address of the exercise country, served by a process of its own from a data folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "geoapp.cli", "demo", "--port", str(port), *arguments]
    # a line for each answer would bury the table
    with (home / "bench-server.log").open("wb") as log:
        server = subprocess.Popen(command, env=os.environ | {"GEOAPP_HOME": str(home)}, stdout=log, stderr=log)
    try:
        for _ in range(1200):
            if server.poll() is not None:
                raise SystemExit(f"The server ended with {server.returncode} before it answered.")
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
                break
            time.sleep(0.25)
        else:
            raise SystemExit("The server did not answer within five minutes.")
        yield f"http://127.0.0.1:{port}/operations/{KEY}/"
    finally:
        server.terminate()
        server.wait(30)


def bring(home: Path, count: int, folder: Path) -> None:
    """More incidents for the exercise country, through the shell's door."""
    made.incidents(count, folder / "more.csv", days=3900, box=BOX)
    command = [sys.executable, "-m", "geoapp.cli", "import", "incidents", str(folder / "more.csv"), "--operation", KEY,
               "--source", "bench"]  # fmt: skip
    subprocess.run(command, env=os.environ | {"GEOAPP_HOME": str(home)}, check=True, stdout=subprocess.DEVNULL)


def people(folder: Path, *, count: int, seconds: float, incidents: int, arguments: list[str]) -> None:
    """Print how long answers of each kind took, beside the goal, and how many were none."""
    home = folder / "home"
    home.mkdir(mode=0o755)
    with served(home) as address:
        del address  # the exercise country is loaded
    if incidents:
        bring(home, incidents, folder)
    with served(home, *arguments) as address:
        heard = asyncio.run(crowd(address, count, seconds))
    print(f"{count} people, {seconds:.0f} s, {incidents:,} incidents beside the exercise country's", flush=True)
    print(f"{'':<14}{f'all, goal p95 ≤ {GOAL_MS} ms':>34}{f'asked after the first {OPENING_S:.0f} s':>45}")
    print(f"{'answer':<14}{'number':>8}{'p50':>13}{'p95':>13}{'':>13}{'number':>8}{'p50':>13}{'p95':>13}", flush=True)
    for kind in sorted(heard.took):
        print(heard.line(kind), flush=True)
    answers = sum(len(took) for took in heard.took.values())
    refused = sum(n for status, n in heard.failed.items() if not status.startswith("4"))
    print(
        f"{answers:,} answers, {answers / seconds:,.0f} a second; {refused} × 5xx or none at all, goal 0; {dict(heard.failed)}"
    )
