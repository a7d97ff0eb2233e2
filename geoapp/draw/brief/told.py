"""What a brief says, whatever it is written as: its name, its handling, its sentences, what stands under them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from geoapp.audiences import Room
from geoapp.codes import marking
from geoapp.draw import office
from geoapp.draw.brief.sections import Section, day_of, sentences
from geoapp.draw.changes import Changes
from geoapp.operations import operation
from geoapp.scope import Scope, say_date

TITLE_MOST = 160
"""Characters of a title at most: a longer one would leave no page for the sentences."""


@dataclass(frozen=True)
class Told:
    """The words of a brief of `day`."""

    name: str
    handling: str
    day: date
    said: str
    sections: tuple[Section, ...]
    foot: str

    @property
    def as_of(self) -> str:
        """The day it speaks of, in words."""
        return f"as of {say_date(self.day)}"


def tell(
    connection: Connection, scope: Scope, room: Room, about: Mapping[str, str], since: date | datetime | None = None, *,
    title: str | None = None, only: Collection[str] = (), changes: Changes | None = None,
) -> Told:  # fmt: skip
    """The words of the brief of this scope. Raises NotFound for no such operation."""
    found, day = sentences(connection, scope, room, since, only, changes), day_of(connection, scope)
    of = operation(connection, scope.operation)
    handling = f"{about.get('handling', marking(room.clearance))} · for {room.title}" + (
        " · EXERCISE" if of.exercise else ""
    )
    return Told(
        office.shortened(office.plain(title or of.title), TITLE_MOST), handling, day,
        f"As of {say_date(day)}. Drawn for {room.title}: {about.get('shown', room.sentence)}.", tuple(found),
        " ".join(about[key] for key in ("note", "disclaimer") if key in about),
    )  # fmt: skip
