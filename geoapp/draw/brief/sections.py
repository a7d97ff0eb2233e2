"""What is new, what ended, what is due, what is not known, what is withheld from this room? Sentences made from counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw import panel
from geoapp.draw.brief.counts import COUNTS, NAMED, Count
from geoapp.draw.changes import Changes
from geoapp.draw.nothing import kept_back, unknown
from geoapp.draw.query import columns, source
from geoapp.draw.wording import title
from geoapp.operations import operation
from geoapp.scope import Scope, say_date
from layers import Layer, get

TITLES = {"new": "New", "ended": "Ended", "due": "Due", "not_known": "Not known", "withheld": "Withheld from this room"}
SINCE_DAYS = 14
"""How far back new and ended are counted when nobody says: an HCT meets every second week."""
NO_WORDS = {
    "new": "Nothing that this room is shown is recorded as new.", "ended": "Nothing that this room is shown has ended.",
    "due": "Nothing that this room is shown is due.", "not_known": "Nothing is counted as not known.",
    "withheld": "Nothing is withheld from this room.",
}  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One part of the brief."""

    key: str
    title: str
    sentences: tuple[str, ...]


def day_of(connection: Connection, scope: Scope) -> date:
    """The day the brief speaks of: as-of where it is said, else the operation's today, and never after the period's end."""
    today = operation(connection, scope.operation).today
    day = min(today, scope.as_of.date()) if scope.as_of else today
    return min(day, scope.period[1]) if scope.period and scope.period[1] else day


def sentences(
    connection: Connection, scope: Scope, room: Room, since: date | datetime | None = None, only: Collection[str] = (),
    changes: Changes | None = None,
) -> list[Section]:  # fmt: skip
    """The sections in their order, each with at least one sentence; of the layers `only` where some are named. What is new and
    ended is what `changes` say of the layers that they tell of. Raises NotFound for no such operation."""
    day = day_of(connection, scope)
    begin = since.astimezone(UTC).date() if isinstance(since, datetime) else since
    if changes and changes.last:
        begin = changes.last.day
    begin = begin or day - timedelta(days=SINCE_DAYS)
    found: dict[str, list[str]] = {key: [] for key in TITLES}
    counts = [count for count in COUNTS if not only or count.layer in only]
    compared = {"road_reports" if name == "roads" else name for name in changes.told} if changes else set()
    for section, told in (changes.sentences() if changes else {}).items():
        found[section] += told
    for count in counts:
        if count.section in ("new", "ended") and count.layer in compared:
            continue
        layer = get(count.layer)
        shown = room.shows(layer) and not room.hidden(layer) & set(count.needs)
        if shown and (said := _sentence(connection, scope, room, count, begin, day)):
            found[count.section].append(said)
    layers = list(dict.fromkeys(get(count.layer) for count in counts))
    newest = panel.frame(connection, replace(scope, period=None), extent=False)["newest"]
    if newest:
        found["not_known"].insert(
            0, f"The newest records are of {say_date(date.fromisoformat(newest))}; what came after is not known."
        )
    found["not_known"] += [f"{get(name).title}: {words}" for name, words in unknown(connection, layers, scope).items()]
    found["withheld"] += _parted(layers, room)
    return [Section(key, TITLES[key], tuple(said or [NO_WORDS[key]])) for key, said in found.items()]


def _parted(layers: Iterable[Layer], room: Room) -> list[str]:
    """What is withheld of the layers, a sentence for each reason, with the layers it is about."""
    about: dict[str, list[Layer]] = {}
    for layer in layers:
        if said := room.withheld(layer):
            about.setdefault(said, []).append(layer)
    return [kept_back(of, room) for of in about.values()]


def _sentence(connection: Connection, scope: Scope, room: Room, count: Count, since: date, day: date) -> str | None:
    """The sentence of a count; none where it says of nothing that it is not known."""
    layer, on = get(count.layer), {"day": (day, day), "since": (since, since), "always": None}[count.held]
    asked = replace(scope, period=on)
    binds = asked.binds() | {"since": since, "day": day}
    within = f"FROM ({source(layer, asked)}) AS t WHERE {count.where}"
    n = int(connection.execute(text(f"SELECT count({count.of}) {within}"), binds).scalar_one())
    if not n and count.section == "not_known":
        return None
    words = (count.one if n == 1 else count.many).format(
        n=f"{n:,}" if n else "no", since=say_date(since), day=say_date(day)
    )
    words = words[0].upper() + words[1:]
    if not count.named:
        return words
    if not n:
        return f"{words}."
    rows = connection.execute(
        text(f"SELECT {count.day_of} AS on_day, {columns(layer)} {within} ORDER BY 1, t.id LIMIT {NAMED}"), binds
    ).mappings()
    hidden = room.hidden(layer)
    names = []
    for row in rows:
        told = {name: None if name in hidden else value for name, value in row.items()}
        code = f"{told['code']} " if told.get("code") else ""
        names.append(f"{code}{title(layer, told)} ({say_date(row['on_day'])})")
    more = f" and {n - len(names):,} more" if n > len(names) else ""
    return f"{words}: {'; '.join(names)}{more}."
