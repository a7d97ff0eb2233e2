"""Where does a shape go on that jumps over the 180° meridian? On the other side: it is cut there, never drawn around the globe."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[Any]
_HERE, _BEYOND, _BEFORE = (shapely.box(west, -90, west + 360, 90) for west in (-180, 180, -540))


def cut(geoms: Geometries) -> Geometries:
    """The polygons in degrees with those cut at 180° whose rings jump from one side to the other; the rest as they are."""
    wide = shapely.get_type_id(geoms) % 3 == 0
    bounds = shapely.bounds(geoms)
    with np.errstate(invalid="ignore"):
        wide &= bounds[:, 2] - bounds[:, 0] > 180
    found = geoms.copy()
    for at in np.flatnonzero(wide):
        parts = [piece for part in shapely.get_parts(geoms[at]) for piece in _pieces(part)]
        found[at] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return found


def _pieces(polygon: Any) -> list[Any]:
    if shapely.get_type_id(polygon) != 3:
        return [polygon]
    rings = [_unrolled(shapely.get_coordinates(ring)) for ring in [polygon.exterior, *polygon.interiors]]
    if any(ring is None for ring in rings) or all(
        np.abs(ring[:, 0]).max() <= 180 for ring in rings if ring is not None
    ):
        return [polygon]
    whole = shapely.make_valid(shapely.polygons(rings[0], rings[1:] or None))
    sides = ((_HERE, 0.0), (_BEYOND, -360.0), (_BEFORE, 360.0))
    moved = [
        shapely.transform(shapely.intersection(whole, box), lambda c, by=by: c + np.array([by, 0.0]))
        for box, by in sides
    ]
    return [
        piece
        for side in moved
        for piece in shapely.get_parts(side)
        if shapely.get_type_id(piece) == 3 and not piece.is_empty
    ]


def _unrolled(ring: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The ring without jumps, going on beyond ±180°; None for one around a pole, which does not close then."""
    steps = np.diff(ring[:, 0])
    turns = np.concatenate([[0.0], np.cumsum(np.where(steps > 180, -360.0, np.where(steps < -180, 360.0, 0.0)))])
    if turns[-1] != 0:
        return None
    return np.column_stack([ring[:, 0] + turns, ring[:, 1]])
