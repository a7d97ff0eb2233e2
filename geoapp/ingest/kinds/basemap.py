"""Pieces of the base map: land, borders, lakes, rivers, towns, with a class column or the shape telling which."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geoapp.ingest.columns import Wanted
from geoapp.ingest.kind import Kind
from geoapp.ingest.meridian import cut
from geoapp.ingest.parse import mapped, plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import texts, wholes

CLASSES = {
    "land": "land", "country": "land", "countries": "land", "border": "border", "boundary": "border", "lake": "lake",
    "water": "lake", "lakes": "lake", "river": "river", "rivers": "river", "stream": "river", "place": "place",
    "town": "place", "city": "place", "village": "place",
}  # fmt: skip


def normalise(reading: Reading) -> None:
    out = reading.out
    geoms = _valid(cut(np.asarray(shapely.force_2d(reading.batch.geoms))))
    bounds = shapely.bounds(geoms)
    unfit = shapely.is_missing(geoms) | shapely.is_empty(geoms) | ~np.isfinite(bounds).all(axis=1)
    unfit |= (np.abs(bounds[:, [0, 2]]) > 180.0001).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90.0001).any(axis=1)
    reading.tell(unfit, "error", None, "empty", "The feature has no usable shape.", "Draw it again.")
    by_shape = np.array(["place", "river", "land"])[shapely.get_dimensions(np.where(unfit, shapely.Point(0, 0), geoms))]
    named, _ = mapped(reading.raw("class"), lambda cell: CLASSES.get(plain(cell)), pa.string())
    given = pa.array([reading.options.get("class")] * len(geoms), pa.string())
    out["class"] = pc.coalesce(given, named, pa.array(by_shape))
    out["name"] = reading.text("name", 200)
    out["rank"] = pc.fill_null(reading.integer("rank", "warning"), reading.options.get("rank", 4))
    out["geom"] = pa.array(shapely.to_wkb(geoms, hex=True), pa.string(), from_pandas=True)


def _valid(geoms: NDArray[Any]) -> NDArray[Any]:
    """Shapes whose rings cross themselves or whose parts are single points, without that: land and water that others drew."""
    bad = ~(shapely.is_valid(geoms) | shapely.is_missing(geoms))
    made = geoms.copy()
    made[bad] = shapely.make_valid(geoms[bad], method="structure", keep_collapsed=False)
    return made


KIND = Kind(
    key="basemap",
    title="Base map",
    handling="CLEAR",
    tables=("base_feature",),
    reads=("vector",),
    wanted=(
        Wanted("class", ("class", "type", "kind", "featurecla")),
        Wanted("name", ("name", "nom")),
        Wanted("rank", ("rank", "scalerank")),
    ),
    staged=texts("class", "name") | wholes("rank") | {"geom": "geometry"},
    normalise=normalise,
    lands="geoapp.ingest.load_places:basemap",
    marks=("class", "rank"),
    in_operation=False,
    shape=None,
)
