"""Which database answers a reader? A streaming replica that has what the reader wrote last, else the primary.

A thread asks each server a few times a second how far it is. How far a replica has replayed only grows, so what was
heard last is a promise: it has at least that. Left out are replicas that do not answer, that follow nobody any more, and
that lack what the primary had `LAG_S` ago: a reader who wrote nothing is not told of yesterday either.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count

import psycopg
from sqlalchemy import Engine, text

from geoapp import db, pool
from geoapp.db import translated
from geoapp.draw.tile_store import TileStore

LAG_S, HEARD_S, ASK_EVERY_S = 5.0, 2.0, 0.25
NEVER = 2**64 - 1
"""A place in the log that no server reaches: read at the primary."""
NEVER_LSN = "FFFFFFFF/FFFFFFFF"

_HOW_FAR = "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn(), '0/0')::text"
_WRITTEN = "SELECT NOT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN '0/0' ELSE pg_current_wal_insert_lsn() END::text"


def place(lsn: str) -> int:
    """A place in the write-ahead log (`16/B374D848`) as a number; NEVER for what is none."""
    high, sign, low = lsn.partition("/")
    try:
        return (int(high, 16) << 32) + int(low, 16) if sign and len(lsn) <= 17 else NEVER
    except ValueError:
        return NEVER


class Server:
    """One database server: connections, tiles kept of it, and how far it is."""

    def __init__(self, engine: Engine, how_far: str, slow_ms: float) -> None:
        self.engine, self.tiles = engine, TileStore(pool.make(engine, slow_ms))
        self._how_far, self._heard = how_far, 0.0
        self.at = 0
        """The place in the log that it has reached at least."""
        self.steps: deque[tuple[float, int]] = deque(maxlen=int(4 * LAG_S / ASK_EVERY_S))

    def heard(self) -> bool:
        """Whether it answered just now, as what it should be."""
        return time.monotonic() - self._heard < HEARD_S

    def missed(self) -> None:
        """It did not answer somebody: left out until it is heard of again."""
        self._heard = 0.0

    def listen(self, ending: threading.Event) -> None:
        """Ask it again and again how far it is."""
        arguments = self.engine.url.render_as_string(hide_password=False).replace("+psycopg", "", 1)
        while not ending.is_set():
            try:
                with psycopg.connect(
                    arguments, connect_timeout=2, autocommit=True, prepare_threshold=None
                ) as connection:
                    while not ending.wait(ASK_EVERY_S):
                        fit, lsn = connection.execute(_HOW_FAR if self._how_far == "replayed" else _WRITTEN).fetchone()  # type: ignore[misc]
                        self.at = max(self.at, place(lsn)) if fit else 0
                        self.steps.append((time.monotonic(), self.at))
                        self._heard = time.monotonic() if fit else 0.0
            except psycopg.Error:
                self.missed()
            ending.wait(ASK_EVERY_S)


class Servers:
    """The primary and its replicas, as one process reaches them."""

    def __init__(self, primary: Engine, read_urls: Sequence[str] = (), slow_ms: float = math.inf) -> None:
        self.primary = Server(primary, "written", slow_ms)
        self.replicas = [Server(db.engine(url, serves=db.serves(primary)), "replayed", slow_ms) for url in read_urls]
        self._turn, self._ending = count(), threading.Event()
        self._threads = [
            threading.Thread(target=server.listen, args=(self._ending,), name="replicas", daemon=True)
            for server in (self.primary, *self.replicas) if self.replicas
        ]  # fmt: skip
        for thread in self._threads:
            thread.start()

    def readers(self, written: str | None) -> Iterator[Server]:
        """Who may answer a reader whose last change was at this place in the log, in the order to be tried."""
        if self.replicas:
            long_ago = time.monotonic() - LAG_S
            floor = max((at for moment, at in list(self.primary.steps) if moment <= long_ago), default=self.primary.at)
            needed = max(floor, place(written) if written else 0)
            fit = [r for r in self.replicas if needed and r.heard() and r.at >= needed]
            turn = next(self._turn)
            yield from (fit[(turn + n) % len(fit)] for n in range(len(fit)))
        yield self.primary

    def written(self) -> str:
        """The place in the log up to which everything is written that was committed before. Raises Unavailable."""
        with translated(), self.primary.engine.begin() as connection:
            return str(connection.execute(text("SELECT pg_current_wal_insert_lsn()::text")).scalar_one())

    async def close(self) -> None:
        """Let all connections go."""
        self._ending.set()
        for server in (self.primary, *self.replicas):
            await server.tiles.close()
            server.engine.dispose()
