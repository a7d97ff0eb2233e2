"""When is the convoy where, and is it night there?

Night is 18:00 to 06:00 local solar time, by longitude alone: a quarter of a degree is a minute, and neither the season nor
twilight changes it. Days are those of UTC, in which every period of this product is kept. Moments are hours since 1970.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

NIGHTFALL, DAYBREAK = 18.0, 6.0
_NEXT = 1e-7
"""Hours within which a moment is the next one: a third of a millisecond, what adding hours can lose."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hours_of(moment: datetime) -> float:
    """A moment as hours since 1970."""
    return (moment - _EPOCH).total_seconds() / 3600


def moment_of(hours: float) -> datetime:
    """Hours since 1970 as a moment, to the second."""
    return _EPOCH + timedelta(seconds=round(hours * 3600))


def day_of(hours: float) -> date:
    """The day (UTC) that a moment lies in."""
    return (_EPOCH + timedelta(hours=hours + _NEXT)).date()


def _sun(hours: float, lon: float) -> float:
    return (hours + lon / 15 + _NEXT) % 24


def dark(hours: float, lon: float) -> bool:
    """Whether it is night at this longitude."""
    sun = _sun(hours, lon)
    return sun < DAYBREAK or sun >= NIGHTFALL


def until_turn(hours: float, lon: float) -> float:
    """Hours until night or day begins at this longitude."""
    sun = _sun(hours, lon)
    turn = DAYBREAK if sun < DAYBREAK else NIGHTFALL if sun < NIGHTFALL else DAYBREAK + 24
    return max(turn - sun, _NEXT)


class Span(NamedTuple):
    """A part of a stretch: from `start` to `end` of it (0 to 1), when that is travelled, and whether by night.

    `stands` marks a stop: start and end are one.
    """

    start: float
    end: float
    begins: float
    ends: float
    dark: bool
    stands: bool = False


def spans(begins: float, hours: float, lon: float, night: bool) -> Iterator[Span]:
    """A stretch that takes some hours, cut at nightfall, at daybreak and at midnight, where what holds may change.

    Without `night` nothing is travelled by night: a stop until daybreak comes before the rest.
    """
    at, done = begins, 0.0
    while done < hours - 1e-12:
        here = dark(at, lon)
        if here and not night:
            wait = until_turn(at, lon)
            yield Span(done / hours, done / hours, at, at + wait, dark=True, stands=True)
            at += wait
            continue
        step = min(hours - done, until_turn(at, lon), max(24 - (at + _NEXT) % 24, _NEXT))
        ahead = done + step if hours - done - step > 1e-12 else hours
        yield Span(done / hours, ahead / hours, at, at + step, here)
        at, done = at + step, ahead


@dataclass(frozen=True)
class Window:
    """The days of a journey, and whether any of it may lie in daylight and in the night."""

    first: date
    last: date
    light: bool
    dark: bool

    @classmethod
    def of(cls, departure: datetime, hours: float, west: float, east: float) -> "Window":
        """The window of some hours from a departure, anywhere between two longitudes."""
        begins = hours_of(departure)
        sun = (begins + west / 15) % 24
        until = sun + hours + (east - west) / 15
        return cls(
            day_of(begins), day_of(begins + hours),
            (sun < NIGHTFALL and until > DAYBREAK) or until > DAYBREAK + 24,
            sun < DAYBREAK or until >= NIGHTFALL,
        )  # fmt: skip

    def __or__(self, other: "Window") -> "Window":
        return Window(
            min(self.first, other.first), max(self.last, other.last), self.light or other.light, self.dark or other.dark
        )

    def days(self) -> list[date]:
        """Each day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
