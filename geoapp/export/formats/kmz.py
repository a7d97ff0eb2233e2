"""KMZ: the KML with its signs and its legend in one archive, for Google Earth and phones without a network."""

import zipfile
from typing import BinaryIO, cast

from geoapp.export.formats import _zip
from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._legend import legend, sign
from geoapp.export.formats.kml import document

_LEVEL = 4
"""How hard the document is packed: half the time of zlib's own choice, a tenth more bytes."""


def write(file: LayerFile) -> dict[str, int]:
    """`doc.kml`, `legend.png` with the classes that are in it, and a sign for each kind of point."""
    made_at = file.about["made_at"]
    with zipfile.ZipFile(file.path, "w") as archive:
        with archive.open(_zip.info("doc.kml", made_at, _LEVEL), "w", force_zip64=True) as out:
            drawn = document(cast(BinaryIO, out), file, "legend.png")
        title = [file.about["title"], f"{file.about['handling']} · {file.about['drawn_for']}", file.about["scope"]]
        _zip.add(archive, "legend.png", legend(title, file.layers, drawn), made_at)
        markers = {rule.symbol.marker or "circle" for layer in file.layers for rule in layer.style.rules}
        for marker in sorted(markers):
            _zip.add(archive, f"signs/{marker}.png", sign(marker), made_at)
    return {name: sum(classes.values()) for name, classes in drawn.items()}


KMZ = Format(
    ".kmz",
    "application/vnd.google-earth.kmz",
    "KMZ",
    "Google Earth and phones, with legend and signs",
    write,
    many=True,
)
