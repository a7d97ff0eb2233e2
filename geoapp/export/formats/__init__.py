"""Every export format: one file each, and its line here."""

from geoapp.export.formats._base import Format, LayerFile, RouteFile
from geoapp.export.formats.csv import CSV
from geoapp.export.formats.dpk import DPK
from geoapp.export.formats.flatgeobuf import FLATGEOBUF
from geoapp.export.formats.geojson import GEOJSON
from geoapp.export.formats.geoparquet import GEOPARQUET
from geoapp.export.formats.gpkg import GPKG
from geoapp.export.formats.gpx import GPX
from geoapp.export.formats.html import HTML
from geoapp.export.formats.kml import KML
from geoapp.export.formats.kmz import KMZ
from geoapp.export.formats.nvg import NVG
from geoapp.export.formats.pmtiles import PMTILES
from geoapp.export.formats.qgz import QGZ
from geoapp.export.formats.shapefile import SHAPEFILE
from geoapp.export.formats.xlsx import XLSX

FORMATS: tuple[Format, ...] = (
    GPKG,
    QGZ,
    GEOJSON,
    CSV,
    XLSX,
    SHAPEFILE,
    FLATGEOBUF,
    GEOPARQUET,
    KMZ,
    KML,
    DPK,
    NVG,
    GPX,
    PMTILES,
    HTML,
)

__all__ = ["FORMATS", "Format", "LayerFile", "RouteFile"]
