"""What becomes of a shape that is being drawn when it is cut, joined, widened or mended? Nothing is recorded by it.

GEOS keeps every corner of what it is given as it is, to the last digit: two shapes that are cut or joined along one border
have the same corners there.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyproj
import shapely
from shapely.ops import split

from geoapp import geometry
from geoapp.errors import BadRequest, Refused
from geoapp.record.shapes import MAX_VERTICES, mended, parsed, prepared

Do = Literal["take", "away", "join", "common", "split", "widen", "mend"]
LEAST_M, MOST_M = -50_000, 200_000
"""Metres by which a shape is narrowed or widened, at most: as far as a plane around its middle holds within a per mille."""
MOST_PIECES = 50


@dataclass(frozen=True)
class Reshaped:
    """The shape (shapely, EPSG:4326), what was done to it in sentences, and the pieces it falls into, largest first."""

    shape: Any
    said: tuple[str, ...] = ()
    pieces: tuple[Any, ...] = ()

    def told(self) -> dict[str, Any]:
        """As it is sent: GeoJSON with every decimal, areas in km² on the ellipsoid."""
        return {
            "geometry": shapely.geometry.mapping(self.shape), "km2": _km2(self.shape), "said": self.said,
            "pieces": [{"geometry": shapely.geometry.mapping(each), "km2": _km2(each)} for each in self.pieces],
        }  # fmt: skip


def reshape(do: Do, shape: Mapping[str, Any] | None, other: Any, metres: float | None) -> Reshaped:
    """The shape (GeoJSON) after `take` (the other in its place), `away` (less the other), `join` (and the other), `common` (what
    both have), `split` (by the other, a line), `widen` (by metres; less than 0 narrows) or `mend` (what crosses itself taken
    apart). The other is GeoJSON that was drawn, or a record's shape as shapely has it.

    Raises BadRequest for what is missing, Refused where no shape comes of it.
    """
    if do == "take":
        return Reshaped(_one(_drawn(_other(other, "polygon"))))
    if shape is None:
        raise BadRequest("There is no shape yet.", hint="Draw one first.")
    if do == "mend":
        return _mend(shape)
    if do == "widen":
        return _widen(parsed(shape, "any"), metres)
    mine = parsed(shape, "polygon")
    if do == "split":
        return _split(mine, _other(other, "line"))
    return _BY_AREA[do](mine, _other(other, "polygon"))


def _other(other: Any, want: str) -> Any:
    if other is None:
        raise BadRequest("By what is it to be changed?", hint="Draw it, or choose a record or district.")
    if isinstance(other, Mapping):
        return parsed(other, want)
    if not other.geom_type.endswith({"polygon": "Polygon", "line": "LineString"}[want]):
        raise Refused(
            f"It is not drawn as {'an area' if want == 'polygon' else 'a line'}.",
            hint="Choose another.", code="wrong-type",
        )  # fmt: skip
    return other


def _drawn(found: Any) -> Any:
    """A shape that may be drawn on: of no more corners than may be sent back. Raises Refused."""
    corners = int(shapely.get_num_coordinates(found))
    if corners > MAX_VERTICES:
        raise Refused(
            f"It would have {corners:,} corners, {MAX_VERTICES:,} are the most.", hint="Take a smaller one.",
            code="too-many-vertices",
        )  # fmt: skip
    return found


def _one(found: Any) -> Any:
    """A shape of one part as that part."""
    return found.geoms[0] if found.geom_type == "MultiPolygon" and len(found.geoms) == 1 else found


def _areas(found: Any, nothing: str, hint: str) -> Any:
    """What of it is an area, as it may be drawn on. Raises Refused where nothing is."""
    parts = shapely.get_parts(found)
    kept = shapely.get_parts(parts)[np.isin(shapely.get_type_id(shapely.get_parts(parts)), (3, 6))]
    if not len(kept) or geometry.area_km2(kept).sum() <= 0:
        raise Refused(nothing, hint=hint, code="empty")
    return _drawn(_one(shapely.union_all(kept)) if len(kept) > 1 else kept[0])


def _km2(found: Any) -> float:
    return round(float(geometry.area_km2(np.array([found], dtype=object))[0]), 3)


def _parts(found: Any) -> int:
    return len(found.geoms) if found.geom_type == "MultiPolygon" else 1


def _away(mine: Any, other: Any) -> Reshaped:
    left = _areas(shapely.difference(mine, other), "Nothing would be left of it.", "Take away something smaller.")
    gone = _km2(mine) - _km2(left)
    said = f"{gone:,.1f} km² were taken away." if gone > 0 else "They share no ground: nothing was taken away."
    return Reshaped(left, (said, *_apart(left)))


def _join(mine: Any, other: Any) -> Reshaped:
    whole = _areas(shapely.union(mine, other), "Nothing comes of it.", "Choose another.")
    return Reshaped(whole, (f"{_km2(whole) - _km2(mine):,.1f} km² were added.", *_apart(whole)))


def _common(mine: Any, other: Any) -> Reshaped:
    shared = _areas(shapely.intersection(mine, other), "They share no ground.", "Choose another.")
    return Reshaped(shared, (f"{_km2(mine) - _km2(shared):,.1f} km² outside of it were taken away.", *_apart(shared)))


_BY_AREA: Mapping[str, Callable[[Any, Any], Reshaped]] = {"away": _away, "join": _join, "common": _common}


def _apart(found: Any) -> tuple[str, ...]:
    parts = _parts(found)
    return (f"It has {parts} parts that do not touch.",) if parts > 1 else ()


def _split(mine: Any, line: Any) -> Reshaped:
    before = _parts(mine)
    pieces = [each for each in shapely.get_parts(split(mine, line)) if each.geom_type == "Polygon" and each.area > 0]
    if len(pieces) <= before:
        raise Refused(
            "The line does not cut the shape in two.",
            hint="Draw it from outside one edge to outside another.",
            code="empty",
        )
    if len(pieces) > MOST_PIECES:
        raise Refused(f"The line cuts it into {len(pieces)} pieces.", hint=f"{MOST_PIECES} at most.", code="too-many")
    ordered = sorted(pieces, key=_km2, reverse=True)
    return Reshaped(mine, (f"{len(ordered)} pieces.",), tuple(ordered))


def _widen(mine: Any, metres: float | None) -> Reshaped:
    if metres is None or not math.isfinite(metres) or metres == 0 or not LEAST_M <= metres <= MOST_M:
        raise BadRequest(
            "By how many metres?", hint=f"From {LEAST_M:,} (narrower) to {MOST_M:,} (wider), not 0.",
            errors=[{"where": "metres", "what": f"must be from {LEAST_M:,} to {MOST_M:,}, not 0"}],
        )  # fmt: skip
    middle = shapely.centroid(shapely.envelope(mine))
    if abs(middle.y) > 85:
        raise Refused("So near a pole no buffer is drawn.", hint="Draw it by its corners.", code="out-of-range")
    plane = pyproj.CRS.from_dict({"proj": "aeqd", "lat_0": middle.y, "lon_0": middle.x, "datum": "WGS84", "units": "m"})
    there = pyproj.Transformer.from_crs(4326, plane, always_xy=True)
    flat = shapely.transform(mine, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))
    wide = shapely.buffer(flat, metres)
    if wide.is_empty:
        raise Refused("Nothing would be left of it.", hint="Narrow it by fewer metres.", code="empty")
    back = shapely.transform(
        wide, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1], direction=pyproj.enums.TransformDirection.INVERSE))
    )  # fmt: skip
    found = prepared(_drawn(shapely.set_precision(back, 1e-6))).geom[0]
    said = f"{'Widened' if metres > 0 else 'Narrowed'} by {abs(metres):,g} m, measured on the ground."
    return Reshaped(_one(found), (said, *_apart(found)))


def _mend(shape: Mapping[str, Any]) -> Reshaped:
    found, why = mended(shape)
    said = (
        f"It crossed itself ({why}): it was taken apart there."
        if why
        else "It does not cross itself: nothing was changed."
    )
    return Reshaped(_drawn(_one(found)), (said, *_apart(found)))
