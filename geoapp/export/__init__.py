"""What leaves the house: layers as files, under the audience's rules, with their colours and their provenance."""

from geoapp.export.files import FORMATS, write

__all__ = ["FORMATS", "write"]
