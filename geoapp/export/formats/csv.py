"""CSV with an HXL row under its header, a point for each record; opened by every spreadsheet."""

import csv
from typing import Any

import shapely

from geoapp.export.formats._base import Format, LayerFile


def cell(value: Any) -> Any:
    """A value as a spreadsheet must not take it for a formula: text that begins like one gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return "'" + value
    return value


def write(file: LayerFile) -> dict[str, int]:
    """One layer; the position is a point on the record's surface."""
    layer, total = file.layer, 0
    fields = file.fields(layer)
    # a last column without cells: its head is there even when no row is, which is when it matters most
    said = [words for words in (layer.warning, file.about.get("withheld"), file.about.get("unknown")) if words]
    with file.path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", *(f.name for f in fields), "latitude", "longitude", *said])
        writer.writerow(
            ["#meta+id", *(f.hxl or "#meta" for f in fields), "#geo+lat", "#geo+lon", *("#meta+warning" for _ in said)]
        )
        for part in file.batches(layer):
            points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in part]))
            for row, lon, lat in zip(part, shapely.get_x(points), shapely.get_y(points), strict=True):
                cells = [row[0], *(cell(value) for value in row[2:])]
                at = ["", ""] if lon != lon else [f"{lat:.6f}", f"{lon:.6f}"]  # a place that nobody knows has no point
                writer.writerow([*cells, *at, *("" for _ in said)])
            total += len(part)
    return {layer.name: total}


CSV = Format(".csv", "text/csv; charset=utf-8", "CSV", "one list for a spreadsheet, with HXL tags", write)
