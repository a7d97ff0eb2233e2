"""CSV with an HXL row under its header, codes beside their words, a place for each record; for every spreadsheet."""

import csv
from typing import Any

from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._told import PLACE, columns, places

ABOUT = ("title", "handling", "drawn_for", "scope", "listed", "made_at", "disclaimer", "note")
"""What the last column's head says, in this order."""


def cell(value: Any) -> Any:
    """A value as a spreadsheet must not take it for a formula: text that begins like one gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return "'" + value
    return value


def write(file: LayerFile) -> dict[str, int]:
    """One layer; the position is a point on the record's surface.

    What the file says of itself are last columns without cells: their heads are there even when no row is, which is when
    they matter most.
    """
    layer, total = file.layer, 0
    told = columns(file.fields(layer))
    warned = [words for words in (layer.warning, file.about.get("withheld"), file.about.get("unknown")) if words]
    said = [*warned, "; ".join(file.about[name] for name in ABOUT if file.about.get(name))]
    with file.path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", *(c.name for c in told), *(name for name, _ in PLACE), *said])
        tags = ["#meta+id", *(c.tag for c in told), *(tag for _, tag in PLACE)]
        writer.writerow([*tags, *("#meta+warning" for _ in warned), "#meta+about"])
        for part in file.batches(layer):
            for row, (lat, lon, square) in zip(part, places(part), strict=True):
                at = ["", "", ""] if lat is None else [f"{lat:.6f}", f"{lon:.6f}", square]
                writer.writerow([row[0], *(cell(c.of(row)) for c in told), *at, *("" for _ in said)])
            total += len(part)
    return {layer.name: total}


CSV = Format(".csv", "text/csv; charset=utf-8", "CSV", "one list for a spreadsheet, with words and HXL tags", write)
