"""What was made for earlier questions, kept until what it was made from changes; a network is rebuilt while the old one serves."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock, RLock, Thread
from typing import Any

from sqlalchemy import Connection, Engine, text

from geoapp import db
from geoapp.access.road_network import RoadNetwork, load, refreshed

KEPT = 24
"""Networks, what they cross, and searches with their costs kept in memory."""

_ROOM = text("""
    SELECT calc.operation(), calc.clearance()::text, calc.precision_of('roads'),
        (SELECT number FROM facts.change WHERE subject = 'road')
""")
_GROUND = text("""
    SELECT calc.operation(), current_setting('geoapp.audience'), string_agg(c.subject || '=' || c.number, ' ' ORDER BY c.subject)
    FROM facts.change AS c WHERE c.subject = ANY(:subjects)
""")
_WHO = text("SELECT current_setting('geoapp.operation'), current_setting('geoapp.audience')")


class NetworkCache:
    """What was made, by who asked and what it was made from; the longest unused goes first."""

    def __init__(self, limit: int = KEPT) -> None:
        self._lock, self._limit = Lock(), limit
        self._made: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()
        self._making: dict[Any, RLock] = {}
        self._building: dict[Any, Thread] = {}

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

    def roads(self, connection: Connection) -> RoadNetwork:
        """The network as this transaction's room sees the roads.

        The first is waited for. When roads have changed since, the facts of the roads are read anew and the network
        stays, if `roads.refreshed` lets it; roads that were added come in by a build that nobody waits for.
        """
        *room, version = connection.execute(_ROOM).one()
        key = ("ways", *room)

        def make(old: RoadNetwork | None) -> RoadNetwork:
            return (refreshed(connection, old) if old else None) or load(connection)

        made: RoadNetwork = self.get(key, version, make)
        if not made.complete:
            self._rebuild(connection, key)
        return made

    def _rebuild(self, connection: Connection, key: Any) -> None:
        """Start building this room's network anew, unless somebody is at it."""
        operation, audience = connection.execute(_WHO).one()
        context = db.Context(operation, audience)
        with self._lock:
            if key in self._building:
                return
            thread = Thread(target=self._build, args=(connection.engine, context, key), name="network", daemon=True)
            self._building[key] = thread
            thread.start()

    def _build(self, engine: Engine, context: db.Context, key: Any) -> None:
        try:
            with db.transaction(engine, context) as connection:
                # the room may be shown something else by now: what is built is kept for the room it was built for
                *room, version = connection.execute(_ROOM).one()
                made = load(connection)
            made.search.prepare()
            self._keep(("ways", *room), version, made)
        finally:
            with self._lock:
                self._building.pop(key, None)

    def settle(self) -> None:
        """Wait until no network is being built."""
        with self._lock:
            running = list(self._building.values())
        for thread in running:
            thread.join()

    def for_room(
        self, connection: Connection, key: Any, anchor: Any, subjects: Sequence[str], make: Callable[[], Any]
    ) -> Any:
        """What follows from this very anchor (a network, or its roads) and from these tables as the room sees them.

        The anchor is part of the version: a road that changes between two statements would otherwise leave what one
        network crosses under the numbers of another's edges.
        """
        *room, version = connection.execute(_GROUND, {"subjects": list(subjects)}).one()
        return self.get((*room, key), (version, anchor), lambda old: make())
