"""A record as Cursor on Target events, as TAK programs draw them: never a tasking, never friend or foe.

Points are neutral (`a-n-G`: places of those who help) or unknown (`a-u-G`: everything else), areas and lines drawings
(`u-d-f`), ways routes (`b-m-r`). Latitude comes first. (DOMAIN 7.3)
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from xml.etree import ElementTree as Xml

import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.export.formats._base import xml_text
from layers import Symbol

NEUTRAL, UNKNOWN, DRAWING, ROUTE = "a-n-G", "a-u-G", "u-d-f", "b-m-r"
OPEN_DAYS = 7
"""A record without an end is to be asked for again after so many days."""
_NOWHERE = "9999999.0"
"""What CoT writes where a height or an accuracy is not known."""
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "geoapp:cot")


def uid(*what: object) -> str:
    """The same identifier for the same thing in every file, so that importing it again replaces it."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(each) for each in what)))


def moment(at: datetime) -> str:
    """A moment as CoT writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def validity(first: date | None, last: date | None, made_at: datetime) -> tuple[datetime, datetime]:
    """The start and the end of validity in UTC, never the wrong way round: from the first day to the end of the last.

    Without a first day it starts when the file is made, or at its end if that came before; without a last day it ends
    OPEN_DAYS after both its start and the making of the file.
    """
    start = datetime.combine(first, time.min, UTC) if first else made_at
    if last is None or last == date.max:
        return start, max(start, made_at) + timedelta(days=OPEN_DAYS)
    stale = datetime.combine(last, time.min, UTC) + timedelta(days=1)
    return min(start, stale), stale


def event(
    kind: str, identifier: str, at: tuple[float, float], callsign: str, remarks: str, made_at: datetime, start: datetime,
    until: datetime, *, exercise: bool,
) -> Xml.Element:  # fmt: skip
    """An event at a place (longitude, latitude), without its drawing. One of an exercise says so (`opex`)."""
    root = Xml.Element(
        "event", version="2.0", uid=identifier, type=kind, how="h-g-i-g-o", time=moment(made_at), start=moment(start),
        stale=moment(until),
    )  # fmt: skip
    if exercise:
        root.set("opex", "e")
    Xml.SubElement(root, "point", lat=f"{at[1]:.7f}", lon=f"{at[0]:.7f}", hae=_NOWHERE, ce=_NOWHERE, le=_NOWHERE)
    detail = Xml.SubElement(root, "detail")
    Xml.SubElement(detail, "contact", callsign=xml_text(callsign))
    Xml.SubElement(detail, "remarks").text = xml_text(remarks)
    return root


def draw(detail: Xml.Element, shape: BaseGeometry, symbol: Symbol) -> None:
    """The corners of a line, or of a polygon without holes (its first corner again at the end), and its colours."""
    corners = shape.exterior if shape.geom_type == "Polygon" else shape
    for lon, lat in shapely.get_coordinates(corners):
        Xml.SubElement(detail, "link", point=f"{lat:.7f},{lon:.7f}")
    Xml.SubElement(detail, "strokeColor", value=str(argb(symbol.stroke, 1)))
    Xml.SubElement(detail, "strokeWeight", value=f"{symbol.width:g}")
    Xml.SubElement(detail, "strokeStyle", value="dashed" if symbol.dash else "solid")
    if shape.geom_type == "Polygon":
        # there is no hatch: a hatched class is filled thinly with the hatch's colour
        fill = argb(symbol.fill, symbol.fill_opacity) if symbol.fill else argb(symbol.hatch_color, 0.15)
        Xml.SubElement(detail, "fillColor", value=str(fill))
    Xml.SubElement(detail, "labels_on", value="true")


def argb(color: str | None, opacity: float) -> int:
    """A colour as a signed number of 32 bits: opacity, red, green, blue."""
    value = 0 if color is None else round(opacity * 255) << 24 | int(color[1:7], 16)
    return value - (1 << 32) if value >= 1 << 31 else value


def corners_of(lines: Sequence[BaseGeometry]) -> list[tuple[float, float]]:
    """Longitude and latitude of the corners of lines one after the other, each once."""
    found: list[tuple[float, float]] = []
    for line in lines:
        for lon, lat in shapely.get_coordinates(line).tolist():
            if not found or found[-1] != (lon, lat):
                found.append((lon, lat))
    return found
