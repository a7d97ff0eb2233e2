"""How many are answered at once? As many as there are threads to answer them; who waits too long is told to come back.

A request for the database that finds every thread and connection taken is refused in less than two seconds. What needs no
thread (health, metrics, tiles, the wait for a job) is never kept at the gate.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from geoapp.errors import Unavailable

AT_ONCE = 40
WAIT_S = 0.9
"""With the wait for a connection (`geoapp.db.WAIT_S`) less than two seconds."""
_FREE = re.compile(r"/(?:healthz|metrics|static/.*)|.*/tiles/.*|.*/imports")


class Gate:
    """Lets so many requests of one process through at once."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._places = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def place(self, path: str) -> AsyncIterator[None]:
        """A place for a request of this path for as long as it is answered. Raises Unavailable when there was none in time."""
        if _FREE.fullmatch(path):
            yield
            return
        try:
            await asyncio.wait_for(self._places.acquire(), WAIT_S)
        except TimeoutError:
            raise Unavailable(
                "Too many ask at the same time.", hint="Nothing is lost. Try again in a moment."
            ) from None
        try:
            yield
        finally:
            self._places.release()
