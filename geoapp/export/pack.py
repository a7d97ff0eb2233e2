"""Hand over a pack: files of one moment for one room, and a manifest that says what is in them and what is not.

A pack is declared in `web/packs/`; each of its files is an export format writing layers. Everything is read in one
snapshot under the policies of the room, and what the pack says of time is the time of what it holds: the same snapshot
gives the same bytes.
"""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp import __version__, audiences
from geoapp.batches import landed_batches
from geoapp.db import transaction
from geoapp.db import version as data_version
from geoapp.draw import features, panel
from geoapp.draw.nothing import kept_back, unknown
from geoapp.draw.page import templates
from geoapp.draw.query import source
from geoapp.errors import Forbidden, NotFound
from geoapp.export.formats import LayerFile
from geoapp.export.formats._base import Progress
from geoapp.export.write import EVERYTHING, LAYER_FORMATS, about, format_of, layers_of
from geoapp.model import FACTS
from geoapp.observe import event
from geoapp.operations import operation
from geoapp.scope import Scope, say_date
from layers import Layer
from web import packs
from web.packs import Made, Pack, Part

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry of the archive: what it holds says its own."""
INCIDENTS = ("incidents", "incident_counts")
"""The subjects that are events: what happened in the days before, and not what holds on."""
ENDS = ("period_end", "valid_to")
"""The fields that say until when a record holds."""
MANIFEST, READ_ME = "MANIFEST.json", "READ_ME.html"
_NEWEST = " UNION ALL ".join(f"SELECT max(t.recorded_at) FROM facts.{table} AS t" for table in FACTS)


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

    def shown(self, part: Part) -> list[Layer]:
        """The layers of a part that the room is shown, in drawing order."""
        return [each for each in _layers(part) if self.room.shows(each)]


@dataclass(frozen=True)
class Making:
    """A file of a pack under way."""

    connection: Connection
    held: Contents
    part: Part
    layers: list[Layer]
    """Those of the part that the room is shown."""
    path: Path
    about: Mapping[str, str]
    progress: Progress
    since: datetime | None
    """Of when the last pack of this kind for this room is."""

    @property
    def lately(self) -> Scope:
        """The days of events, up to the pack's day; of what lasts its last day is drawn."""
        first, last = self.held.scope.period or (None, None)
        return replace(self.held.scope, period=(first, last or self.held.day))


def _layers_file(making: Making) -> dict[str, int]:
    write, held = format_of(making.part.suffix, LAYER_FORMATS).write, making.held
    assert write is not None
    return write(
        LayerFile(
            making.connection, held.scope, making.layers, making.path, held.room.withheld_fields, making.about,
            making.progress, held.narrowed,
        )
    )  # fmt: skip


def _paper(making: Making) -> dict[str, int]:
    from geoapp.draw import paper  # matplotlib takes its time: only where a map is drawn

    made = paper.sheet(
        making.connection, making.lately, making.path, theme=making.part.theme, size=making.part.size, in_force=True
    )
    return {name: n for name, n in made.records.items() if name in making.part.layers}


def _atlas(making: Making) -> dict[str, int]:
    from geoapp.draw import paper

    made = paper.atlas(making.connection, making.lately, making.path, size=making.part.size, in_force=True)
    return {name: n for name, n in made.records.items() if name in making.part.layers}


def _slides(making: Making) -> dict[str, int]:
    from geoapp.draw import slides

    return slides.write(
        making.connection, making.lately, making.held.room, making.path, making.about, since=making.since
    )


def _brief(making: Making) -> dict[str, int]:
    from geoapp.draw import brief

    brief.write(making.connection, making.lately, making.held.room, making.path, making.about, making.since)
    return {}


MAKERS: Mapping[Made, Callable[[Making], dict[str, int]]] = {
    "layers": _layers_file, "paper": _paper, "atlas": _atlas, "slides": _slides, "brief": _brief
}  # fmt: skip
"""How a file of a pack is made; each gives the records of each layer in it."""


def find(name: str) -> Pack:
    """The pack of that name. Raises NotFound."""
    try:
        return packs.get(name)
    except KeyError:
        known = ", ".join(each.name for each in packs.PACKS)
        raise NotFound(f"There is no pack {name[:60]!r}.", hint=f"One of {known}.") from None


def contents(connection: Connection, scope: Scope, pack: Pack) -> Contents:
    """What the pack holds in this scope. Raises NotFound for no such operation, BadRequest for no such room.

    Without days in the scope it holds the incidents of the pack's last days (where the records end long before, of the newest,
    as the map does) and, of everything else, what is in force on
    the day or comes later; what has ended is in no pack.
    """
    room, of = audiences.room(connection, scope), operation(connection, scope.operation)
    day = min(of.today, scope.as_of.date()) if scope.as_of else of.today
    names = {layer.name for part in pack.parts for layer in _layers(part)}
    layers = tuple(layer for layer in EVERYTHING if layer.name in names)
    narrowed: dict[str, tuple[str, Mapping[str, Any]]] = {}
    if scope.period is None:
        newest = panel.frame(connection, scope, extent=False)["newest"]
        last = date.fromisoformat(newest) if newest else day
        first = last - timedelta(days=pack.incident_days)
        words = f"incidents from {say_date(first)} to {say_date(last)}{', the newest there are' if newest else ''}; of everything else what holds on {say_date(day)} or comes later"
        scope = replace(scope, period=(first, None))
        for layer in layers:
            end = next((field.name for field in layer.fields if field.name in ENDS), None)
            if end and layer.subject not in INCIDENTS:
                narrowed[layer.name] = (f"coalesce(t.{end} >= :in_force_on, true)", {"in_force_on": day})
    else:
        words = scope.sentence()
    return Contents(pack, scope, room, day, words, layers, narrowed)


def preview(connection: Connection, scope: Scope, pack: Pack) -> dict[str, Any]:
    """What the pack would hold, before anything is made: its files, how many records of each layer, by which rule they are
    shown, and what is left out. The same as in the manifest."""
    held = contents(connection, scope, pack)
    return _about_pack(held) | {
        "layers": [_layer(connection, held, layer) for layer in held.layers],
        "files": [
            {"name": _name(part), "title": part.title, "layers": [layer.name for layer in held.shown(part)] if part.made != "brief" else []}
            for part in pack.parts if _kept_out(connection, held, part) is None
        ],
        "left_out": _left_out(connection, held),
        "unknown": unknown(connection, held.layers, scope),
    }  # fmt: skip


def file_name(scope: Scope, pack: Pack, day: date, handling: str) -> str:
    """What the archive is called, such as `kavarra_hct_hct_2026-10-18_TLP-AMBER.zip`."""
    return f"{scope.operation}_{pack.name}_{scope.audience}_{day}_TLP-{handling.replace('+', '-')}.zip"


def build(
    engine: Engine, scope: Scope, pack: Pack, path: Path, progress: Progress = lambda step, n, of: None,
    since: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write the pack to `path`; what its manifest says. The archive appears whole or not at all. What is new and what ended is
    counted from `since`, the moment of the pack before.

    Memory does not grow with the number of records. Raises Forbidden where nothing of it may be shown to the room, NotFound
    for no such operation, BadRequest for no such room, and whatever `progress` raises to stop it.
    """
    scope = replace(scope, purpose="export")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pack-", dir=path.parent) as work:
        fresh = Path(work) / "pack.zip"
        with transaction(engine, scope.context(), snapshot=True) as connection:
            progress("one moment of the data", 0, len(pack.parts) + 1)
            manifest = _write(connection, scope, pack, fresh, progress, since)
        fresh.replace(path)
    event("pack", scope.context(), pack=pack.name, files=len(manifest["files"]))
    return manifest


def _write(
    connection: Connection, scope: Scope, pack: Pack, path: Path, progress: Progress, since: datetime | None
) -> dict[str, Any]:
    held = contents(connection, scope, pack)
    if all(layer.fixed for part in pack.parts for layer in held.shown(part)):
        raise Forbidden(
            f"Nothing of this pack may be shown to {held.room.title}.", hint="Choose another room, or another pack."
        )
    until = _recorded_until(connection, held)
    of, files, left_out = operation(connection, scope.operation), [], _left_out(connection, held)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, part in enumerate(pack.parts):
            if _kept_out(connection, held, part) is not None:
                continue
            layers = held.shown(part)
            name, made = _name(part), path.with_name(_name(part))
            progress(name, number, len(pack.parts) + 1)
            own = about(of, held.room, held.scope, layers) | {"made_at": until, "scope": held.period}
            kept = kept_back(_layers(part), held.room)
            own |= {"withheld": kept} if kept else {}

            def tell(step: str, done: int, total: int | None, name: str = name, number: int = number) -> None:
                progress(f"{name}: {step}", number, len(pack.parts) + 1)

            try:
                counts = MAKERS[part.made](Making(connection, held, part, layers, made, own, tell, since))
            except NotFound as error:  # an atlas with nothing in any province
                left_out.append({"name": name, "title": part.title, "why": error.detail})
                continue
            files.append({"name": name, "title": part.title, "bytes": made.stat().st_size, "sha256": sha256(made),
                          "records": counts})  # fmt: skip
            with made.open("rb") as read:
                _add(archive, name, read)
            made.unlink()
        progress("manifest", len(pack.parts), len(pack.parts) + 1)
        manifest = _about_pack(held) | {
            "operation": {"key": of.key, "title": of.title, "exercise": of.exercise},
            "recorded_until": until,
            "since": since.astimezone(UTC).isoformat(timespec="seconds") if since else None,
            "layers": [_layer(connection, held, layer) for layer in held.layers],
            "files": files,
            "left_out": left_out,
            "unknown": unknown(connection, held.layers, scope),
            "sources": _sources(connection, held),
            "batches": [_batch(each) for each in landed_batches(connection)],
            "disclaimer": about(of, held.room, scope, held.layers)["disclaimer"],
            "note": "Absence of data is not absence of risk.",
            "rules": rules_mark(held.room),
            "versions": {"geoapp": __version__, "data": data_version(connection)},
        }
        manifest["file_name"] = file_name(scope, pack, held.day, manifest["handling"])
        words = templates().get_template("pack_read_me.html").render(pack=manifest)
        _add(archive, READ_ME, io.BytesIO(words.encode()))
        _add(archive, MANIFEST, io.BytesIO(orjson.dumps(manifest, option=orjson.OPT_INDENT_2)))
    return manifest


def rules_mark(room: audiences.Room) -> str:
    """A digest of what a room is told of each layer, which changes when its rules do."""
    told = [
        room.clearance, sorted(room.withheld_domains), sorted(room.withheld_fields),
        [(r.layer, r.precision, sorted(r.withheld), r.labels, r.dates, r.least, r.sentence) for r in audiences.rules_of(room)],
    ]  # fmt: skip
    return hashlib.blake2b(orjson.dumps(told), digest_size=12).hexdigest()


def _about_pack(held: Contents) -> dict[str, Any]:
    pack, room = held.pack, held.room
    return {
        "pack": pack.name, "title": pack.title, "audience": room.key, "drawn_for": room.title, "shown": room.sentence,
        "handling": room.clearance, "day": held.day.isoformat(), "holds": held.period,
        "as_of": held.scope.as_of.isoformat() if held.scope.as_of else None,
    }  # fmt: skip


def _layer(connection: Connection, held: Contents, layer: Layer) -> dict[str, Any]:
    """What is said of one layer: by which rule it is shown, what is withheld of it, and how many records that leaves."""
    (rule,) = audiences.rules_of(held.room, [layer])
    told = {
        "name": layer.name, "title": layer.title, "rule": rule.precision, "withheld": held.room.withheld(layer),
        "fields_withheld": [field.title for field in layer.fields if field.name in rule.withheld],
    }  # fmt: skip
    if not held.room.shows(layer):
        return told | {"records": None}
    where, binds = held.narrowed.get(layer.name, ("true", {}))
    sql = f"SELECT count(*) FROM ({source(layer, held.scope)}) AS t WHERE {where}"
    return told | {"records": connection.execute(text(sql), held.scope.binds() | dict(binds)).scalar_one()}


def _kept_out(connection: Connection, held: Contents, part: Part) -> str | None:
    """Why a file is not in the pack; None where it is."""
    if all(layer.fixed for layer in held.shown(part)):  # the base map alone says nothing
        return kept_back(_layers(part), held.room)
    provinces = text("SELECT EXISTS (SELECT FROM facts.boundary AS b WHERE b.level = 1)")
    if part.made == "atlas" and not connection.execute(provinces).scalar():
        return "This operation has no provinces to make an atlas of."
    return None


def _left_out(connection: Connection, held: Contents) -> list[dict[str, str]]:
    """Files of the pack in which nothing would be for this room, and why."""
    found = ((part, _kept_out(connection, held, part)) for part in held.pack.parts)
    return [{"name": _name(part), "title": part.title, "why": why} for part, why in found if why is not None]


def _sources(connection: Connection, held: Contents) -> dict[str, list[str]]:
    """By layer's title the sources that its records in the pack name."""
    found = {}
    for layer in held.layers:
        told = {field.name for field in features.shown(layer, held.room.withheld_fields)}
        if "source" not in told or not held.room.shows(layer):
            continue
        where, binds = held.narrowed.get(layer.name, ("true", {}))
        sql = f"SELECT DISTINCT t.source FROM ({source(layer, held.scope)}) AS t WHERE {where} AND t.source <> '' ORDER BY 1 LIMIT 100"
        names = connection.execute(text(sql), held.scope.binds() | dict(binds)).scalars().all()
        if names:
            found[layer.title] = list(names)
    return found


def _batch(batch: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: batch[name] for name in ("batch", "kind", "source", "file_name", "rows")}
    return told | {name: batch[name] and batch[name].date().isoformat() for name in ("landed_at", "withdrawn_at")}


def _recorded_until(connection: Connection, held: Contents) -> str:
    """The moment up to which the pack knows: that which was asked for, or that of the newest record that the room is shown;
    the beginning of the day where it is shown none."""
    newest: datetime | None = held.scope.as_of
    if newest is None:
        newest = connection.execute(text(f"SELECT max(n.max) FROM ({_NEWEST}) AS n")).scalar()
    if newest is None:
        newest = datetime.combine(held.day, datetime.min.time(), tzinfo=UTC)
    return newest.astimezone(UTC).isoformat(timespec="seconds")


def _layers(part: Part) -> Sequence[Layer]:
    return layers_of(",".join(part.layers) or "all")


def _name(part: Part) -> str:
    return part.stem + part.suffix


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal."""
    with path.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def _add(archive: zipfile.ZipFile, name: str, read: Any) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with archive.open(entry, "w", force_zip64=True) as write:
        shutil.copyfileobj(read, write, 1 << 20)
