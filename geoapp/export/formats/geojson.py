"""GeoJSON (RFC 7946): features are built in the database and streamed; a route with its segments."""

import orjson

from geoapp.draw import features
from geoapp.export.formats._base import BATCH, Format, LayerFile, RouteFile


def write(file: LayerFile) -> dict[str, int]:
    """One layer as a FeatureCollection whose member `about` says what it is."""
    layer, total = file.layer, 0
    head = orjson.dumps({"type": "FeatureCollection", "name": layer.name, "about": file.about})
    with file.path.open("wb") as out:
        out.write(head[:-1] + b',"features":[\n')
        where, binds = file.rows(layer)
        for feature in features.stream(file.connection, layer, file.scope, file.hidden(layer), where, binds):
            out.write((b",\n" if total else b"") + feature)
            total += 1
            if total % BATCH == 0:
                file.progress(layer.title, total, None)
        out.write(b"\n]}\n")
    return {layer.name: total}


def write_route(file: RouteFile) -> bytes:
    """The FeatureCollection of segments with its title and what it is not."""
    return orjson.dumps({**file.route, "name": file.title, "description": file.description})


GEOJSON = Format(
    ".geojson", "application/geo+json", "GeoJSON", "one layer for web maps and scripts", write,
    write_route=write_route, also=(".json",),
)  # fmt: skip
