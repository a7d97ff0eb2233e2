"""Tiles of one or many layers, kept in memory, and the look at the database that says whether a kept one is still true.

Each request is answered by a look that began after it came: at who may see what, and at how often the tables have
changed. Requests that wait at the same moment share one look, and those that want the same tile share its drawing. What
any process has committed is therefore in every answer to a request that came after.
"""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from psycopg.rows import TupleRow
from sqlalchemy import text
from sqlalchemy.dialects import registry

from geoapp import pool
from geoapp.draw import narrowing, tile
from geoapp.draw.query import Query
from geoapp.errors import BadRequest, NotFound
from geoapp.scope import Scope
from layers import Layer, get

KEPT_BYTES = 128 * 1024 * 1024
LARGE = 32 * 1024
"""From how many bytes on a tile is packed beside the event loop."""

_LOOK = """
    SELECT calc.operation(), calc.clearance()::text, calc.today()::text,
        (SELECT md5(a::text || coalesce((SELECT c.number FROM facts.change AS c WHERE c.subject = 'audience_rule'), 0))
            FROM facts.audience AS a WHERE a.key = %(audience)s),
        (SELECT array_agg(c.subject) FROM facts.change AS c), (SELECT array_agg(c.number) FROM facts.change AS c),
        calc.untold(),
        CASE WHEN calc.clearance() IS NULL
            THEN (SELECT string_agg(a.key, ', ' ORDER BY a.position) FROM facts.audience AS a) END
"""


@dataclass(frozen=True)
class Look:
    """What a moment's look found: who may see what, as a fingerprint, which day it is, how often each table changed."""

    room: tuple[str, ...]
    changes: dict[str, int]
    untold: frozenset[str]
    """The fields that the room is not told, each as subject/field."""

    def of(self, layers: tuple[str, ...]) -> tuple[Any, ...]:
        """What a tile of the layers of these names depends on; equal for as long as it is true."""
        return self.room, tuple(self.changes.get(table, 0) for table in _reads(layers))


@dataclass(frozen=True)
class Tile:
    """A tile as it is sent: gzipped bytes and the tag over them, and what they depended on."""

    version: tuple[Any, ...]
    tag: str
    data: bytes


@dataclass(frozen=True)
class Place:
    """Which tile: of what is asked, of which layers by name, where in WebMercatorQuad."""

    scope: Scope
    layers: tuple[str, ...]
    z: int
    x: int
    y: int


def look_of(row: TupleRow, scope: Scope) -> Look:
    """The row of the look. Raises NotFound for no such operation, BadRequest for no such audience."""
    operation, clearance, today, room, subjects, numbers, untold, known = row
    if operation is None:
        raise NotFound(f"There is no operation {scope.operation!r}.", hint="`GET /operations` lists them.")
    if clearance is None:
        raise BadRequest(f"There is no audience {scope.audience!r}.", hint=f"One of {known}.")
    changes = dict(zip(subjects or (), numbers or (), strict=True))
    return Look((clearance, today, room), changes, frozenset(untold or ()))


@lru_cache(maxsize=1024)
def _reads(layers: tuple[str, ...]) -> list[str]:
    """The tables that layers are made of."""
    return sorted({table for name in layers for table in get(name).reads})


@lru_cache(maxsize=1024)
def _driver_sql(sql: str) -> str:
    """SQL with `:name` binds as the driver wants it."""
    return str(text(sql).compile(dialect=registry.load("postgresql.psycopg")()))


def _statement(asked: Query) -> pool.Statement:
    return _driver_sql(asked.sql), asked.binds


class TileStore:
    """Draws, keeps and hands out tiles for one process; every other process may have another."""

    def __init__(self, connections: pool.Pool, limit: int = KEPT_BYTES) -> None:
        self._pool, self._limit, self._size = connections, limit, 0
        self._kept: OrderedDict[Place, Tile] = OrderedDict()
        self._drawing: dict[Place, asyncio.Future[Tile]] = {}
        self._looking = Shared(self._look)

    async def tile(self, scope: Scope, layers: Sequence[Layer], z: int, x: int, y: int) -> Tile:
        """A tile of the layers that are drawn at this zoom, in their order, as it is now.

        Raises NotFound off the grid and for no such operation, BadRequest for no such audience and for a narrowing that the layer
        or the room does not have, Unavailable.
        """
        tile.bounds(z, x, y)
        # within a room all are shown the same: a tile is kept for whoever may enter it, which the look asks for each of them
        place = Place(replace(scope, member=None), tuple(layer.name for layer in tile.due(layers, z)), z, x, y)
        if place not in self._kept and place not in self._drawing:
            return await self._draw(place, scope)
        look = await self._looking.ask(scope)
        narrowing.check(scope, look.untold)
        version = look.of(place.layers)
        drawn = self._kept.get(place)
        if drawn is None and (begun := self._drawing.get(place)) is not None:
            drawn = await asyncio.shield(begun)
        if drawn is None or drawn.version != version:
            return await self._draw(place, scope)
        if place in self._kept:
            self._kept.move_to_end(place)
        return drawn

    async def close(self) -> None:
        """Let the connections go."""
        await self._pool.close()

    async def _look(self, scope: Scope) -> Look:
        ((row,),) = await pool.fetch(self._pool, scope.context(), [(_LOOK, {"audience": scope.audience})])
        return look_of(row, scope)

    async def _draw(self, place: Place, scope: Scope) -> Tile:
        """Look and draw in one round trip, a dense tile in two; what comes after the look may be newer than it says, never older."""
        begun = self._drawing[place] = asyncio.ensure_future(self._drawn(place, scope))
        begun.add_done_callback(partial(self._over, place))
        return await asyncio.shield(begun)

    async def _drawn(self, place: Place, scope: Scope) -> Tile:
        asked = [tile.queries(get(name), scope, place.z, place.x, place.y) for name in place.layers]
        statements = [(_LOOK, {"audience": scope.audience}), *(_statement(each[0]) for each in asked)]
        looked, *answers = await pool.fetch(self._pool, scope.context(), statements)
        look, parts = look_of(looked[0], scope), [rows[0][0] for rows in answers]
        narrowing.check(scope, look.untold)
        # what was too dense for the first way, or not dense enough: seldom more than one layer of a tile
        for turn in range(1, max(map(len, asked), default=0)):
            again = [n for n, part in enumerate(parts) if part is None and turn < len(asked[n])]
            if not again:
                break
            answers = await pool.fetch(self._pool, scope.context(), [_statement(asked[n][turn]) for n in again])
            for n, rows in zip(again, answers, strict=True):
                parts[n] = rows[0][0]
        raw = b"".join(bytes(part) for part in parts if part)
        data = await asyncio.to_thread(tile.packed, raw) if len(raw) > LARGE else tile.packed(raw)
        made = Tile(look.of(place.layers), f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"', data)
        self._keep(place, made)
        return made

    def _over(self, place: Place, done: "asyncio.Future[Tile]") -> None:
        if self._drawing.get(place) is done:
            del self._drawing[place]
        if not done.cancelled():
            done.exception()  # whoever waited has it; without anybody it is no news

    def _keep(self, place: Place, made: Tile) -> None:
        """Keep a tile, letting the longest unused ones go."""
        old = self._kept.pop(place, None)
        self._size += len(made.data) - (len(old.data) if old else 0)
        self._kept[place] = made
        while self._size > self._limit:
            self._size -= len(self._kept.popitem(last=False)[1].data)


class Shared:
    """One answer for all who ask the same before it is begun; who asks later waits for the next."""

    def __init__(self, work: Callable[[Scope], Awaitable[Look]]) -> None:
        self._work = work
        self._next: dict[Scope, asyncio.Future[Look]] = {}
        self._running: set[Scope] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, scope: Scope) -> Look:
        """What the work answers, begun after this was called. Raises what the work raises."""
        key = Scope(scope.operation, scope.audience, as_of=scope.as_of, member=scope.member)
        if key not in self._next:
            self._next[key] = asyncio.get_running_loop().create_future()
            if key not in self._running:
                self._running.add(key)
                task = asyncio.create_task(self._go(key))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(self._next[key])

    async def _go(self, key: Scope) -> None:
        try:
            while (waiting := self._next.pop(key, None)) is not None:
                try:
                    waiting.set_result(await self._work(key))
                except Exception as error:  # handed to everybody who waits
                    waiting.set_exception(error)
        finally:
            self._running.discard(key)


def unpacked(data: bytes) -> bytes:
    """The tile for somebody who reads no gzip."""
    return gzip.decompress(data)
