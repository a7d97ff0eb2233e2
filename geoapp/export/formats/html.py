"""A map in one HTML file, for a screen without a network: opened from a disk, sent by mail, printed."""

from geoapp.draw import single
from geoapp.export.formats._base import Format, LayerFile


def write(file: LayerFile) -> dict[str, int]:
    """One page with every layer, its legend and its list. Raises TooLarge for more shapes than a page can draw; more points
    than that are counted in cells, and the map says so."""
    taken = []
    for layer in file.layers:
        records = single.Records(layer, file.fields(layer))
        if layer is not single.GROUND:  # which the page takes for its place alone
            for part in file.batches(layer):
                records.add(part)
        taken.append(records)
    page = single.html(file.connection, file.scope, taken, file.about, file.withheld)
    file.path.write_text(page, encoding="utf-8", newline="\n")
    return {each.layer.name: each.total for each in taken}


HTML = Format(".html", "text/html", "Map in one file", "a screen without a network, a stick, a print", write, many=True)
