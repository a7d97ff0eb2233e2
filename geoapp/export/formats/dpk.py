"""TAK data package: records as Cursor on Target events for ATAK, WinTAK and iTAK; importing it again replaces them."""

import zipfile
from datetime import datetime
from io import BytesIO
from xml.etree import ElementTree as Xml

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.errors import TooLarge
from geoapp.export.formats import _cot, _zip
from geoapp.export.formats._base import Format, LayerFile, RouteFile, xml_text
from geoapp.export.formats._pieces import parts
from geoapp.export.formats._told import Column, Sayings, spoken
from geoapp.operations import operation
from layers import Layer

MAX_EVENTS = 10_000
"""More than a phone draws, and each is a file of its own."""
_HELPERS = ("sites",)
"""The subjects whose points are places of those who help: neutral. Of every other it is not known."""


def write(file: LayerFile) -> dict[str, int]:
    """Layers as events, one for each part of a record that has a place; records with a place per layer.

    `stale` is the end of the record's validity. Raises TooLarge for more events than a phone draws.
    """
    counts, entries, nowhere = {}, [], 0
    made_at = datetime.fromisoformat(file.about["made_at"])
    exercise = operation(file.connection, file.scope.operation).exercise
    with zipfile.ZipFile(file.path, "w") as archive:
        for layer in file.layers:
            counts[layer.name] = 0
            says, columns = Sayings(layer, file.fields(layer)), spoken(file.fields(layer))
            for part in file.batches(layer):
                for row, geom in zip(part, shapely.from_wkb([row[1] for row in part]), strict=True):
                    if geom is None or geom.is_empty:
                        nowhere += 1
                        continue
                    counts[layer.name] += 1
                    for made in _events(file, layer, says, columns, row, geom, made_at, exercise=exercise):
                        entries.append(_entry(archive, made, file.about["made_at"]))
                        if len(entries) > MAX_EVENTS:
                            raise TooLarge(
                                f"A data package for phones holds {MAX_EVENTS:,} events; there are more.",
                                hint="Choose fewer layers or a shorter period, or write KMZ or GeoPackage.",
                            )
        about = {name: words for name, words in file.about.items() if words}
        about |= {"without a place": f"{nowhere} records are not in this package"} if nowhere else {}
        about |= {f"warning, {each.title}": each.warning for each in file.layers if each.warning}
        _manifest(
            archive, _cot.uid(file.scope.operation, file.scope.audience, *(layer.name for layer in file.layers)),
            f"{file.about['title']} · {file.about['handling']} · {file.about['drawn_for']}", about, entries,
            file.about["made_at"],
        )  # fmt: skip
    return counts


def _events(
    file: LayerFile,
    layer: Layer,
    says: Sayings,
    columns: list[Column],
    row: tuple[object, ...],
    geom: BaseGeometry,
    made_at: datetime,
    *,
    exercise: bool,
) -> list[Xml.Element]:
    name, (first, last) = says.called(row), says.days(row)
    start, stale = _cot.validity(first, last, made_at)
    symbol = layer.style.rules[says.class_of(row)].symbol
    pieces = list(parts(geom))
    said = ((c.title, c.of(row)) for c in columns)
    told = [f"{title}: {value}" for title, value in said if value is not None]
    remarks = [
        layer.title, *told, f"{file.about['handling']}, {file.about['drawn_for']}, as of {file.about['made_at'][:16]}",
        *([layer.warning] if layer.warning else []),
        *([f"No end is recorded: ask again within {_cot.OPEN_DAYS} days."] if last is None else []),
        *([f"Drawn in {len(pieces)} pieces."] if len(pieces) > 1 else []),
    ]  # fmt: skip
    made = []
    for number, piece in enumerate(pieces):
        point = piece.geom_type == "Point"
        kind = _cot.DRAWING if not point else _cot.NEUTRAL if layer.subject in _HELPERS else _cot.UNKNOWN
        at = piece if point else piece.representative_point()
        event = _cot.event(
            kind, _cot.uid(file.scope.operation, layer.name, row[0], number), (at.x, at.y), name, "\n".join(remarks),
            made_at, start, stale, exercise=exercise,
        )  # fmt: skip
        if not point:
            _cot.draw(event[1], piece, symbol)
        made.append(event)
    return made


def _entry(archive: zipfile.ZipFile, event: Xml.Element, made_at: str) -> str:
    name = f"{event.get('uid')}/{event.get('uid')}.cot"
    _zip.add(archive, name, Xml.tostring(event, encoding="utf-8", xml_declaration=True), made_at)
    return name


def _manifest(
    archive: zipfile.ZipFile, uid: str, name: str, about: dict[str, str], entries: list[str], made_at: str
) -> None:
    """What is in the package, by version 2 of the manifest, and what it says of itself."""
    _zip.add(archive, "about.txt", "\n".join(f"{k}: {v}" for k, v in about.items()).encode(), made_at)
    root = Xml.Element("MissionPackageManifest", version="2")
    configuration = Xml.SubElement(root, "Configuration")
    for key, value in (("uid", uid), ("name", name), ("onReceiveImport", "true"), ("onReceiveDelete", "false")):
        Xml.SubElement(configuration, "Parameter", name=key, value=xml_text(value))
    contents = Xml.SubElement(root, "Contents")
    for entry in entries:
        content = Xml.SubElement(contents, "Content", ignore="false", zipEntry=entry)
        Xml.SubElement(content, "Parameter", name="uid", value=entry.split("/")[0])
    Xml.SubElement(contents, "Content", ignore="true", zipEntry="about.txt")
    _zip.add(archive, "MANIFEST/manifest.xml", Xml.tostring(root, encoding="utf-8", xml_declaration=True), made_at)


def write_route(file: RouteFile) -> bytes:
    """A way as a route whose corners are those of the roads and whose waypoints have their names; stale on arrival."""
    identifier = _cot.uid("route", file.title, file.departs.isoformat())
    (_, lon, lat), *_ = file.waypoints
    event = _cot.event(
        _cot.ROUTE,
        identifier,
        (lon, lat),
        file.title,
        file.description,
        file.departs,
        file.departs,
        file.arrives,
        exercise=file.exercise,
    )
    lines = [line for f in file.route["features"] for line in shapely.get_parts(shapely.geometry.shape(f["geometry"]))]
    corners = [(lon, lat), *_cot.corners_of(lines), file.waypoints[-1][1:]]
    corners = [corner for n, corner in enumerate(corners) if n == 0 or corner != corners[n - 1]]
    names = {0: file.waypoints[0][0], len(corners) - 1: file.waypoints[-1][0]}
    for over, x, y in file.waypoints[1:-1]:
        names[int(np.argmin(np.hypot(*(np.array(corners) - (x, y)).T)))] = over
    for number, (x, y) in enumerate(corners):
        name = names.get(number)
        Xml.SubElement(
            event[1], "link", uid=_cot.uid(identifier, number), type="b-m-p-w" if name else "b-m-p-c", relation="c",
            callsign=xml_text(name or ""), point=f"{y:.7f},{x:.7f}",
        )  # fmt: skip
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        made_at = file.departs.isoformat()
        entry = _entry(archive, event, made_at)
        _manifest(archive, _cot.uid("package", identifier), file.title, {"about": file.description}, [entry], made_at)
    return out.getvalue()


DPK = Format(
    ".dpk", "application/x-tak-data-package", "TAK data package", "ATAK, WinTAK and iTAK, as Cursor on Target", write,
    many=True, write_route=write_route,
)  # fmt: skip
