"""Which operations are there, and what is one called?"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import NotFound

_ALL = """SELECT key, title, exercise, organisation, coalesce(today, current_date) AS today, time_zone, copy_of
    FROM facts.operation"""


@dataclass(frozen=True)
class Operation:
    """One emergency. `organisation` is whose map it is; everything in an `exercise` is invented;
    `today` is the day that it plays on, else that of the server; `time_zone` is declared (IANA), or None."""

    key: str
    title: str
    exercise: bool
    organisation: str | None
    today: date
    time_zone: str | None
    copy_of: dict[str, Any] | None = None
    """The `room`, the moment (`taken_at`) and the last day (`ends_on`) of a field copy."""


def operations(connection: Connection) -> list[Operation]:
    """Every operation that the asker may know of, by key."""
    rows = connection.execute(text(f"{_ALL} ORDER BY key")).mappings()
    return [Operation(**row) for row in rows]


def operation(connection: Connection, key: str) -> Operation:
    """The operation of that key. Raises NotFound."""
    row = connection.execute(
        text(f"{_ALL} WHERE key = :key"), {"key": key}
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(f"There is no operation {key!r}.", hint="`GET /operations` lists them.")
    return Operation(**row)
