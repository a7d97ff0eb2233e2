"""Write layers or a route to a file of any format: what a room may have, and nothing that may not be passed on."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from geoapp import audiences
from geoapp.codes import marking, marking_in_name
from geoapp.db import transaction
from geoapp.draw import narrowing
from geoapp.draw.listing import narrowed
from geoapp.draw.nothing import kept_back, unknown
from geoapp.draw.panel import DISCLAIMER
from geoapp.errors import BadRequest, Forbidden, NotAcceptable, NotFound
from geoapp.export.formats import FORMATS, Format, LayerFile, RouteFile
from geoapp.export.formats._base import Progress
from geoapp.observe import event
from geoapp.operations import Operation, operation
from geoapp.scope import Scope, say_date
from layers import STACK, Layer

NOTE = "Absence of data is not absence of risk."
EVERYTHING = tuple(layer for layer in STACK if layer.exported)
"""What `all` means."""
LAYER_FORMATS = {suffix: f for f in FORMATS if f.write for suffix in (f.suffix, *f.also)}
ROUTE_FORMATS = {suffix: f for f in FORMATS if f.write_route for suffix in (f.suffix, *f.also)}
"""Suffix → format, for layers and for routes."""


def format_of(suffix: str, formats: Mapping[str, Format]) -> Format:
    """The format of a suffix (`.gpkg`). Raises NotAcceptable where there is none."""
    found = formats.get(suffix.lower())
    if found is None:
        raise NotAcceptable(
            f"There is no export to {suffix or 'a file without suffix'}.", hint=f"One of {', '.join(formats)}."
        )
    return found


def layers_of(name: str) -> tuple[Layer, ...]:
    """The layers that a name means: one, several with commas between, or `all`; in drawing order. Raises NotFound."""
    names = name.split(",")
    found = EVERYTHING if name == "all" else tuple(layer for layer in STACK if layer.name in names)
    unknown = [each for each in names if each != "all" and each not in {layer.name for layer in found}]
    if unknown or not found:
        raise NotFound(
            f"There is no layer {(unknown or names)[0][:60]!r}.",
            hint=f"One of {', '.join(e.name for e in EVERYTHING)}, all.",
        )
    return found


def write(
    engine: Engine, scope: Scope, layers: Sequence[Layer], path: Path, progress: Progress = lambda s, n, of: None, *,
    filters: Mapping[str, str] | None = None, q: str = "",
) -> dict[str, int]:  # fmt: skip
    """Write layers to one file, its format by its suffix; records per layer. `filters` and the words `q` narrow a layer
    as they do its list.

    One transaction sees all layers at one moment. The file appears whole or not at all. Raises NotAcceptable for a
    suffix that there is no format for, BadRequest for several layers in a format that holds one, for a filter that a layer
    does not have and for no such audience, NotFound for no such operation, Forbidden when all of it is withheld from the
    room: an empty file would say that there is nothing.
    """
    form = format_of(path.suffix, LAYER_FORMATS)
    if len(layers) > 1 and not form.many:
        many = ", ".join(f.suffix for f in FORMATS if f.many)
        raise BadRequest(f"{path.suffix} holds one layer.", hint=f"Name one layer, or write one of {many}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".export-", suffix=path.suffix.lower())
    os.close(handle)
    fresh = Path(made)
    fresh.unlink()
    try:
        with transaction(engine, scope.context()) as connection:
            room = audiences.room(connection, scope)
            narrowing.check(scope, room.untold)
            if not any(room.shows(layer) for layer in layers):
                raise Forbidden(kept_back(layers, room), hint="A file would hold nothing of it: choose another room.")
            hidden, said = room.hidden_of(layers), about(operation(connection, scope.operation), room, scope, layers)
            asked = {layer.name: narrowed(layer, room, filters or {}, q) for layer in layers}
            if filters or q:
                said |= {"listed": ", ".join([*([q] if q else []), *(f"{k} {v}" for k, v in (filters or {}).items())])}
            said |= _not_there(connection, scope, layers, room)
            assert form.write is not None
            counts = form.write(LayerFile(connection, scope, layers, fresh, hidden, said, progress, asked, path.stem))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    event("export", scope.context(), format=form.suffix, layers=len(counts), rows=sum(counts.values()))
    return counts


def write_route(
    connection: Connection, scope: Scope, form: Format, answer: Mapping[str, Any], number: int, names: Sequence[str],
    points: Sequence[tuple[float, float]],
) -> tuple[str, bytes]:  # fmt: skip
    """The name and the bytes of a file with way `number` (from 0) of an answer of `access.ask`; with `not_weighed` in it; `points` are the
    waypoints (longitude, latitude) and `names` what people call them. Raises NotFound where there is no such way."""
    if not 0 <= number < len(answer["routes"]):
        raise NotFound(f"There is no way {number + 1}.", hint=f"The answer has {len(answer['routes'])}.")
    route, who = answer["routes"][number], audiences.room(connection, scope)
    of = operation(connection, scope.operation)
    title = f"{names[0]} – {names[-1]}"
    hours, minutes = divmod(round(route["hours"] * 60), 60)
    description = (
        f"Way from {names[0]} to {names[-1]}, {route['km']:,.1f} km, {hours}:{minutes:02} h on the road, leaves"
        f" {route['leaves']}. {''.join(f'{words} ' for words in answer['not_weighed'])}{marking(who.clearance)}, drawn for {who.title}, as of {say_date(of.today)}. It gives no permission and no"
        f" protection. {NOTE}{' EXERCISE: all data invented.' if of.exercise else ''}"
    )
    waypoints = [(name, lon, lat) for name, (lon, lat) in zip(names, points, strict=True)]
    assert form.write_route is not None
    departs = datetime.fromisoformat(answer["departure"])
    arrives = departs + timedelta(hours=route["elapsed_hours"])
    data = form.write_route(RouteFile(route, waypoints, title, description, departs, arrives, of.exercise))
    stem = f"{_slug(names[0])}-{_slug(names[-1])}_{answer['day']}_{marking_in_name(who.clearance)}"
    return stem + form.suffix, data


def _slug(name: str) -> str:
    """A name as a part of a file's name: letters and digits of ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "place"


def warnings(layers: Sequence[Layer]) -> str:
    """What must be said with these layers, each once: nothing in a file of hazards says that the land beside is free."""
    return " ".join(dict.fromkeys(layer.warning for layer in layers if layer.warning))


def _not_there(connection: Connection, scope: Scope, layers: Sequence[Layer], room: audiences.Room) -> dict[str, str]:
    """What a file says of what is not in it: what is withheld, by which rules, and what was not known yet."""
    kept, early = kept_back(layers, room), unknown(connection, layers, scope)
    titles = {layer.name: layer.title for layer in layers}
    not_yet = " ".join(f"{titles[name]}: {words}" for name, words in early.items())
    return {name: words for name, words in (("withheld", kept), ("unknown", not_yet)) if words}


def about(of: Operation, room: audiences.Room, scope: Scope, layers: Sequence[Layer]) -> dict[str, str]:
    """What stands in every file about itself."""
    return {
        "title": of.title + (" (EXERCISE)" if of.exercise else ""),
        "handling": marking(room.clearance),
        "drawn_for": room.title,
        "shown": room.sentence,
        "scope": ", ".join(filter(None, (scope.sentence(), narrowing.sentence(scope)))),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "disclaimer": DISCLAIMER.format(organisation=of.organisation or "the organisation using this map"),
        "note": NOTE,
    } | ({"warning": warnings(layers)} if warnings(layers) else {})
