"""What a feature of a map file holds: its attributes as text, its shape, and the shape in EPSG:4326."""

import json
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geoapp.ingest.columns import RefusedFile


def system(wkt: str | None, form: str) -> pyproj.CRS | None:
    """The coordinate system that a layer names; None where it names none, or one without a place on the earth."""
    if not wkt:
        return pyproj.CRS.from_epsg(4326) if form in ("GeoJSON", "TopoJSON") else None
    try:
        found = pyproj.CRS.from_wkt(wkt)
    except pyproj.exceptions.CRSError:
        return None
    # a GeoPackage whose layer has none (srs_id -1 or 0) says so with a made-up one
    return None if found.is_engineering or "undefined" in found.name.lower() else found


def text(value: Any) -> str | None:
    """A value of GDAL as the text of a cell; None for an empty one."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return None if value != value else str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)[:1_000_000].replace("\0", "")


def shape(geometry: Any) -> Any:
    """One shape; None for what is none. Rings are handed over as arrays: shapely would look at each corner of a list."""
    if geometry is None:
        return None
    try:
        if geometry.type == "Polygon" and geometry.coordinates:
            return shapely.Polygon(*_rings(geometry.coordinates))
        if geometry.type == "MultiPolygon" and geometry.coordinates and all(r and r[0] for r in geometry.coordinates):
            return shapely.MultiPolygon([_rings(rings) for rings in geometry.coordinates])
        if geometry.type == "LineString" and geometry.coordinates:
            return shapely.LineString(np.asarray(geometry.coordinates))
        return shapely.geometry.shape(geometry)
    except (ValueError, TypeError, IndexError, AttributeError, shapely.errors.GEOSException):
        return None


def _rings(rings: Any) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """The outer ring of a polygon and its holes."""
    shell, *holes = (np.asarray(ring) for ring in rings)
    return shell, holes


def to_4326(geoms: NDArray[Any], crs: Any, notes: list[Any], options: dict[str, Any]) -> NDArray[Any]:
    """The shapes in longitude, latitude. A missing CRS is inferred when the coordinates leave one answer."""
    if crs is None:
        bounds = shapely.total_bounds(geoms)
        if not (np.isfinite(bounds).all() and abs(bounds[[0, 2]]).max() <= 180 and abs(bounds[[1, 3]]).max() <= 90):
            raise RefusedFile(
                "no-crs", "The file does not say what its coordinates mean, and they are no degrees.",
                "Send the .prj file with it, or export it in WGS 84.",
            )  # fmt: skip
        note = ("warning", "crs-inferred", "The file names no coordinate system; its numbers can only be degrees, taken as WGS 84.",
                "Send the .prj file with it.")  # fmt: skip
        if note not in notes:
            notes.append(note)
    elif not crs.to_2d().equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True) and crs.to_authority() != (
        "OGC",
        "CRS84",
    ):
        try:
            to = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
        except pyproj.exceptions.ProjError:
            raise RefusedFile(
                "no-crs",
                f"The coordinate system {crs.name[:80]!r} has no way to longitude and latitude.",
                "Export the file in WGS 84.",
            ) from None
        geoms = shapely.transform(geoms, lambda c: np.column_stack(to.transform(c[:, 0], c[:, 1])))
    if options.get("swap"):
        geoms = shapely.transform(geoms, lambda c: c[:, ::-1])
    return np.asarray(geoms)
