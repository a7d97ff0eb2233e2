"""An archive whose bytes follow from what it holds: entries in the order given, all of one moment."""

import shutil
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""No entry of a zip archive can be older."""


_LEVEL = "compress_level" if hasattr(zipfile.ZipInfo, "compress_level") else "_compresslevel"
"""What an entry's own level is called: the first from Python 3.13 on, before it had no name of its own for others."""


def info(name: str, made_at: str, level: int | None = None) -> zipfile.ZipInfo:
    """An entry of that moment (ISO 8601), the same on every machine, packed as hard as said (1 to 9; 6 when not said)."""
    moment = max(datetime.fromisoformat(made_at).astimezone(UTC), _EARLIEST)
    entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    if level is not None:
        setattr(entry, _LEVEL, level)
    return entry


def add(archive: zipfile.ZipFile, name: str, content: bytes | Path, made_at: str) -> None:
    """Put bytes or a file into an archive; a file is never held in memory."""
    if isinstance(content, bytes):
        archive.writestr(info(name, made_at), content)
        return
    with content.open("rb") as source, archive.open(info(name, made_at), "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 1 << 20)


def again(path: Path, made_at: str, changed: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """Write an archive anew with every entry of one moment, and what `changed` makes of those it names."""
    fresh = path.with_suffix(".again")
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(fresh, "w") as new:
            for name in old.namelist():
                if name in changed:
                    add(new, name, changed[name](old.read(name)), made_at)
                    continue
                with old.open(name) as source, new.open(info(name, made_at), "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, 1 << 20)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
