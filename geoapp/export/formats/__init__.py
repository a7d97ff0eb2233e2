"""Every export format: one file each, and its line here."""

from geoapp.export.formats._base import Format, LayerFile, RouteFile
from geoapp.export.formats.csv import CSV
from geoapp.export.formats.geojson import GEOJSON
from geoapp.export.formats.gpkg import GPKG
from geoapp.export.formats.gpx import GPX
from geoapp.export.formats.kml import KML
from geoapp.export.formats.xlsx import XLSX

FORMATS: tuple[Format, ...] = (GPKG, GEOJSON, CSV, XLSX, KML, GPX)

__all__ = ["FORMATS", "Format", "LayerFile", "RouteFile"]
