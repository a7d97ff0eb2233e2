"""How often has each table changed for this room, and what was answered from just that?"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from geoapp.operations import Operation
from geoapp.scope import Scope

T = TypeVar("T")
_LOOK = text("""
    SELECT (SELECT coalesce(jsonb_object_agg(c.subject, c.number), '{}') FROM facts.change AS c),
        md5(a::text || coalesce((SELECT c.number FROM facts.change AS c WHERE c.subject = 'audience_rule'), 0)), calc.today(), o.key, o.title, o.exercise, o.organisation, o.time_zone, o.copy_of
    FROM facts.audience AS a JOIN facts.operation AS o ON o.operation_id = a.operation_id WHERE a.key = :audience
""")


@dataclass(frozen=True)
class Versions:
    """A moment's look: the operation, how often each of its tables has changed, the room as a fingerprint and the day."""

    operation: Operation
    changes: dict[str, int]
    room: tuple[Any, ...]

    def of(self, tables: Iterable[str]) -> tuple[Any, ...]:
        """What an answer depends on that is made from these tables; equal for as long as it is true."""
        return self.room, tuple(self.changes.get(table, 0) for table in sorted(set(tables)))


def look(connection: Connection, scope: Scope) -> Versions:
    """The versions now. What is read after it may be newer than it says, never older."""
    row = connection.execute(_LOOK, {"audience": scope.audience}).one()
    changes, room, today, key, title, exercise, organisation, zone, copy_of = row
    return Versions(Operation(key, title, exercise, organisation, today, zone, copy_of), changes, (room, today))


class AnswerCache:
    """Answers by what was asked, each with the version of the data and of the room that it was made from."""

    def __init__(self, limit: int = 20_000) -> None:
        self._limit, self._lock = limit, Lock()
        self._answers: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()
        self._making: dict[Any, tuple[Lock, int]] = {}

    @contextmanager
    def alone(self, key: Any) -> Iterator[None]:
        """One at a time for a key: who comes while another makes the same answer waits, and then finds it here."""
        with self._lock:
            lock, waiting = self._making.get(key, (Lock(), 0))
            self._making[key] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._making.pop(key)
                if waiting > 1:
                    self._making[key] = lock, waiting - 1

    def get(self, key: Any, version: Any) -> Any | None:
        """The answer, when it was made from this version."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or found[0] != version:
                return None
            self._answers.move_to_end(key)
            return found[1]

    def put(self, key: Any, version: Any, answer: Any) -> None:
        """Keep an answer, letting the longest unused ones go."""
        with self._lock:
            self._answers[key] = (version, answer)
            self._answers.move_to_end(key)
            while len(self._answers) > self._limit:
                self._answers.popitem(last=False)


def kept(
    cache: AnswerCache, connection: Connection, scope: Scope, name: str, tables: Iterable[str], make: Callable[[], T]
) -> T:
    """The answer called `name` for this scope, made from these tables and nothing else: as it was made, while that is still true.
    When many ask at once one of them makes it."""
    key = (name, scope)
    version = look(connection, scope).of(tables)
    with cache.alone(key):
        found: T | None = cache.get(key, version)
        if found is None:
            found = make()
            cache.put(key, version, found)
    return found
