"""What will a pack hold for a room, and what not, by which rule? Said before anything is made, and in its manifest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from geoapp import audiences
from geoapp.batches import landed_batches
from geoapp.codes import marking, marking_in_name
from geoapp.db import set_context
from geoapp.draw import features, panel
from geoapp.draw.changes import FIRST, Last
from geoapp.draw.nothing import kept_back, unknown
from geoapp.draw.query import source
from geoapp.errors import Forbidden, NotFound
from geoapp.export.neutrality.read import NAMES
from geoapp.export.write import EVERYTHING, layers_of
from geoapp.operations import operation
from geoapp.scope import Scope, say_date
from layers import Layer
from web import packs
from web.packs import Pack, Part

INCIDENTS = ("incidents", "incident_counts")
"""The subjects that are events: what happened in the days before, and not what holds on."""
ENDS = ("period_end", "valid_to")
"""The fields that say until when a record holds."""
NOT_CHOSEN = "None of its layers was chosen."
NOTHING = "Nothing is left of it after this room's rules and the days asked for."


@dataclass(frozen=True)
class Contents:
    """What a pack will hold for a room: the layers, and the condition and values by which each is narrowed."""

    pack: Pack
    scope: Scope
    room: audiences.Room
    day: date
    period: str
    """The days, in words."""
    layers: tuple[Layer, ...]
    """Every layer that some part asks for."""
    narrowed: Mapping[str, tuple[str, Mapping[str, Any]]]
    in_force_from: date | None
    """The day on which none of its records has ended; None where the days asked for begin nowhere."""
    last: Last | None = None
    """The pack before."""

    def shown(self, part: Part) -> list[Layer]:
        """The layers of a part that the room is shown, in drawing order."""
        return [each for each in layers_in(self.pack, part) if self.room.shows(each)]


def find(name: str) -> Pack:
    """The pack of that name. Raises NotFound."""
    try:
        return packs.get(name)
    except KeyError:
        known = ", ".join(each.name for each in packs.PACKS)
        raise NotFound(f"There is no pack {name[:60]!r}.", hint=f"One of {known}.") from None


def chosen(pack: Pack, layers: Collection[str] | None) -> Pack:
    """The pack with these layers alone; as it is declared where none are named. Raises NotFound for a layer that it does not
    have."""
    if not layers:
        return pack
    has = [layer.name for part in pack.parts for layer in layers_in(pack, part)]
    if strange := [name for name in layers if name not in has]:
        raise NotFound(
            f"There is no layer {strange[0][:60]!r} in this pack.", hint=f"One of {', '.join(dict.fromkeys(has))}."
        )
    return replace(pack, only=tuple(dict.fromkeys(name for name in has if name in layers)))


def layers_in(pack: Pack, part: Part) -> Sequence[Layer]:
    """The layers that a part of a pack is of: those that it declares, less those that were not chosen."""
    found = layers_of(",".join(part.layers) or "all")
    return [layer for layer in found if layer.fixed or not pack.only or layer.name in pack.only]


def contents(connection: Connection, scope: Scope, pack: Pack, last: Last | None = None) -> Contents:
    """What the pack holds in this scope, and the pack before that it is compared with. Raises NotFound for no such operation, BadRequest for no such room.

    Without days in the scope it holds the incidents of the pack's last days (where the records end long before, of the newest,
    as the map does) and, of everything else, what is in force on the day or comes later; what has ended is in no pack.
    """
    room, of = audiences.room(connection, scope), operation(connection, scope.operation)
    day = min(of.today, scope.as_of.date()) if scope.as_of else of.today
    names = {layer.name for part in pack.parts for layer in layers_in(pack, part)}
    layers = tuple(layer for layer in EVERYTHING if layer.name in names)
    narrowed: dict[str, tuple[str, Mapping[str, Any]]] = {}
    if scope.period is not None:
        return Contents(pack, scope, room, day, scope.sentence(), layers, narrowed, scope.period[0], last)
    newest = panel.frame(connection, scope, extent=False)["newest"]
    until = date.fromisoformat(newest) if newest else day
    first = until - timedelta(days=pack.incident_days)
    events = f"incidents from {say_date(first)} to {say_date(until)}{', the newest there are' if newest else ''}"
    words = f"{events}; of everything else what holds on {say_date(day)} or comes later"
    for layer in layers:
        end = next((field.name for field in layer.fields if field.name in ENDS), None)
        if end and layer.subject not in INCIDENTS:
            narrowed[layer.name] = (f"coalesce(t.{end} >= :in_force_on, true)", {"in_force_on": day})
    return Contents(pack, replace(scope, period=(first, None)), room, day, words, layers, narrowed, day, last)


def preview(
    connection: Connection, scope: Scope, pack: Pack, asker: str | None = None, last: Last | None = None
) -> dict[str, Any]:
    """What the pack would hold, before anything is made: its files, how many records of each layer, by which rule they are
    shown, what is left out, sources and the files that came in. The same as in the manifest.

    An `asker`, a room that records, is told as well how many records of each layer there are before the rules (`before`).
    Raises Forbidden where it only reads.
    """
    held = contents(connection, scope, pack, last)
    layers = [layer_told(connection, held, layer) for layer in held.layers]
    if asker is not None:
        for told, n in zip(layers, _before(connection, held, asker), strict=True):
            told["before"] = n
    shown = {part: [layer.name for layer in held.shown(part)] for part in pack.parts}
    return about_pack(held) | {
        "layers": layers,
        "files": [
            {"name": name_of(part), "title": part.title, "layers": shown[part] if part.made not in ("brief", "changes") else []}
            for part in pack.parts if kept_out(connection, held, part) is None
        ],
        "left_out": left_out(connection, held),
        "unknown": unknown(connection, held.layers, scope),
        "sources": sources(connection, held),
        "batches": batches(connection),
        "nothing": nothing(held, layers),
        "recorders": [{"key": each.key, "title": each.title} for each in audiences.rooms(connection) if each.may_write],
    }  # fmt: skip


def file_name(scope: Scope, pack: Pack, day: date, handling: str) -> str:
    """What the archive is called, such as `kavarra_hct_hct_2026-10-18_TLP-AMBER.zip`."""
    return f"{scope.operation}_{pack.name}_{scope.audience}_{day}_{marking_in_name(handling)}.zip"


def name_of(part: Part) -> str:
    """The name of a part's file."""
    return part.stem + part.suffix


def about_pack(held: Contents) -> dict[str, Any]:
    """What a pack says of itself: what it is, for whom, of when, which days and which layers were chosen for it."""
    pack, room = held.pack, held.room
    return {
        "pack": pack.name, "title": pack.title, "audience": room.key, "drawn_for": room.title, "shown": room.sentence,
        "handling": marking(room.clearance), "day": held.day.isoformat(), "holds": held.period,
        "as_of": held.scope.as_of.isoformat() if held.scope.as_of else None, "only": list(pack.only),
        "since": held.last and held.last.day.isoformat(),
        "since_known": held.last and held.last.until.isoformat(),
    }  # fmt: skip


def layer_told(connection: Connection, held: Contents, layer: Layer) -> dict[str, Any]:
    """What is said of one layer: by which rule it is shown, what is withheld of it, and how many records that leaves."""
    (rule,) = audiences.rules_of(held.room, [layer])
    told = {
        "name": layer.name, "title": layer.title, "rule": rule.precision, "withheld": held.room.withheld(layer),
        "fields_withheld": [field.title for field in layer.fields if field.name in rule.withheld],
    }  # fmt: skip
    return told | {"records": _count(connection, held, layer) if held.room.shows(layer) else None}


def _count(connection: Connection, held: Contents, layer: Layer) -> int:
    where, binds = held.narrowed.get(layer.name, ("true", {}))
    sql = f"SELECT count(*) FROM ({source(layer, held.scope)}) AS t WHERE {where}"
    return int(connection.execute(text(sql), held.scope.binds() | dict(binds)).scalar_one())


def _before(connection: Connection, held: Contents, asker: str) -> list[int | None]:
    """How many records of each layer a room that records is shown of these days, also of those that may not be passed on."""
    looking = replace(held.scope, audience=asker, purpose="view")
    set_context(connection, looking.context())
    room = audiences.room(connection, looking)
    if not room.may_write:
        raise Forbidden(
            "How many records there are before the rules is told to rooms that record.", hint="Ask without it."
        )
    counts = [
        _count(connection, replace(held, scope=looking), each) if room.shows(each) else None for each in held.layers
    ]
    set_context(connection, held.scope.context())
    return counts


def nothing(held: Contents, layers: Sequence[Mapping[str, Any]]) -> str | None:
    """That no record is left of any layer but what lies under the map, in words; None where there is one."""
    background = {layer.name for layer in held.layers if layer.fixed or layer.background}
    return NOTHING if not any(told["records"] for told in layers if told["name"] not in background) else None


def kept_out(connection: Connection, held: Contents, part: Part) -> str | None:
    """Why a file is not in the pack; None where it is."""
    layers = layers_in(held.pack, part)
    if held.pack.only and all(layer.fixed for layer in layers):
        return NOT_CHOSEN
    if all(layer.fixed for layer in held.shown(part)):  # the base map alone says nothing
        return kept_back(layers, held.room)
    if part.made == "changes" and held.last is None:
        return FIRST
    provinces = text("SELECT EXISTS (SELECT FROM facts.boundary AS b WHERE b.level = 1)")
    if part.made == "atlas" and not connection.execute(provinces).scalar():
        return "This operation has no provinces to make an atlas of."
    return None


def left_out(connection: Connection, held: Contents) -> list[dict[str, str]]:
    """Files of the pack in which nothing would be for this room, and why."""
    found = ((part, kept_out(connection, held, part)) for part in held.pack.parts)
    return [{"name": name_of(part), "title": part.title, "why": why} for part, why in found if why is not None]


def sources(connection: Connection, held: Contents) -> dict[str, list[str]]:
    """By layer's title the sources that its records in the pack name."""
    found = {}
    for layer in held.layers:
        told = {field.name for field in features.shown(layer, held.room.hidden(layer))}
        if "source" not in told or not held.room.shows(layer):
            continue
        where, binds = held.narrowed.get(layer.name, ("true", {}))
        sql = f"SELECT DISTINCT t.source FROM ({source(layer, held.scope)}) AS t WHERE {where} AND t.source <> '' ORDER BY 1 LIMIT 100"
        names = connection.execute(text(sql), held.scope.binds() | dict(binds)).scalars().all()
        if names:
            found[layer.title] = list(names)
    return found


PLACES = ("basemap", "boundaries")
"""Layers whose records are called by the names of places, which nobody here chose."""


def names(connection: Connection, held: Contents) -> Iterator[str]:
    """The proper names in the pack: of organisations, actors, units, sources and places (a town may be called Segura); each at least
    once."""
    for layer in held.layers:
        proper = NAMES | ({"name"} if layer.name in PLACES else set())
        told = [
            f'CAST(t."{f.name}" AS text)' for f in features.shown(layer, held.room.hidden(layer)) if f.name in proper
        ]
        if told and held.room.shows(layer):
            where, binds = held.narrowed.get(layer.name, ("true", {}))
            sql = f"SELECT DISTINCT unnest(ARRAY[{', '.join(told)}]) FROM ({source(layer, held.scope)}) AS t WHERE {where}"
            yield from filter(None, connection.execute(text(sql), held.scope.binds() | dict(binds)).scalars())


def batches(connection: Connection) -> list[dict[str, Any]]:
    """The files that came in, as far as the room is shown them: rooms that only read are shown none."""
    return [_batch(each) for each in landed_batches(connection)]


def _batch(batch: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: batch[name] for name in ("batch", "kind", "source", "file_name", "rows")}
    return told | {name: batch[name] and batch[name].date().isoformat() for name in ("landed_at", "withdrawn_at")}
