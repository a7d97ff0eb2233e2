"""What changed since the last pack: what a room was shown then, of that day, beside what it is shown now (`moments`)."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from geoapp import audiences
from geoapp.audiences import Room
from geoapp.codes import codes
from geoapp.db import set_context
from geoapp.draw import moments
from geoapp.scope import Scope, say_date
from layers import Layer, get
from layers.changes import ENDED, KINDS, WATCHED, Watched

FIRST = "This is the first pack of its kind for this room: there is nothing to compare it with."


@dataclass(frozen=True)
class Last:
    """The last pack: up to which moment it knew, and of which day it spoke."""

    until: datetime
    day: date


@dataclass(frozen=True)
class Change:
    """One change of one record, with its shape as WKB in EPSG:4326; `day` is that of the record."""

    kind: str
    layer: str
    record: int
    name: str
    was: str
    now: str
    day: date | None
    shape: bytes | None


@dataclass(frozen=True)
class Changes:
    """What differs from the last pack, in the order of KINDS; `last` is None for a first pack."""

    last: Last | None
    found: tuple[Change, ...] = ()
    told: frozenset[str] = frozenset()
    """The layers whose changes are known."""
    not_told: tuple[str, ...] = ()
    """Of which layers they are not, and why."""

    def rows(self) -> list[tuple[Any, ...]]:
        """The changes as records of `layers.changes`: id, shape, the value of each field."""
        return [
            (n, c.shape, c.kind, KINDS[c.kind][0], c.name, c.was, c.now, c.day, get(c.layer).title, c.record)
            for n, c in enumerate(self.found, 1)
        ]  # fmt: skip

    def sentences(self) -> dict[str, list[str]]:
        """The changes as sentences of the brief, by its section."""
        said: dict[str, list[str]] = {"new": [], "ended": []}
        if self.last is None:
            return said | {"new": [FIRST]}
        since = say_date(self.last.day)
        counts = Counter(change.kind for change in self.found)
        for kind, (_, one, many, _) in KINDS.items():
            if n := counts[kind]:
                words = (one if n == 1 else many).format(n=f"{n:,}", since=since)
                said["ended" if kind in ENDED else "new"].append(f"{words}{self._by_type(kind)}.")
        if self.told and not self.found:
            said["new"].append(f"Nothing that this room is shown has changed since {since}.")
        said["new"] += self.not_told
        return said

    def _by_type(self, kind: str) -> str:
        """Of incidents how many of each type."""
        if not kind.startswith(("incident", "rough")):
            return ""
        by = Counter(c.now or c.was for c in self.found if c.kind == kind)
        return f": {', '.join(f'{n:,} {name}' for name, n in sorted(by.items(), key=lambda each: (-each[1], each[0])))}"


def since(
    connection: Connection, scope: Scope, room: Room, last: Last | None, day: date, only: Collection[str] = ()
) -> Changes:
    """What changed for a room between the last pack and this one of `day`, of the layers `only` where some are named.

    Incidents are those of the period of the scope. Leaves the policies as `scope` has them.
    """
    if last is None:
        return Changes(None)
    then = replace(scope, as_of=last.until)
    set_context(connection, then.context())
    before_room = audiences.room(connection, then)
    told = [w for w in WATCHED if not only or w.layer in only]
    why = {w.layer: moments.why_not(get(w.layer), w.needs, (room, before_room)) for w in told}
    not_told = [f"{get(name).title}: {said}" for name, said in why.items() if said]
    told = [w for w in told if not why[w.layer]]
    before = {w.layer: _states(connection, _at(then, w, last.day), w) for w in told}
    set_context(connection, scope.context())
    after = {w.layer: _states(connection, _at(scope, w, day), w) for w in told}
    # an incident whose place has become known better, or less well, is in the other of its two layers
    others: dict[str, Collection[int]] = {
        w.layer: (before[w.twin].keys() & after[w.layer].keys()) | (before[w.layer].keys() & after[w.twin].keys())
        if w.twin in after else () for w in told
    }  # fmt: skip
    found: list[Change] = []
    for watched in told:
        layer, at = get(watched.layer), _at(scope, watched, day)
        old, new = before[watched.layer], after[watched.layer]
        kinds = {record: kind for record, kind in _differ(watched, old, new) if record not in others[watched.layer]}
        rows = _records(connection, at, layer, room, [each for each in kinds if each in new])
        gone = [each for each in kinds if each not in new]
        if gone:
            set_context(connection, then.context())
            rows |= _records(connection, _at(then, watched, last.day), layer, room, gone)
            set_context(connection, scope.context())
        for record, kind in kinds.items():
            row = rows[record]
            if watched.ended and kind == watched.gone and (last_day := row[watched.ended[0]]) and last_day < day:
                kind = watched.ended[1]
            was, now = (_say(watched, each.get(record)) for each in (old, new))
            found.append(
                Change(kind, watched.layer, record, moments.name(layer, row), was, now, row[watched.day], row["shape"])
            )
    order = {kind: place for place, kind in enumerate(KINDS)}
    found.sort(key=lambda each: (order[each.kind], each.layer, each.record))
    return Changes(last, tuple(found), frozenset(w.layer for w in told), tuple(not_told))


def _at(scope: Scope, watched: Watched, day: date) -> Scope:
    """The days that a layer is looked at for: events of the period up to the day, roads on it, the rest from it on."""
    layer = get(watched.layer)
    if layer.happens:
        return replace(scope, period=((scope.period or (None, None))[0], day))
    return replace(scope, period=(day, day if watched.on_the_day else None))


def _states(connection: Connection, scope: Scope, watched: Watched) -> dict[int, str]:
    return moments.states(connection, scope, get(watched.layer), f"min({watched.state})", watched.where)


def _differ(watched: Watched, old: dict[int, str], new: dict[int, str]) -> Iterator[tuple[int, str]]:
    """The records that differ, and how; of those that are gone first."""
    for record in old.keys() - new.keys():
        yield record, watched.gone
    for record, state in new.items():
        was, kind = old.get(record), watched.by_state.get(state)
        if was is None and watched.came:
            yield record, watched.came
        elif was is not None and watched.graded and state != was:
            yield record, watched.graded[int(state) < int(was)]
        elif kind and (state != watched.taken_for if was is None else watched.by_state[was] != kind):
            yield record, kind


def _records(
    connection: Connection, scope: Scope, layer: Layer, room: Room, ids: list[int]
) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in moments.rows(connection, scope, layer, room, ids)}


def _say(watched: Watched, state: str | None) -> str:
    """A state in words; nothing where there was none."""
    if state is None:
        return ""
    return codes(watched.code).get(state, state) if watched.code else watched.words.format(state)
