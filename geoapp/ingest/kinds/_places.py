"""Where is the row's place, whatever was used to say it: a shape of any kind, two columns, one cell, or no place at all?"""

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geoapp import geometry
from geoapp.coordinates import degrees, spot
from geoapp.ingest.kinds._base import Reading

_OF = {0: "point", 4: "point", 1: "line", 5: "line", 2: "line", 3: "polygon", 6: "polygon"}
Kind = Literal["point", "line", "polygon"]


def place(reading: Reading, *allowed: Kind) -> None:
    """Stage `geom`: the feature's shape when it is of an allowed kind, or a point of the columns; null where there is none."""
    given = reading.batch.geoms
    geoms = np.asarray(given if given is not None else _written(reading), dtype=object)
    kinds = np.array([_kind(geom, allowed) for geom in geoms])
    reading.tell(
        kinds == "other", "error", None, "wrong-type", f"The feature is no {' or '.join(allowed)}.", "Draw it as one."
    )
    out = np.full(len(geoms), None, dtype=object)
    for kind in allowed:
        mine = kinds == kind
        if mine.any():
            out[mine] = _checked(reading, geoms[mine], kind, np.flatnonzero(mine))
    middle = shapely.centroid(out)
    reading._swap_check(shapely.get_x(middle), shapely.get_y(middle))
    reading.out["geom"] = pa.array(shapely.to_wkb(out, hex=True), pa.string(), from_pandas=True)


def _checked(reading: Reading, geoms: NDArray[Any], kind: Kind, rows: NDArray[np.int64]) -> NDArray[Any]:
    """The shapes of some rows as they may be stored, with a finding for each that could not be or was mended."""
    prepared = geometry.prepare(geoms, kind)
    for row, geom, problem, why in zip(rows, prepared.geom, prepared.problem, prepared.why, strict=True):
        if problem:
            mask = np.arange(len(reading.batch)) == row
            if geom is None:
                reading.tell(mask, "error", None, problem, f"The shape cannot be used: {why}.", "Draw it again.")
            else:
                reading.tell(
                    mask, "repaired", None, problem, f"The shape was repaired: {why}.", "Look at it on the map."
                )
    return np.asarray(prepared.geom)


def _kind(geom: object, allowed: tuple[Kind, ...]) -> str:
    """What a shape is taken for; a collection is its parts of the largest dimension, `prepare` leaves out the others."""
    if geom is None or shapely.is_empty(geom):
        return "none"
    kind = int(shapely.get_type_id(geom))
    if kind == 7:
        kind = max((int(shapely.get_type_id(part)) for part in shapely.get_parts(geom)), default=7, key=_dimension)
    found = _OF.get(kind, "other")
    return found if found in allowed else "other"


def _dimension(kind: int) -> int:
    return {"point": 0, "line": 1, "polygon": 2}.get(_OF.get(kind, ""), -1)


def _written(reading: Reading) -> list[object]:
    """A point for each row that says coordinates; None where they are missing or cannot be read, which is told."""
    one = reading.text("latlon", 120).to_pylist()
    lat, lon = reading.text("lat", 60).to_pylist(), reading.text("lon", 60).to_pylist()
    found: list[object] = []
    bad = np.zeros(len(one), dtype=bool)
    off = np.zeros(len(one), dtype=bool)
    for index, (cell, north, east) in enumerate(zip(one, lat, lon, strict=True)):
        point = None
        try:
            if cell:
                where = spot(cell)
                point = (where.lon, where.lat)
            elif north or east:
                point = (degrees(east or ""), degrees(north or ""))
        except ValueError:
            bad[index] = True
        if point is not None and reading.options.get("swap"):
            point = point[::-1]
        if point is not None and (abs(point[0]) > 180 or abs(point[1]) > 90 or point == (0, 0)):
            off[index], point = True, None
        found.append(None if point is None else shapely.Point(point))
    hint = "Write decimal degrees, such as -12.6722, or MGRS."
    column = "latlon" if reading.has("latlon") else "lat"
    reading.tell(bad, "error", column, "not-a-coordinate", "{value} is no place.", hint)
    reading.tell(
        off, "error", column, "off-the-map", "The coordinates are outside the world, or 0, 0.", "Correct them."
    )
    return found
