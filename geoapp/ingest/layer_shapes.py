"""The shapes of a layer read all at once: feature by feature, each corner is made a number of Python's first.

fiona stays the reader that says which features there are. A shape that is not a plain line or polygon (an arc, a ring that is
not closed, one without corners) is what fiona says of it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely

from geoapp.ingest.confine import MIB
from geoapp.ingest.feature_values import shape

FORMS = ("GPKG", "ESRI Shapefile")
"""Formats whose features have numbers that every reader gives them."""

MOST_BYTES = 256 * MIB
"""A larger file is not held in memory."""

_PLAIN = {kind + more for kind in (2, 3, 5, 6) for more in (0, 1000, 1 << 31)}
"""Lines and polygons, single or many, flat or with heights, as WKB numbers them."""


def at_once(path: Path, form: str, layer: Any, geometry: str) -> dict[int, bytes | None] | None:
    """The shapes of a layer of lines or polygons as WKB, by the number of their feature; None where fiona is to read them."""
    if form not in FORMS or not geometry.endswith(("LineString", "Polygon")) or path.stat().st_size > MOST_BYTES:
        return None
    import pyogrio

    try:
        _, numbers, shapes, _ = pyogrio.raw.read(path, layer=layer, columns=[], return_fids=True)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        ValueError,
        OSError,
    ):
        return None
    return None if shapes is None else dict(zip(numbers.tolist(), shapes.tolist(), strict=True))


def shape_of(known: dict[int, bytes | None], feature: Any, whole: Callable[[int], Any]) -> Any:
    """The shape of a feature that was read without one; None for none. `whole` reads the feature with it."""
    number = int(feature.id)
    wkb = known.get(number, b"")
    if wkb is None:
        return None
    if int.from_bytes(wkb[1:5], "little" if wkb[:1] == b"\x01" else "big") in _PLAIN:
        found = shapely.from_wkb(wkb, on_invalid="ignore")
        parts = shapely.get_parts(found) if found is not None else ()
        if len(parts) and not shapely.is_empty(parts).any():
            return found
    return shape(whole(number).geometry)
