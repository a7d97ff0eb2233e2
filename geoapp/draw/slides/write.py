"""Write a deck: a title slide, one slide a theme, what changed, and what the room is not shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.codes import marking
from geoapp.draw import brief, office, panel
from geoapp.draw.changes import Changes
from geoapp.draw.nothing import kept_back
from geoapp.draw.query import source
from geoapp.draw.slides import deck, map, paint
from geoapp.draw.slides.ground import PT, Box, Ground
from geoapp.draw.slides.legend import HIGH, arranged, by_class, entries, legend
from geoapp.draw.slides.records import Asked, Record, listed, records
from geoapp.draw.slides.shapes import Line, Pen, put
from geoapp.draw.slides.table import fitted, table
from geoapp.draw.slides.themes import ROWS, SLIDES, THEMES, Theme
from geoapp.errors import BadRequest
from geoapp.operations import Operation, operation
from geoapp.scope import Scope, say_date
from layers import Layer, get

TOP = deck.BAR + 66 * PT
"""Where a slide's content begins: below its title and its sentence."""
MAP = Box(deck.EDGE, TOP, 520 * PT, deck.HEIGHT - TOP - deck.BAR - 12 * PT)
SIDE = Box(MAP.left + MAP.width + 14 * PT, TOP, deck.WIDTH - deck.EDGE - MAP.left - MAP.width - 14 * PT, MAP.height)
_SOURCED = (
    ("incidents", "occurred_from"), ("road_reports", "observed_on"), ("access_constraints", "reported_on"),
    ("arrangements", "period_start"),
)  # fmt: skip
"""Layers whose records name their source, and the field that says of which day they are."""
_BATCHES = text("""
    SELECT b.source, max(b.landed_at)::date AS day FROM facts.batch AS b
    WHERE b.withdrawn_at IS NULL AND b.landed_at <= calc.as_of() GROUP BY b.source ORDER BY 1
""")


def write(
    connection: Connection, scope: Scope, room: Room, path: Path, about: Mapping[str, str], *,
    themes: Sequence[str] = THEMES, title: str | None = None, since: date | datetime | None = None,
    only: Collection[str] = (), changes: Changes | None = None,
) -> dict[str, int]:  # fmt: skip
    """Write the deck of this scope, of the layers `only` where some are named; records of each layer that were drawn. Raises
    BadRequest for no such theme."""
    if unknown := [name for name in themes if name not in SLIDES]:
        raise BadRequest(f"There is no slide {unknown[0][:40]!r}.", hint=f"One of {', '.join(THEMES)}.")
    of, frame = operation(connection, scope.operation), panel.frame(connection, scope, extent=False)
    day, handling = brief.day_of(connection, scope), marking(frame["audience"]["handling"])
    first, last = (date.fromisoformat(each) if each else None for each in frame["period"])
    asked = Asked(connection, scope, room, (first, last or day), only=only)
    on, units = map.place(asked, MAP)
    asked = replace(asked, zoom=on.zoom())
    units = records(asked, get("boundaries")) if units else []
    base = records(asked, get("basemap")) if room.shows(get("basemap")) else []
    foot = f"{office.shortened(office.plain(of.title), 60)} · as of {say_date(day)} · {room.title}"
    made = deck.deck(handling, f"For {room.title}", foot, exercise=of.exercise)
    sections = brief.sentences(connection, scope, room, since, only, changes)
    sources = _sources(asked)
    named = title or of.title
    told = _Told(asked, of, day, on, units, base, sections, sources, about)
    _title(made, told, named)
    counts: dict[str, int] = {}
    absent: list[Theme] = []
    for theme in (SLIDES[name] for name in themes):
        drawn = _theme(made, told, theme)
        if drawn is None:
            absent.append(theme)
        else:
            counts |= drawn
    _changes(made, told)
    _last(made, told, absent, [get(name) for theme in themes for name in SLIDES[theme].layers])
    office.tell(made.core_properties, named, foot, day)
    office.save(made, path)
    return counts


def _sources(asked: Asked) -> list[str]:
    """Where the records are from, each with its newest day: what they say themselves, and which files landed, which only
    rooms that record are shown."""
    found: dict[str, date | None] = {}
    for name, day in _SOURCED:
        layer = get(name)
        if asked.shows(name) and not {"source", day} & asked.room.hidden(layer):
            scope = asked.of(layer)
            sql = f"SELECT t.source, max(t.{day}) FROM ({source(layer, scope)}) AS t WHERE t.source IS NOT NULL GROUP BY 1"
            for said, newest in asked.connection.execute(text(sql), scope.binds(asked.zoom)):
                found[said] = max(filter(None, (newest, found.get(said))), default=None)
    for said, newest in asked.connection.execute(_BATCHES):
        found.setdefault(said, newest)
    return [f"{said}, {say_date(day)}" for said, day in sorted(found.items())]


class _Told:
    """What every slide of one deck is made from."""

    def __init__(
        self, asked: Asked, of: Operation, day: date, on: Ground, units: list[Record], base: list[Record],
        sections: list[brief.Section], sources: list[str], about: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.asked, self.of, self.day, self.on, self.units, self.base = asked, of, day, on, units, base
        self.sections, self.sources, self.about = sections, sources, about

    def days(self) -> str:
        """The days of the deck, in words."""
        first, last = self.asked.period
        return (
            f"Events from {say_date(first) or 'the beginning'} to {say_date(last)}; what lasts, as on {say_date(last)}."
        )

    def notes(self, *more: str) -> str:
        """What stands in the notes of a slide: sentences of the brief, sources with dates, what a reader must know."""
        said = [f"{part.title}: {' '.join(part.sentences)}" for part in self.sections]
        foot = [self.about[key] for key in ("note", "disclaimer") if key in self.about]
        return "\n".join(
            office.plain(each)
            for each in [*more, self.days(), *said, f"Sources: {'; '.join(self.sources) or 'none'}.", *foot]
        )


def _title(made: Any, told: _Told, named: str) -> None:
    slide, pen = deck.slide(made, named), Pen()
    holder = slide.shapes.title
    half = deck.WIDTH // 2 - deck.EDGE
    holder.left, holder.top, holder.width, holder.height = deck.EDGE, deck.BAR + 60 * PT, half - 20 * PT, 130 * PT
    lines = [
        Line(
            "Who operates where, where civil and armed actors share ground, what is recorded of risk and access.",
            16,
            color=paint.SECOND,
        ),
        Line(f"As of {say_date(told.day)}, for {told.asked.room.title}.", 14),
        Line(told.days(), 12, color=paint.SECOND),
    ]
    xml = pen.text("What it shows", Box(deck.EDGE, deck.BAR + 200 * PT, half - 20 * PT, 100 * PT), lines)
    right = Box(deck.WIDTH // 2, deck.BAR, deck.WIDTH - deck.WIDTH // 2, deck.HEIGHT - 2 * deck.BAR)
    on = _moved(told.on, right)
    layers = map.chosen(told.asked, Theme("title", "", ("areas_of_operation", "risk_zones"), ()))
    layers = layers or map.chosen(told.asked, Theme("title", "", ("presence_counts", "incident_counts"), ()))
    picture = map.picture(pen, on, told.units, told.base, layers[:2], towns=False)
    figures = [(sum(n.values()), get(name).title) for name, n in picture.counts.items()]
    overlaps = get("overlaps")
    if told.asked.shows("overlaps") and (n := len(records(told.asked, overlaps))):
        figures.insert(1, (n, overlaps.title))
    for place, (n, words) in enumerate(figures):
        at = Box(deck.EDGE + place * 180 * PT, deck.BAR + 320 * PT, 170 * PT, 60 * PT)
        xml += pen.text(words, at, [Line(f"{n:,}", 28, bold=True), Line(words, 13, color=paint.SECOND)])
    foot = Box(deck.EDGE, deck.HEIGHT - deck.BAR - 62 * PT, half - 20 * PT, 56 * PT)
    xml += pen.text("Disclaimer", foot, [Line(told.about.get("disclaimer", ""), 12, color=paint.SECOND)], "b")
    put(slide.shapes._spTree, xml + picture.xml)
    slide.notes_slide.notes_text_frame.text = told.notes()


def _moved(on: Ground, box: Box) -> Ground:
    """The same piece of the world on another box."""
    share = min(box.width / on.box.width, box.height / on.box.height)
    return Ground(on.to, box, on.x, on.y, on.emu * share)


def _theme(made: Any, told: _Told, theme: Theme) -> dict[str, int] | None:
    """A theme's slide, and how many records of each layer are on it; None where there is nothing that the room is shown."""
    asked = told.asked
    layers = map.chosen(asked, theme)
    found: list[dict[str, Any]] = []
    listing, n = theme.tables[0], 0
    for each in theme.tables:
        if not found and asked.shows(each.layer):
            found, n = listed(asked, get(each.layer), each, ROWS)
            listing = each if found else listing
    if not layers and not found:
        return None
    slide, pen = deck.slide(made, theme.title), Pen()
    counts = {layer.name: by_class(found) for layer, found in layers}
    classes = arranged(entries([layer for layer, _ in layers], counts, 10))
    high = len(classes) * HIGH
    held = fitted(SIDE.width, SIDE.height - high - 8 * PT, get(listing.layer), listing, found)
    rows = held.rows
    numbers = [row["id"] for row in rows] if listing.numbered else []
    picture = map.picture(pen, told.on, told.units, told.base, layers, numbers, listing.layer)
    kept = kept_back([get(name) for name in theme.layers], asked.room)
    if rows:
        table(slide, SIDE, get(listing.layer), listing, held)
    said = (
        listing.said.format(shown=len(rows), all=f"{n:,}")
        if rows
        else "No list: nothing that it would hold is recorded for these days"
    )
    at = Box(deck.EDGE, deck.BAR + 44 * PT, deck.WIDTH - 2 * deck.EDGE, 18 * PT)
    xml = pen.text("In one sentence", at, [Line(f"{said}.", 14, color=paint.SECOND)], "ctr")
    if not rows:
        xml += pen.text("Why nothing", SIDE, [Line(f"{said}. {kept}".strip(), 14, color=paint.SECOND)])
    xml += legend(pen, Box(SIDE.left, SIDE.top + SIDE.height - high, SIDE.width, high), classes)
    put(slide.shapes._spTree, picture.xml + xml)
    warnings = [layer.warning for layer, _ in layers if layer.warning]
    slide.notes_slide.notes_text_frame.text = told.notes(f"{said}.", *warnings, *([kept] if kept else []))
    return {name: sum(by.values()) for name, by in picture.counts.items()}


def _changes(made: Any, told: _Told) -> None:
    """What the brief says, in columns of equal weight."""
    slide, pen, xml = deck.slide(made, "What is new, ended, due and not known"), Pen(), ""
    parts = [part for part in told.sections if part.key != "withheld"]
    wide = (deck.WIDTH - 2 * deck.EDGE) // len(parts)
    for place, part in enumerate(parts):
        at = Box(deck.EDGE + place * wide, TOP, wide - 16 * PT, MAP.height)
        xml += pen.straight(
            f"{part.title}, line", at.left, at.left + at.width, at.top + 24 * PT, paint.stroke(paint.INK, 1.5)
        )
        xml += pen.text(
            f"{part.title}, head", Box(at.left, at.top, at.width, 22 * PT), [Line(part.title, 16, bold=True)], "ctr"
        )
        lines = [line for said in part.sentences for line in (Line(office.shortened(said, 300), 13), Line("", 6))]
        xml += pen.text(part.title, Box(at.left, at.top + 32 * PT, at.width, at.height - 32 * PT), lines)
    put(slide.shapes._spTree, xml)
    slide.notes_slide.notes_text_frame.text = told.notes()


def _why_absent(asked: Asked, theme: Theme) -> str:
    if not any(asked.room.shows(get(name)) for name in theme.layers):
        return "it is withheld from this room"
    if not any(asked.shows(name) for name in theme.layers):
        return "none of its layers was chosen"
    return "nothing of it is recorded for these days"


def _last(made: Any, told: _Told, absent: Sequence[Theme], layers: Sequence[Layer]) -> None:
    """What the room is not shown, by which rule, and where the rest is from."""
    slide, pen = deck.slide(made, "What this room is not shown"), Pen()
    lines = [Line(f"{told.asked.room.title}: {told.asked.room.sentence}.", 14)]
    withheld = next(part for part in told.sections if part.key == "withheld")
    lines += [Line(office.shortened(said, 320), 14) for said in withheld.sentences]
    for theme in absent:
        lines.append(Line(f"No slide “{theme.title}”: {_why_absent(told.asked, theme)}.", 14))
    lines += [Line("", 8), Line("Sources", 16, bold=True)]
    lines += [Line(office.shortened("; ".join(told.sources) or "None is recorded.", 900), 12, color=paint.SECOND)]
    lines += [
        Line("", 8),
        Line(" ".join(told.about.get(key, "") for key in ("note", "disclaimer")).strip(), 12, color=paint.SECOND),
    ]
    at = Box(deck.EDGE, TOP - 14 * PT, deck.WIDTH - 2 * deck.EDGE, MAP.height + 10 * PT)
    put(slide.shapes._spTree, pen.text("What is withheld", at, lines))
    slide.notes_slide.notes_text_frame.text = told.notes(kept_back(layers, told.asked.room))
