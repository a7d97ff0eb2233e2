"""What was made for earlier questions, kept until what it was made from changes; an earlier network serves while a job builds
a newer one."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock, RLock
from typing import Any, Literal

from sqlalchemy import Connection, text

from geoapp.access.network_store import is_large, stored
from geoapp.access.road_network import RoadNetwork, load, refreshed

KEPT = 24
"""Networks, what they cross, and searches with their costs kept in memory."""

_ROOM = text("""
    SELECT calc.operation(), calc.clearance()::text, calc.precision_of('roads'),
        (SELECT number FROM facts.change WHERE subject = 'road'), (SELECT built_at FROM facts.network)
""")
_GROUND = text("""
    SELECT calc.operation(), calc.audience(), string_agg(c.subject || '=' || c.number, ' ' ORDER BY c.subject)
    FROM facts.change AS c WHERE c.subject = ANY(:subjects)
""")


class NotBuilt(Exception):
    """A large network is not built yet."""


class NetworkCache:
    """What was made, by who asked and what it was made from; the longest unused goes first."""

    def __init__(self, limit: int = KEPT) -> None:
        self._lock, self._limit = Lock(), limit
        self._made: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()
        self._making: dict[Any, RLock] = {}

    def get(self, key: Any, version: Any, make: Callable[[Any], Any]) -> Any:
        """What was made under this key from this version. Made now when it was not, out of what was made of another
        version (or None), while others wait for this key only."""
        with self._lock:
            making = self._making.setdefault(key, RLock())
        with making:
            with self._lock:
                found = self._made.get(key)
            if found is None or found[0] != version:
                found = version, make(found[1] if found else None)
            self._keep(key, *found)
            return found[1]

    def _keep(self, key: Any, version: Any, made: Any) -> None:
        with self._lock:
            self._made[key] = version, made
            self._made.move_to_end(key)
            while len(self._made) > self._limit:
                self._making.pop(self._made.popitem(last=False)[0], None)

    def roads(self, connection: Connection, *, wait: bool = True) -> RoadNetwork:
        """The network as this transaction's room sees the roads: an earlier one with the facts of the roads read anew, if
        `road_network.refreshed` lets it; built now where there is none, or few roads are missing in it. Raises NotBuilt
        where that would take long and `wait` is False."""
        *room, changed, kept_at = connection.execute(_ROOM).one()

        def make(old: RoadNetwork | None) -> RoadNetwork:
            served = self._served(connection, old)
            if served is not None and served.complete:
                return served
            large = is_large(connection)
            if served is not None and large:
                return served
            if large and not wait:
                raise NotBuilt
            return load(connection)

        made: RoadNetwork = self.get(("ways", *room), (changed, kept_at), make)
        return made

    def state(self, connection: Connection) -> Literal["missing", "behind", "ready"]:
        """Whether a question would wait for a large network to be built, or is answered by an earlier one that lacks roads."""
        try:
            return "ready" if self.roads(connection, wait=False).complete else "behind"
        except NotBuilt:
            return "missing"

    @staticmethod
    def _served(connection: Connection, old: RoadNetwork | None) -> RoadNetwork | None:
        """The newest network that may serve this room: what a job has kept, or that of this process."""
        for earlier in (stored(connection, old.as_of if old else None), old):
            if earlier is not None and (made := refreshed(connection, earlier)) is not None:
                return made
        return None

    def for_room(
        self, connection: Connection, key: Any, anchor: Any, subjects: Sequence[str], make: Callable[[], Any]
    ) -> Any:
        """What follows from this very anchor (a network, or its roads) and from these tables as the room sees them.

        The anchor is part of the version: a road that changes between two statements would otherwise leave what one
        network crosses under the numbers of another's edges.
        """
        *room, version = connection.execute(_GROUND, {"subjects": list(subjects)}).one()
        return self.get((*room, key), (version, anchor), lambda old: make())
