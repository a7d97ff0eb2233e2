"""What PPTX and DOCX share: text that XML can hold, text from right to left, and the same bytes for the same content."""

import re
import unicodedata
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry of the archive: what it holds says its own."""


def plain(value: object) -> str:
    """A value as text that XML can hold: control characters have no form in it and are left out."""
    return _NOT_IN_XML.sub("", str(value))


def shortened(value: str, most: int) -> str:
    """Text of so many characters at most, with its end marked as left out."""
    return value if len(value) <= most else value[: most - 1].rstrip() + "…"


def rtl(value: str) -> bool:
    """Whether text is read from right to left: by its first character that has a direction."""
    for each in value:
        direction = unicodedata.bidirectional(each)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def tell(properties: Any, title: str, subject: str, day: date) -> None:
    """The core properties of a document: whose it is and the day it speaks of, never the moment or the machine it was made on."""
    moment = datetime.combine(day, time(), tzinfo=UTC).replace(tzinfo=None)
    properties.title, properties.subject = shortened(plain(title), 250), shortened(plain(subject), 250)
    properties.author, properties.last_modified_by = "geoapp", "geoapp"
    properties.created, properties.modified, properties.last_printed = moment, moment, moment
    properties.revision, properties.comments, properties.keywords = 1, "", ""


def save(document: Any, path: Path) -> None:
    """Write a document of python-pptx or python-docx, whose archive would carry the time it was made."""
    made, fixed = BytesIO(), BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as after:
        for entry in before.infolist():
            info = zipfile.ZipInfo(entry.filename, _MOMENT)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            after.writestr(info, before.read(entry.filename))
    path.write_bytes(fixed.getvalue())
