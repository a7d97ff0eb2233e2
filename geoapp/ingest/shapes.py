"""Which shapes of a batch can be stored? Each checked and mended as its kind asks, with a finding where it was not fit."""

from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geoapp import geometry
from geoapp.ingest.reading import Reading

MARGIN = 2.0
"""Degrees round the operation's box within which a place belongs to it."""
_HINTS = {
    "out-of-range": "Are these metres? Export it in WGS 84, or with its coordinate system.",
    "antimeridian": "Split it at the 180° meridian, one part on each side.",
}


def shapes(reading: Reading, want: geometry.Want) -> None:
    """Stage the batch's shapes; a polygon with its hash, its area and its simpler forms."""
    geoms = reading.batch.geoms
    if geoms is None:
        geoms = np.full(len(reading.batch), None, dtype=object)
    prepared = mended(reading, np.asarray(geoms), want, np.arange(len(reading.batch)))
    if want == "polygon":
        # of a shape cut at 180° the middle of a part: that of the whole lies on the other side of the world
        middle = shapely.centroid(shapely.get_geometry(prepared.geom, 0))
        check_axes(reading, shapely.get_x(middle), shapely.get_y(middle))
        reading.out["shape_hash"] = pa.array(prepared.hash, pa.string())
        reading.out["km2"] = pa.array(prepared.km2)
        reading.out["mid"], reading.out["low"] = as_hex(prepared.mid), as_hex(prepared.low)
    reading.out["geom"] = as_hex(prepared.geom)


def mended(reading: Reading, geoms: NDArray[Any], want: geometry.Want, rows: NDArray[np.int64]) -> geometry.Prepared:
    """The shapes of these rows as they may be stored, with a finding for each that cannot be or was mended."""
    prepared = geometry.prepare(geoms, want)
    problems = np.array([p or "" for p in prepared.problem])
    for problem in sorted(set(problems) - {""}):
        these = problems == problem
        first = str(prepared.why[np.flatnonzero(these)[0]])
        refused, repaired = np.zeros((2, len(reading.batch)), dtype=bool)
        refused[rows[these & shapely.is_missing(prepared.geom)]] = True
        repaired[rows[these & ~shapely.is_missing(prepared.geom)]] = True
        hint = _HINTS.get(problem, "Draw it again.")
        reading.tell(refused, "error", None, problem, f"The shape cannot be used: {first}.", hint)
        done = "simplified" if problem == "simplified" else "repaired"
        reading.tell(repaired, "repaired", None, problem, f"The shape was {done}: {first}.", "Look at it on the map.")
    return prepared


def check_axes(reading: Reading, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
    """Rows outside the operation that would be inside the other way round: proposed, not applied."""
    box = reading.options.get("bbox")
    if not box or reading.options.get("swap"):
        return
    west, south, east, north = box[0] - MARGIN, box[1] - MARGIN, box[2] + MARGIN, box[3] + MARGIN
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    other = (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
    reading.tell(
        other & ~inside, "error", "lat", "swapped-axes",
        "The place is outside the operation, and inside it with latitude and longitude exchanged.",
        "Exchange the two columns, or import with --swap.",
    )  # fmt: skip
    reading.tell(
        ~inside & ~other & ~np.isnan(lon), "warning", "lat", "far-away",
        "The place is far outside the operation's boundaries.", "Check the coordinates.",
    )  # fmt: skip


def as_hex(geoms: NDArray[Any]) -> pa.Array:
    """Shapes as hexadecimal WKB, which COPY reads; null where there is none."""
    # GEOS writes hexadecimal digit by digit, which takes several times as long
    return pa.array([None if wkb is None else wkb.hex() for wkb in shapely.to_wkb(geoms)], pa.string())
