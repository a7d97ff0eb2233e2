"""What is inside a zip or gz? Unpacked member by member, after its name, size and ratio were checked."""

import gzip
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from geoapp.ingest.columns import RefusedFile

DATASETS = (
    ".shp",
    ".gdb",
    ".gpkg",
    ".geojson",
    ".json",
    ".kml",
    ".fgb",
    ".gpx",
    ".csv",
    ".tsv",
    ".xlsx",
    ".xls",
    ".ods",
    ".pbf",
)
BLOCK = 1 << 20


def unpack(path: Path, folder: Path, limits: dict[str, Any]) -> Path:
    """The one dataset of a compressed file, unpacked into the folder; the file itself when it is none."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return _gunzip(path, folder, limits)
    if magic == b"PK\x03\x04" and not _is_office(path):
        return _unzip(path, folder, limits)
    return path


def _is_office(path: Path) -> bool:
    """Whether a zip is a spreadsheet: these are read as they are."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:2000])
            return "[Content_Types].xml" in names or "mimetype" in names
    except zipfile.BadZipFile:
        return False


def check_office(path: Path, limits: dict[str, Any]) -> None:
    """Refuse a spreadsheet that would unpack to more than is allowed."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
            packed = sum(item.compress_size for item in archive.infolist())
    except zipfile.BadZipFile:
        raise RefusedFile(
            "damaged", "The spreadsheet is damaged.", "Save it again in the program it came from."
        ) from None
    _bound(size, packed, limits)


def _bound(size: int, packed: int, limits: dict[str, Any]) -> None:
    if size > limits["unpacked_bytes"] or size > limits["ratio"] * max(packed, 1) + BLOCK:
        raise RefusedFile(
            "unpacks-too-large",
            f"The file would unpack to more than {limits['unpacked_bytes'] // BLOCK} MB or {limits['ratio']} times its size.",
            "Send a smaller extract.",
        )


def _gunzip(path: Path, folder: Path, limits: dict[str, Any]) -> Path:
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name + ".data"
    target = folder / f"unpacked-{name}"
    size, packed = 0, path.stat().st_size
    try:
        with gzip.open(path) as source, target.open("wb") as sink:
            while block := source.read(BLOCK):
                size += len(block)
                _bound(size, packed, limits)
                sink.write(block)
    except (EOFError, OSError, gzip.BadGzipFile):
        raise RefusedFile("damaged", "The compressed file is damaged or cut off.", "Send it again.") from None
    return target


def _unzip(path: Path, folder: Path, limits: dict[str, Any]) -> Path:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise RefusedFile("damaged", "The zip file is damaged.", "Pack it again.") from None
    with archive:
        items = [item for item in archive.infolist() if not item.is_dir()]
        if len(items) > limits["entries"]:
            raise RefusedFile("too-many-entries", f"The zip has {len(items):,} files.", "Pack one dataset.")
        seen: set[str] = set()
        inside = folder / "unpacked"
        total, packed = 0, path.stat().st_size
        for item in items:
            name = PurePosixPath(item.filename.replace("\\", "/"))
            link = (item.external_attr >> 16) & 0o170000 == 0o120000
            if name.is_absolute() or ".." in name.parts or ":" in item.filename or "\0" in item.filename or link:
                raise RefusedFile(
                    "path-escapes", f"The zip has an entry that points outside it ({item.filename[:80]!r}).",
                    "Do not use this file; ask its sender.",
                )  # fmt: skip
            if str(name).lower() in seen:
                raise RefusedFile("repeated-entry", f"The zip has {name} twice.", "Pack it again.")
            seen.add(str(name).lower())
            if name.parts[0] == "__MACOSX" or item.flag_bits & 1:
                if item.flag_bits & 1:
                    raise RefusedFile("encrypted", "The zip is protected by a password.", "Pack it without one.")
                continue
            target = inside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(item) as source, target.open("wb") as sink:
                    while block := source.read(BLOCK):
                        total += len(block)
                        _bound(total, packed, limits)
                        sink.write(block)
            except (zipfile.BadZipFile, NotImplementedError, EOFError):
                raise RefusedFile("damaged", f"{name} in the zip is damaged.", "Pack it again.") from None
    return _dataset(inside)


def _dataset(inside: Path) -> Path:
    found = [
        p
        for p in sorted(inside.rglob("*"))
        if p.suffix.lower() in DATASETS and (p.is_file() or p.suffix.lower() == ".gdb")
    ]
    found = [p for p in found if not any(parent.suffix.lower() == ".gdb" for parent in p.parents)]
    if not found:
        names = (
            ", ".join(sorted(p.name for p in inside.rglob("*") if p.is_file())[:5]) if inside.exists() else "nothing"
        )
        raise RefusedFile(
            "nothing-known-inside",
            f"The zip holds no dataset ({names}).",
            f"It should hold one of {', '.join(DATASETS)}.",
        )
    if len(found) > 1:
        raise RefusedFile(
            "several-inside", f"The zip holds {', '.join(p.name for p in found[:5])}.", "Pack one dataset at a time."
        )
    return found[0]
