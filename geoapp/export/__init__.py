"""What leaves the house: layers and routes as files, under the audience's rules, with their colours and provenance."""

from geoapp.export import pack
from geoapp.export.formats import FORMATS
from geoapp.export.write import EVERYTHING, LAYER_FORMATS, ROUTE_FORMATS, format_of, layers_of, write, write_route

__all__ = [
    "EVERYTHING", "FORMATS", "LAYER_FORMATS", "ROUTE_FORMATS", "format_of", "layers_of", "pack", "write", "write_route",
]  # fmt: skip
