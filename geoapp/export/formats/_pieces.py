"""A shape as points, lines and polygons without holes, for formats that draw nothing else."""

from collections.abc import Iterator

import shapely
from shapely.geometry.base import BaseGeometry


def parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """The points, lines and polygons of a shape; a polygon with holes is cut through each, for a drawing has none."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and part.interiors:
            yield from _without_holes(part)
        elif part.geom_type == "GeometryCollection":
            yield from parts(part)
        else:
            yield part


def _without_holes(polygon: BaseGeometry) -> Iterator[BaseGeometry]:
    west, south, east, north = polygon.bounds
    middle = shapely.Polygon(polygon.interiors[0]).representative_point().x
    for left, right in ((west, middle), (middle, east)):
        half = shapely.intersection(polygon, shapely.box(left, south, right, north))
        for piece in shapely.get_parts(half):
            if piece.geom_type == "Polygon":
                yield from _without_holes(piece) if piece.interiors else (piece,)
