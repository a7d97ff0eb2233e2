"""GPX 1.1: a route as a track with its waypoints, for navigation devices."""

from xml.etree import ElementTree as Xml

import shapely

from geoapp.export.formats._base import Format, RouteFile, xml_text

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def write_route(file: RouteFile) -> bytes:
    """Waypoints by name, then one track whose segments follow the roads."""
    root = Xml.Element("gpx", {"xmlns": _NAMESPACE, "version": "1.1", "creator": "geoapp"})
    metadata = Xml.SubElement(root, "metadata")
    Xml.SubElement(metadata, "name").text = xml_text(file.title)
    Xml.SubElement(metadata, "desc").text = xml_text(file.description)
    for name, lon, lat in file.waypoints:
        Xml.SubElement(_at(root, "wpt", lon, lat), "name").text = xml_text(name)
    track = Xml.SubElement(root, "trk")
    Xml.SubElement(track, "name").text = xml_text(file.title)
    for feature in file.route["features"]:
        for line in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            segment = Xml.SubElement(track, "trkseg")
            for lon, lat in shapely.get_coordinates(line):
                _at(segment, "trkpt", lon, lat)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _at(parent: Xml.Element, tag: str, lon: float, lat: float) -> Xml.Element:
    return Xml.SubElement(parent, tag, {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})


GPX = Format(".gpx", "application/gpx+xml", "GPX", "navigation devices", write_route=write_route)
