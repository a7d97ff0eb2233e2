"""What differs between two moments, each a state of knowledge and a day: what happened between them, and what was only learned.

A record is there at a moment when it was known then and holds on its day; of incidents those of all days up to it. Three states
are read: what was known then of the earlier day, what is known now of the later one, and what is known now of the earlier one,
which tells the first two apart: what differs by knowledge alone was learned, what differs by the day happened. So of every kind
`then` + `new` − `ended` − `withdrawn` is `now`, and the counts of two comparisons that follow one another add up.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, text

from geoapp import audiences
from geoapp.audiences import Room
from geoapp.db import set_context
from geoapp.draw import moments
from geoapp.draw.compared_records import Told, told
from geoapp.errors import BadRequest
from geoapp.scope import Scope, parse_moment
from layers import get
from layers.compared import COMPARED, KINDS, Compared

MAX_LIMIT = 500


@dataclass(frozen=True)
class Moment:
    """What was known up to `known` (None: what is known now), of a day."""

    known: datetime | None
    day: date

    def json(self) -> dict[str, str | None]:
        """As the doors say it."""
        return {"known": self.known.isoformat() if self.known else None, "day": self.day.isoformat()}


@dataclass(frozen=True)
class Asked:
    """Two moments as they were written: of knowing, and of being valid. What is not said of the later one is now; a day that is
    not said is that of its state of knowledge."""

    then: str | None = None
    now: str | None = None
    then_on: str | None = None
    now_on: str | None = None

    def moments(self, today: date) -> tuple[Moment, Moment]:
        """Both of them. Raises BadRequest for no earlier one, for one that is no moment, and for the later one first."""
        if not (self.then or self.then_on):
            raise BadRequest("There is no earlier moment.", hint="Say then=2026-09-24, or then_on for its day alone.")
        later = parse_moment(self.now) if self.now else None
        known = parse_moment(self.then) if self.then else later
        days = [parse_moment(on).date() if on else None for on in (self.then_on, self.now_on)]
        now = Moment(later, days[1] or (later.date() if later else today))
        then = Moment(known, days[0] or (min(known.date(), now.day) if known else now.day))
        if (now.known and then.known and then.known > now.known) or then.day > now.day:
            raise BadRequest("The earlier moment is after the later one.", hint="Write the earlier one as then.")
        return then, now


@dataclass(frozen=True)
class _Change:
    """One record that differs."""

    of: Compared
    record: int
    kind: str
    learned: bool
    size: float
    layer: str
    """Where it is, or was."""
    was_in: str | None


_State = dict[int, tuple[str, str, str, str]]
"""By record: the layer that it is in, its values and its shape as hashes, its size in km²."""


def of_day(connection: Connection) -> date:
    """The operation's day."""
    today: date = connection.execute(text("SELECT calc.today()")).scalar_one()
    return today


def compare(
    connection: Connection, scope: Scope, then: Moment, now: Moment, *, kinds: Collection[str] = (),
    only: Collection[str] = (), learned: bool | None = None, each: int | None = None, limit: int = 50, offset: int = 0,
    shapes: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What differs, of the kinds of records `only` where some are named: `counts` of all of them, and a page of `changes`, narrowed
    to `kinds` of change and to what was `learned` or not; with `each` no more than so many of what happened to, and of what was
    learned of, records of one kind. Leaves the policies as `scope` has them. Raises BadRequest for a kind that there is not.
    """
    for asked, there in ((only, [c.key for c in COMPARED]), (kinds, list(KINDS))):
        if unknown := set(asked) - set(there):
            raise BadRequest(f"There is no {sorted(unknown)[0][:60]!r} to compare.", hint=f"One of {', '.join(there)}.")
    earlier, later = replace(scope, as_of=then.known), replace(scope, as_of=now.known)
    set_context(connection, earlier.context())
    rooms = [audiences.room(connection, earlier)]
    compared = [c for c in COMPARED if not only or c.key in only]
    set_context(connection, later.context())
    rooms.append(audiences.room(connection, later))
    not_told = {c.key: why for c in compared if (why := _why_not(c, rooms))}
    compared = [c for c in compared if c.key not in not_told]
    hidden = {
        c.key: frozenset().union(*(room.hidden(get(name)) for room in rooms for name in c.layers)) for c in compared
    }
    as_now = {c.key: _state(connection, _on(later, c, now.day), c, hidden[c.key]) for c in compared}
    of_then = as_now if then.day == now.day else {
        c.key: _state(connection, _on(later, c, then.day), c, hidden[c.key]) for c in compared
    }  # fmt: skip
    set_context(connection, earlier.context())
    as_then = of_then if then.known == now.known else {
        c.key: _state(connection, _on(earlier, c, then.day), c, hidden[c.key]) for c in compared
    }  # fmt: skip
    set_context(connection, later.context())
    found: list[_Change] = []
    counts: dict[str, dict[str, Any]] = {}
    for c in compared:
        old, new = as_then[c.key], as_now[c.key]
        gone = old.keys() - new.keys()
        still = _known_of(connection, later, c, gone)
        own = list(_differ(c, old, of_then[c.key], new, still))
        counts[c.key] = {"one": c.one, "many": c.many} | _counts(old, new, own)
        found += own
    listed = [c for c in found if (not kinds or c.kind in kinds) and learned in (None, c.learned)]
    listed.sort(key=lambda c: (COMPARED.index(c.of), c.learned, list(KINDS).index(c.kind), -c.size, c.record))
    matched = len(listed)
    if each is not None:
        listed = [c for _, alike in groupby(listed, key=lambda c: (c.of.key, c.learned)) for c in islice(alike, each)]
    page = listed[offset : offset + limit]
    changes = told(
        connection, [Told(c.of, c.record, c.kind, c.layer, c.was_in) for c in page],
        (earlier, then.day), (later, now.day), rooms, shapes=shapes,
    )  # fmt: skip
    set_context(connection, scope.context())
    return {
        "then": then.json(), "now": now.json(), "counts": counts, "matched": matched,
        "not_told": [f"{next(c for c in COMPARED if c.key == key).many}: {why}" for key, why in not_told.items()],
        "partly": list(dict.fromkeys(said for c in compared if (said := rooms[0].withheld(get(c.layers[0]))))),
        "changes": [{"of": c.of.key, "kind": c.kind, "learned": c.learned} | said for c, said in zip(page, changes, strict=True)],
    }  # fmt: skip


def _why_not(compared: Compared, rooms: list[Room]) -> str | None:
    needs = [each for each in (compared.begins, compared.ends) if each]
    return next((why for name in compared.layers if (why := moments.why_not(get(name), needs, rooms))), None)


def _on(scope: Scope, compared: Compared, day: date) -> Scope:
    return replace(scope, period=(None if compared.happens else day, day))


def _state(connection: Connection, scope: Scope, compared: Compared, hidden: Collection[str]) -> _State:
    """Every record of a moment, by its values and its shape."""
    values = ", ".join(f't."{name}"' for name in compared.fields if name not in hidden)
    one, shape = f"md5(ROW({values})::text)", "md5(ST_AsBinary(t.geom))"
    size = "coalesce(sum(t.km2), 0)" if "km2" in compared.fields and "km2" not in hidden else "0"
    shapes = f"coalesce(string_agg({shape}, '' ORDER BY {shape}), '')"
    state = f"concat_ws('/', string_agg({one}, '' ORDER BY {one}), {shapes}, {size})"
    found: _State = {}
    for name in compared.layers:
        for record, said in moments.states(connection, scope, get(name), state).items():
            values_, shape_, size_ = said.split("/")
            found.setdefault(record, (name, values_, shape_, size_))
    return found


def _known_of(connection: Connection, scope: Scope, compared: Compared, ids: Iterable[int]) -> frozenset[int]:
    """Which of these records are still recorded, on whatever day they hold."""
    wanted = list(ids)
    if not wanted:
        return frozenset()
    found: set[int] = set()
    for name in compared.layers:
        layer = get(name)
        every = replace(layer, sql=layer.coarse.sql) if layer.coarse and layer.coarse.sql else layer
        found |= {
            row["id"] for row in moments.rows(connection, replace(scope, period=None), every, _ALL, wanted, "NULL")
        }
    return frozenset(found)


_ALL = Room("", "", "RED", {}, (), may_write=True)
"""Withholds no field: of these rows the numbers alone are looked at."""


def _differ(compared: Compared, old: _State, between: _State, new: _State, still: Collection[int]) -> Iterable[_Change]:
    """The records that differ; `between` is what is known at the later moment of the earlier one's day."""
    for record, (layer, *_, size) in old.items():
        if record not in new:
            kind = "ended" if record in still else "withdrawn"
            yield _Change(compared, record, kind, record not in between, float(size), layer, layer)
    for record, state in new.items():
        was = old.get(record)
        if was is None:
            yield _Change(compared, record, "new", record in between, float(state[3]), state[0], None)
        elif was != state:
            kind = "revised" if was[2] == state[2] else "moved"
            yield _Change(compared, record, kind, between.get(record) == state, float(state[3]), state[0], was[0])


def _counts(old: _State, new: _State, found: list[_Change]) -> dict[str, int]:
    by = Counter(each.kind for each in found)
    learned = Counter(each.kind for each in found if each.learned)
    return (
        {"then": len(old), "now": len(new)} | {kind: by[kind] for kind in KINDS}
        | {"happened": len(found) - learned.total(), "learned": learned.total()}
    )  # fmt: skip
