"""Make a pack: every part in one snapshot, each looked at, then what it is in words and figures; whole or not at all.

What the pack says of time is the time of what it holds: the same snapshot gives the same bytes.
"""

import errno
import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp import __version__, audiences
from geoapp.db import transaction
from geoapp.db import version as data_version
from geoapp.draw.apart import Drawer, drawer
from geoapp.draw.changes import Last, since
from geoapp.draw.nothing import kept_back, unknown
from geoapp.draw.page import templates
from geoapp.errors import Forbidden, NotFound, OutOfSpace
from geoapp.export.formats._base import Progress
from geoapp.export.neutrality import Finding, words
from geoapp.export.neutrality.check import MANIFEST
from geoapp.export.pack import contents as held_by
from geoapp.export.pack.contents import Contents, contents, file_name, layers_in, name_of
from geoapp.export.pack.makers import MAKERS, Making, drawing, on_paper, told
from geoapp.export.pack.neutral import Findings, overrides_of
from geoapp.export.write import about
from geoapp.model import FACTS
from geoapp.observe import event
from geoapp.operations import operation
from geoapp.scope import Scope
from web.packs import Pack, Part

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry of the archive: what it holds says its own."""
LEAST_FREE = 1 << 16
"""Bytes of a disk on which nothing more can be written."""
READ_ME = "READ_ME.html"
_NEWEST = " UNION ALL ".join(f"SELECT max(t.recorded_at) FROM facts.{table} AS t" for table in FACTS)


def build(
    engine: Engine, scope: Scope, pack: Pack, path: Path, progress: Progress = lambda step, n, of: None,
    last: Last | None = None, overrides: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write the pack to `path`; what its manifest says. The archive appears whole or not at all. What changed is
    told beside the `last` pack of this kind for this room. Every file is looked at for what takes sides; `overrides` (key of a
    finding → reason) say what stays.

    Maps on paper are drawn by another process meanwhile, of the same snapshot. Memory does not grow with the number of records.
    Raises Forbidden where nothing of it may be shown to the room, Refused
    where the neutrality check found what nobody overrides, BadRequest for an override without a reason and for no such room,
    NotFound for no such operation, OutOfSpace, Ended where that process is gone, and whatever `progress` raises to stop it.
    """
    scope, reasons = replace(scope, purpose="export"), overrides_of(overrides or {})
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pack-", dir=path.parent) as work, told_when_full(Path(work)):
        fresh = Path(work) / "pack.zip"
        with (
            drawer() if any(map(on_paper, pack.parts)) else nullcontext() as beside,
            transaction(engine, scope.context(), snapshot=True) as connection,
        ):
            progress("one moment of the data", 0, len(pack.parts) + 1)
            held = contents(connection, scope, pack, last)
            manifest = _Building(connection, held, fresh, progress, reasons, beside).write()
        fresh.replace(path)
    event("pack", scope.context(), pack=pack.name, files=len(manifest["files"]))
    return manifest


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """A disk that is full, as OutOfSpace: what writes to it says so in words of its own, or not at all, so the errors below
    it and what is left of the disk are looked at."""
    try:
        yield
    except Exception as error:
        if not _full(error) and shutil.disk_usage(folder).free > LEAST_FREE:
            raise
        raise OutOfSpace(
            "The disk is full; nothing of the pack was kept.",
            hint="Free space where temporary files are, and ask again.",
        ) from error


def _full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(error).lower() for words in ("no space left", "disk is full", "disk full")):
            return True
        error = error.__cause__ or error.__context__
    return False


@dataclass(frozen=True)
class _Done:
    """A file that was made, the records of each layer in it, and what was found when it was looked at."""

    part: Part
    path: Path
    records: dict[str, int]
    found: list[Finding]


class _Building:
    """One archive under way."""

    def __init__(
        self, connection: Connection, held: Contents, path: Path, progress: Progress, overrides: Mapping[str, str],
        beside: Drawer | None,
    ) -> None:  # fmt: skip
        self.connection, self.held, self.path, self.progress, self.beside = connection, held, path, progress, beside
        self.of = operation(connection, held.scope.operation)
        known = _known_until(connection, held)
        self.known, self.until = known, known.isoformat(timespec="seconds")
        self.changes = since(connection, held.scope, held.room, held.last, held.day, held.pack.only)
        names = frozenset(name for name in held_by.names(connection, held) if words.found(name))
        self.findings = Findings(held.in_force_from, overrides, names)
        self.done: dict[str, _Done] = {}
        self.files: list[dict[str, Any]] = []
        self.left_out = held_by.left_out(connection, held)

    def write(self) -> dict[str, Any]:
        """Write the archive; its manifest."""
        held, parts = self.held, self.held.pack.parts
        if all(layer.fixed for part in parts for layer in held.shown(part)):
            raise Forbidden(
                f"Nothing of this pack may be shown to {held.room.title}.", hint="Choose another room, or another pack."
            )
        self.make([self.making(part) for part in parts if held_by.kept_out(self.connection, held, part) is None])
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for done in (self.done[name] for part in parts if (name := name_of(part)) in self.done):
                self.put(archive, done)
            self.tell("manifest")
            manifest = self.manifest()
            read_me = templates().get_template("pack_read_me.html").render(pack=manifest)
            for name, data in (
                (READ_ME, read_me.encode()), (MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            ):  # fmt: skip
                path = self.path.with_name(name)
                path.write_bytes(data)
                self.findings.add(path, self.findings.look(path))
                _add(archive, name, io.BytesIO(data))
        self.findings.stop()
        return manifest

    def tell(self, step: str) -> None:
        """Say what is done now, and how many files of the pack are."""
        self.progress(step, len(self.done), len(self.held.pack.parts) + 1)

    def making(self, part: Part) -> Making:
        """What a file is made of."""
        held, layers, name = self.held, self.held.shown(part), name_of(part)
        own = about(self.of, held.room, held.scope, layers) | {"made_at": self.until, "scope": held.period}
        kept = kept_back(layers_in(held.pack, part), held.room)
        own |= {"withheld": kept} if kept else {}
        step = partial(self._step, name)
        return Making(self.connection, held, part, layers, self.path.with_name(name), own, step, self.changes)

    def make(self, makings: list[Making]) -> None:
        """Make every file and look at it: the maps on paper beside this process, the others here meanwhile."""
        drawings = {each.path.name: asked for each in makings if (asked := drawing(each)) is not None}
        if self.beside is not None:
            self.beside.begin(self.connection, self.held.scope.context(), list(drawings.values()))
        for each in makings:
            if each.path.name not in drawings:
                self.tell(each.path.name)
                self.look(each, MAKERS[each.part.made](each))
        if self.beside is not None:
            drawn = self.beside.drawn(lambda drawing: self.tell(drawing.path.name))
            for each, found in zip((each for each in makings if each.path.name in drawings), drawn, strict=True):
                if isinstance(found, NotFound):  # an atlas with nothing in any province
                    self.left_out.append({"name": each.path.name, "title": each.part.title, "why": found.detail})
                else:
                    self.look(each, told(each, found))

    def look(self, making: Making, records: dict[str, int]) -> None:
        """Look at a file that was made."""
        self.tell(f"{making.path.name}: looked at")
        self.done[making.path.name] = _Done(making.part, making.path, records, self.findings.look(making.path))

    def put(self, archive: zipfile.ZipFile, done: "_Done") -> None:
        """Put a file into the archive, and what was found in it to the findings."""
        made, name = done.path, done.path.name
        self.findings.add(made, done.found)
        self.files.append(
            {"name": name, "title": done.part.title, "bytes": made.stat().st_size, "sha256": sha256(made),
             "records": done.records}
        )  # fmt: skip
        with made.open("rb") as read:
            _add(archive, name, read)
        made.unlink()

    def _step(self, name: str, step: str, done: int, total: int | None) -> None:
        self.tell(f"{name}: {step}")

    def manifest(self) -> dict[str, Any]:
        """What the pack says of itself."""
        held, of = self.held, self.of
        layers = [held_by.layer_told(self.connection, held, layer) for layer in held.layers]
        manifest = held_by.about_pack(held) | {
            "operation": {"key": of.key, "title": of.title, "exercise": of.exercise},
            "recorded_until": self.until,
            "known_until": self.known.isoformat(timespec="microseconds"),
            "changes": [sentence for part in self.changes.sentences().values() for sentence in part],
            "layers": layers,
            "files": self.files,
            "left_out": self.left_out,
            "nothing": held_by.nothing(held, layers),
            "unknown": unknown(self.connection, held.layers, held.scope),
            "sources": held_by.sources(self.connection, held),
            "batches": held_by.batches(self.connection),
            "disclaimer": about(of, held.room, held.scope, held.layers)["disclaimer"],
            "note": "Absence of data is not absence of risk.",
            "neutrality": {
                "files": list(self.findings.looked),
                "names": sorted(self.findings.names),
                "overridden": self.findings.told(),
            },
            "rules": rules_mark(held.room),
            "versions": {"geoapp": __version__, "data": data_version(self.connection)},
        }
        return manifest | {"file_name": file_name(held.scope, held.pack, held.day, held.room.clearance)}


def rules_mark(room: audiences.Room) -> str:
    """A digest of what a room is told of each layer, which changes when its rules do."""
    told = [
        room.clearance, sorted(room.withheld_domains),
        [(r.layer, r.precision, sorted(r.withheld), r.labels, r.dates, r.least, r.sentence) for r in audiences.rules_of(room)],
    ]  # fmt: skip
    return hashlib.blake2b(orjson.dumps(told), digest_size=12).hexdigest()


def _known_until(connection: Connection, held: Contents) -> datetime:
    """The moment up to which the pack knows: that which was asked for, or that of the newest record that the room is shown;
    the beginning of the day where it is shown none."""
    newest: datetime | None = held.scope.as_of
    if newest is None:
        newest = connection.execute(text(f"SELECT max(n.max) FROM ({_NEWEST}) AS n")).scalar()
    if newest is None:
        newest = datetime.combine(held.day, datetime.min.time(), tzinfo=UTC)
    return newest.astimezone(UTC)


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal."""
    with path.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def _add(archive: zipfile.ZipFile, name: str, read: Any) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with archive.open(entry, "w", force_zip64=True) as write:
        shutil.copyfileobj(read, write, 1 << 20)
