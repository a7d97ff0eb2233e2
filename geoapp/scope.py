"""What is being looked at: one value that says operation, room, box, days and as-known-on, the same at every door."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from geoapp.db import Context
from geoapp.errors import BadRequest
from geoapp.model import FACTS

Box = tuple[float, float, float, float]
WORDS = 8
"""Words that a search looks for, at most."""
BOX = "ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
Period = tuple[date | None, date | None]
KNOWN = (*FACTS, "incident_tally", "incident_bin")
"""The tables that can be read as they were known on another day, as the views `calc.known_…`: what is kept version by version,
and the counts of it."""
_KNOWN = re.compile(r"\b(?:facts|calc)\.(" + "|".join(sorted(KNOWN, key=len, reverse=True)) + r")\b")


@dataclass(frozen=True)
class Only:
    """What one layer is narrowed to: values by the name of a filter of its list, and under `q` the words that a row has."""

    layer: str
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scope:
    """`bbox` is west, south, east, north in degrees; `period` is first and last day, None for open; `as_of` is the
    moment whose knowledge is shown; `only` narrows one layer, and no other."""

    operation: str
    audience: str = "internal"
    bbox: Box = WORLD
    period: Period | None = None
    as_of: datetime | None = None
    member: str | None = None
    purpose: Literal["view", "items", "export"] = "view"
    only: Only | None = None

    def context(self) -> Context:
        """What the policies are told."""
        return Context(self.operation, self.audience, self.member, self.as_of, self.purpose)

    def binds(self, zoom: int = 22) -> dict[str, Any]:
        """The values of a layer's `:box`, `:period` and `:zoom`, and of the narrowing's `:only_…`."""
        west, south, east, north = self.bbox
        found: dict[str, Any] = {
            "west": west, "south": south, "east": east, "north": north, "zoom": zoom, "period": range_text(self.period)
        }  # fmt: skip
        for name, value in self.only.filters if self.only else ():
            found[f"only_{name}"] = value.lower().split()[:WORDS] if name == "q" else value
        return found

    def about(self, layer: str) -> "Scope":
        """The scope as far as it is about a layer: without the narrowing of another one."""
        return self if self.only is None or self.only.layer == layer else replace(self, only=None)

    @property
    def whole(self) -> "Scope":
        """The same scope, with nothing narrowed."""
        return replace(self, only=None) if self.only else self

    def within(self, box: Box) -> "Scope":
        """The same scope, looked at through another box."""
        return replace(self, bbox=box)

    def sentence(self) -> str:
        """What is shown, in words for a heading."""
        words = []
        if self.period is not None:
            first, last = self.period
            words.append(f"{say_date(first) or 'the beginning'} – {say_date(last) or 'open'}")
        if self.bbox != WORLD:
            words.append("within the box {:.3f}, {:.3f}, {:.3f}, {:.3f}".format(*self.bbox))
        if self.as_of is not None:
            words.append(f"as known on {self.as_of:%-d %b %Y %H:%M} UTC")
        return ", ".join(words) or "everything recorded"


def known(sql: str, scope: Scope) -> str:
    """The SQL over the facts as known on `scope.as_of`, when that is said."""
    return _KNOWN.sub(r"calc.known_\1", sql) if scope.as_of is not None else sql


def boxed(sql: str) -> str:
    """A layer's SQL with its box filled in."""
    return sql.replace(":box", BOX)


def say_date(day: date | None) -> str:
    """A date with the month as a word; nothing for None."""
    return f"{day:%-d %b %Y}" if day else ""


def range_text(period: Period | None) -> str | None:
    """PostgreSQL's text for an inclusive period; None for no period."""
    if period is None:
        return None
    first, last = period
    return f"[{first or ''},{last + timedelta(days=1) if last else ''})"


def parse_box(text: str | None, *, across: bool = False) -> Box:
    """`west,south,east,north` in degrees (six numbers: heights are left out). Raises BadRequest, for one across 180° (west is
    greater than east) unless `across`: it is all around the world then, between its latitudes."""
    if not text:
        return WORLD
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or any(n != n or abs(n) > 360 for n in numbers):
        raise BadRequest(
            f"{text[:80]!r} is no box.", hint="Give west,south,east,north in degrees, such as 85,-15,88,-11."
        )
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise BadRequest(f"The box {text[:80]!r} lies outside the world.", hint="Longitudes ±180, latitudes ±90.")
    if west > east and across:
        return -180.0, south, 180.0, north
    if west > east:
        raise BadRequest("A box across the 180° meridian is not supported.", hint="Ask for its two halves.")
    return west, south, east, north


def parse_moment(text: str) -> datetime:
    """A date or RFC 3339 moment; a date means its end, in UTC. Raises BadRequest."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.max.time(), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text[:40]!r} is no date.", hint="Write it as 2026-10-18 or 2026-10-18T09:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_period(text: str | None) -> Period | None:
    """A day or an interval `first/last`, `..` or nothing for an open end. Raises BadRequest."""
    if not text or text in ("..", "../.."):
        return None
    ends = text.split("/")
    if len(ends) > 2:
        raise BadRequest(f"{text[:60]!r} is no period.", hint="Write first/last, such as 2026-10-01/2026-10-31.")
    days = [None if end in ("", "..") else parse_moment(end).date() for end in ends]
    first, last = days[0], days[-1]
    if first and last and first > last:
        raise BadRequest("The period ends before it begins.", hint="Write the earlier day first.")
    return first, last
