"""What a shape is worth: whether it may be stored, its hash, its area, its lighter copies for small scales.

Runs in the import child for files and in the application for shapes written by hand. Everything is
vectorised over numpy arrays of shapely geometries; coordinates are EPSG:4326 unless a name says 3857.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

Want = Literal["polygon", "line", "point"]
Geometries = NDArray[Any]

MAX_VERTICES = 50_000
"""Vertices of one feature that are kept as they are. A larger one that is valid is simplified within a metre; one that
would have to be mended first is refused, for that is work without a bound."""
MOST_VERTICES = 250_000
"""Beyond it a shape is refused before GEOS works on it, and also when so many are left of it within a metre."""
METRE = 9e-6
"""Degrees of latitude that are a metre; degrees of longitude are never longer."""

LOW_M, MID_M = 1200.0, 75.0
"""Tolerances in EPSG:3857 metres of the copies drawn at z ≤ 5 and z ≤ 9: about a quarter of a pixel at z 5, at z 9."""

SLIVER_WIDTH_M, SLIVER_SHARE, SLIVER_KM2 = 100.0, 0.01, 0.01
"""A piece of shared ground is a sliver when it is under 0.01 km², or when its mean width (2 × area / perimeter) is
under 100 m and it is under 1 % of the smaller shape: what digitising a shared border twice leaves behind. A corridor
100 m wide stays, because it is a large share of itself."""

_GEOD = Geod(ellps="WGS84")
_A, _E2 = 6378137.0, 0.0066943799901413165
_E = _E2**0.5


@dataclass(frozen=True)
class Prepared:
    """One entry per input geometry. `geom` is None where the shape is refused; `problem` says why or what was mended."""

    geom: Geometries
    hash: NDArray[Any]
    km2: NDArray[np.float64]
    mid: Geometries
    low: Geometries
    problem: NDArray[Any]
    why: NDArray[Any]


def _authalic(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude, latitude to metres on a cylindrical equal-area projection of the WGS 84 ellipsoid.

    Snyder, Map Projections: A Working Manual (1987), equations 10-15 and 3-12 with the standard parallel at the
    equator. EPSG:6933 differs only by a stretch along the axes that leaves every area as it is.
    """
    sine = np.sin(np.radians(coordinates[:, 1]))
    q = (1 - _E2) * (sine / (1 - _E2 * sine**2) - np.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E))
    return np.column_stack((_A * np.radians(coordinates[:, 0]), _A * q / 2))


def _mercator(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    latitude = np.clip(coordinates[:, 1], -85.05112878, 85.05112878)
    return np.column_stack(
        (
            _A * np.radians(coordinates[:, 0]),
            _A * np.log(np.tan(np.pi / 4 + np.radians(latitude) / 2)),
        )
    )


def area_km2(geoms: Geometries) -> NDArray[np.float64]:
    """Area of each shape in km² on the ellipsoid, 0 for None, points and lines."""
    return np.asarray(
        np.nan_to_num(shapely.area(shapely.transform(geoms, _authalic))) / 1e6,
        dtype=np.float64,
    )


def length_km(lines: Geometries) -> NDArray[np.float64]:
    """Geodesic length of each line: its steps by the inverse problem on the ellipsoid, all steps at once."""
    parts, line = shapely.get_parts(lines, return_index=True)
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    if len(coordinates) < 2:
        return np.zeros(len(lines))
    same = owner[:-1] == owner[1:]
    start, end = coordinates[:-1][same], coordinates[1:][same]
    _, _, metres = _GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return np.bincount(line[owner[:-1][same]], weights=metres, minlength=len(lines)).astype(np.float64) / 1000


def to_3857(geoms: Geometries) -> Geometries:
    """The shapes in EPSG:3857 metres, latitudes clipped to ±85.05°."""
    return np.asarray(shapely.transform(geoms, _mercator))


def lighter(geoms: Geometries) -> tuple[Geometries, Geometries]:
    """Two copies in EPSG:3857 for drawing only, simplified for middle and for low zooms; a shape that would vanish keeps
    its outline, a piece of one its box."""
    full = to_3857(geoms)
    mid = _simplified(full, MID_M)
    return mid, _simplified(mid, LOW_M)


def _simplified(geoms: Geometries, tolerance_m: float) -> Geometries:
    light = np.asarray(shapely.simplify(geoms, tolerance_m, preserve_topology=False))
    light = np.where(shapely.is_empty(light), geoms, light)
    lost = np.flatnonzero(shapely.get_num_geometries(light) < shapely.get_num_geometries(geoms))
    for place in lost:
        light[place] = _whole(geoms[place], tolerance_m)
    return light


def _whole(geom: Any, tolerance_m: float) -> Any:
    """A shape of several pieces simplified piece by piece: of one that would vanish its box stays."""
    pieces = shapely.get_parts(geom)
    light = shapely.simplify(pieces, tolerance_m, preserve_topology=False)
    boxes = shapely.box(*shapely.bounds(pieces).T) if shapely.get_type_id(geom) == 6 else pieces
    kept = shapely.get_parts(np.where(shapely.is_empty(light), boxes, light))
    return shapely.multipolygons(kept) if shapely.get_type_id(geom) == 6 else shapely.multilinestrings(kept)


def hashes(geoms: Geometries) -> NDArray[Any]:
    """A 128-bit content hash of each shape as hex: equal for equal rings whatever their order and starting point."""
    wkb = shapely.to_wkb(shapely.normalize(geoms), byte_order=1)
    return np.array(
        [None if b is None else hashlib.blake2b(b, digest_size=16).hexdigest() for b in wkb],
        dtype=object,
    )


def without_slivers(geoms: Geometries, km2_of_smaller: NDArray[np.float64]) -> tuple[Geometries, NDArray[np.float64]]:
    """Intersections with their slivers, lines and points taken out; None (and 0 km²) where nothing is left.

    `km2_of_smaller` is the area of the smaller of the two shapes that were intersected.
    """
    parts, owner = shapely.get_parts(geoms, return_index=True)
    nested = shapely.get_type_id(parts) == 6
    if nested.any():
        deeper, inner = shapely.get_parts(parts[nested], return_index=True)
        parts = np.concatenate([parts[~nested], deeper])
        owner = np.concatenate([owner[~nested], owner[nested][inner]])
    flat = shapely.get_type_id(parts) == 3
    parts, owner = parts[flat], owner[flat]
    km2 = area_km2(parts)
    middle = np.cos(np.radians((shapely.bounds(parts)[:, 1] + shapely.bounds(parts)[:, 3]) / 2)) if len(parts) else km2
    # perimeter in metres on the equal-area plane, stretched back to local scale: good to a few per cent
    perimeter = _perimeter_m(parts, middle)
    width_m = np.divide(2e6 * km2, perimeter, out=np.zeros_like(km2), where=perimeter > 0)
    sliver = (km2 < SLIVER_KM2) | ((width_m < SLIVER_WIDTH_M) & (km2 < SLIVER_SHARE * km2_of_smaller[owner]))
    parts, owner, km2 = parts[~sliver], owner[~sliver], km2[~sliver]
    kept: Geometries = np.full(len(geoms), None, dtype=object)
    if len(parts):
        order = np.argsort(owner, kind="stable")
        owners, ordered = owner[order], parts[order]
        shapely.multipolygons(ordered, indices=owners, out=kept)
    return kept, np.bincount(owner, weights=km2, minlength=len(geoms)).astype(np.float64)


def _perimeter_m(parts: Geometries, cosine: NDArray[np.float64]) -> NDArray[np.float64]:
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    if not len(coordinates):
        return np.zeros(len(parts))
    step = np.diff(coordinates, axis=0) * (_A * np.pi / 180)
    step[:, 0] *= cosine[owner[:-1]]
    length = np.hypot(step[:, 0], step[:, 1]) * (owner[:-1] == owner[1:])
    return np.bincount(owner[:-1], weights=length, minlength=len(parts)).astype(np.float64)


def prepare(geoms: Geometries, want: Want) -> Prepared:
    """Each geometry as it may be stored: 2D, finite, in range, valid, of the wanted kind, made multi for lines and polygons.

    Invalid polygons are repaired with GEOS's `structure` method (the default method can run for minutes on a small
    hostile ring). A shape that cannot be stored has `geom` None and a code in `problem`.
    """
    n = len(geoms)
    geom: Geometries = np.array(geoms, dtype=object)
    problem, why = np.full(n, None, dtype=object), np.full(n, "", dtype=object)

    def refuse(mask: NDArray[np.bool_], code: str, text: str) -> None:
        mask = mask & ~shapely.is_missing(geom)
        geom[mask], problem[mask], why[mask] = None, code, text

    def remark(mask: NDArray[np.bool_], code: str, text: str) -> None:
        mask = mask & ~shapely.is_missing(geom) & np.array([p is None for p in problem], dtype=bool)
        problem[mask], why[mask] = code, text

    missing = shapely.is_missing(geom)
    problem[missing], why[missing] = "empty", "there is no geometry"
    refuse(shapely.is_empty(geom), "empty", "the geometry is empty")
    heavy = shapely.get_num_coordinates(geom) > MAX_VERTICES
    refuse(
        shapely.get_num_coordinates(geom) > MOST_VERTICES, "too-many-vertices", f"more than {MOST_VERTICES:,} vertices"
    )
    remark(shapely.has_z(geom), "dropped-z", "heights or measures were left out")
    geom = shapely.force_2d(geom)
    bounds = shapely.bounds(geom)
    refuse(_not_finite(geom), "not-finite", "a coordinate is not a number")
    west, south, east, north = bounds.T
    refuse(
        (west < -180) | (east > 180) | (south < -90) | (north > 90),
        "out-of-range",
        "outside ±180, ±90 degrees",
    )
    refuse(
        (east - west > 180) & (want != "point") & (_widest(geom) > 180),
        "antimeridian",
        "a part of it spans more than half the globe, as a shape across the 180° meridian does when it is not split",
    )
    geom = _only(geom, want, refuse, remark)
    if heavy.any():
        refuse(
            heavy & ~shapely.is_valid(geom), "too-many-vertices",
            f"it crosses itself and has more than {MAX_VERTICES:,} vertices",
        )  # fmt: skip
        light = heavy & ~shapely.is_missing(geom)
        geom[light] = shapely.simplify(geom[light], METRE, preserve_topology=True)
        remark(
            light, "simplified", f"of more than {MAX_VERTICES:,} vertices those were kept that shape it within a metre"
        )
    km2 = np.zeros(n)
    if want == "polygon":
        bad = ~shapely.is_missing(geom) & ~shapely.is_valid(geom)
        if bad.any():
            reasons = shapely.is_valid_reason(geom[bad])
            mended = shapely.make_valid(geom[bad], method="structure", keep_collapsed=False)
            for index, reason, shape in zip(np.flatnonzero(bad), reasons, mended, strict=True):
                geom[index] = shape
                if problem[index] in (None, "dropped-z"):
                    problem[index], why[index] = (
                        "repaired-self-intersection",
                        str(reason),
                    )
            geom = _only(geom, want, refuse, remark)
        km2 = area_km2(geom)
        refuse(shapely.is_empty(geom) | (km2 <= 0), "empty", "nothing with an area is left of it")
        km2[shapely.is_missing(geom)] = 0
    geom = _multi(geom, want)
    if want == "point":
        return Prepared(geom, np.full(n, None, dtype=object), np.zeros(n), geom, geom, problem, why)
    return Prepared(geom, hashes(geom), km2, *lighter(geom), problem, why)


def _widest(geom: Geometries) -> NDArray[np.float64]:
    """Degrees of longitude that the widest part of each shape spans: one that is cut at 180° has parts on both sides."""
    parts, owner = shapely.get_parts(geom, return_index=True)
    bounds = shapely.bounds(parts)
    widest = np.zeros(len(geom))
    np.maximum.at(widest, owner, np.nan_to_num(bounds[:, 2] - bounds[:, 0]) if len(parts) else np.zeros(0))
    return widest


def _not_finite(geom: Geometries) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(geom, return_index=True)
    bad = np.zeros(len(geom), dtype=bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return bad


_FLAT = {"point": (0, 4), "line": (1, 5), "polygon": (3, 6)}
_Mark = Callable[[NDArray[np.bool_], str, str], None]


def _only(geom: Geometries, want: Want, refuse: _Mark, remark: _Mark) -> Geometries:
    """The parts of the wanted kind: collections are opened, other kinds refused."""
    kind = shapely.get_type_id(geom)
    for index in np.flatnonzero(kind == 7):
        mask = np.zeros(len(geom), dtype=bool)
        mask[index] = True
        parts = shapely.get_parts(geom[index])
        fitting = parts[np.isin(shapely.get_type_id(parts), _FLAT[want])]
        if len(fitting):
            geom[index] = shapely.union_all(fitting) if want == "polygon" else _multi_of(fitting, want)
            remark(
                mask,
                "opened-collection",
                f"{len(parts) - len(fitting)} parts that are no {want} were left out",
            )
    kind = shapely.get_type_id(geom)
    refuse(~np.isin(kind, (*_FLAT[want], -1)), "wrong-type", f"this is not a {want}")
    return geom


def _multi_of(parts: Geometries, want: Want) -> Any:
    singles = shapely.get_parts(parts)
    return shapely.multilinestrings(singles) if want == "line" else shapely.multipoints(singles)


def _multi(geom: Geometries, want: Want) -> Geometries:
    single = shapely.get_type_id(geom) == _FLAT[want][0]
    if want == "polygon" and single.any():
        geom[single] = shapely.multipolygons(geom[single], indices=np.arange(int(single.sum())))
    elif want == "line" and single.any():
        geom[single] = shapely.multilinestrings(geom[single], indices=np.arange(int(single.sum())))
    elif want == "point":
        many = shapely.get_type_id(geom) == 4
        geom[many] = shapely.centroid(geom[many])
    return geom
