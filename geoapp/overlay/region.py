"""Where do areas share ground and days across many operations, such as on both sides of a border?

A batch for a whole region on Dask-GeoPandas (the extra `region`): nothing is stored, the rules are those of the
overlaps that each database keeps, and within one operation the answer is equal to it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Engine, text

from geoapp import geometry
from geoapp.db import Context, transaction
from geoapp.errors import SetupError
from geoapp.overlay.overlaps import OPEN, days_together, relation

_PARTS = text("""
    SELECT p.area_id, c.name AS actor, c.domain, a.positioning = 'presence' AS presence, c.id AS actor_id, c.lineage,
        coalesce(lower(p.valid) - DATE '1970-01-01', -:open) AS starts,
        coalesce(upper(p.valid) - DATE '1970-01-01', :open) AS ends, f.km2, encode(ST_AsBinary(f.geom), 'hex') AS shape
    FROM facts.area_part AS p
    JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
    JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
    JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
    ORDER BY p.area_id, p.id
""")
PART = ("operation", "area_id", "actor", "domain", "presence", "actor_id", "lineage", "starts", "ends", "km2", "shape")


def parts(engine: Engine, contexts: Sequence[Context]) -> Any:
    """The parts of all areas that each context is shown, as a GeoDataFrame in EPSG:4326."""
    import geopandas

    rows: list[tuple[Any, ...]] = []
    for context in contexts:
        with transaction(engine, context) as connection:
            rows += [(context.operation, *row) for row in connection.execute(_PARTS, {"open": OPEN})]
    columns: dict[str, Any] = {name: [row[place] for row in rows] for place, name in enumerate(PART)}
    columns["lineage"] = [",".join(map(str, found or ())) for found in columns["lineage"]]
    return geopandas.GeoDataFrame(columns, geometry=shapely.from_wkb(list(columns["shape"])), crs=4326)


def overlaps(engine: Engine, contexts: Sequence[Context], *, partitions: int = 8) -> Any:
    """Overlaps of the areas of all contexts as a GeoDataFrame, the largest first: `operation_a`, `area_a`, `actor_a`, the
    same of b, `relation`, `period_start`, `period_end` (dates, None for open), `days`, `km2` (geodesic) and the ground.

    Areas of one actor, of an actor and one above it, and presence beside presence are no overlaps; across operations
    actors of one name are one actor. Raises SetupError without Dask-GeoPandas.
    """
    try:
        import dask_geopandas
    except ImportError as error:
        raise SetupError("Dask-GeoPandas is not installed.", hint="pip install 'geoapp[region]'.") from error
    here = parts(engine, contexts)
    here["part"] = np.arange(len(here))
    first, second = (here.rename(columns={name: f"{name}_{side}" for name in (*PART, "part")}) for side in "ab")
    if not len(here):
        return _united(_cut(first.sjoin(second, predicate="intersects")))
    count = max(1, min(partitions, len(here)))
    spread = [dask_geopandas.from_geopandas(frame, npartitions=count).spatial_shuffle() for frame in (first, second)]
    joined = dask_geopandas.sjoin(*spread, predicate="intersects")
    example = _cut(first.head(1).sjoin(second.head(1), predicate="intersects"))
    return _united(joined.map_partitions(_cut, meta=example).compute())


def _cut(met: Any) -> Any:
    """Of parts whose shapes meet, those that make a piece of an overlap, each pair once, with the ground they share."""
    import geopandas

    same = (met.operation_a == met.operation_b).to_numpy()
    above = np.array([
        one and (str(b) in a_line.split(",") or str(a) in b_line.split(","))
        for one, a, b, a_line, b_line in zip(same, met.actor_id_a, met.actor_id_b, met.lineage_a, met.lineage_b, strict=True)
    ], dtype=bool)  # fmt: skip
    itself = np.where(same, (met.actor_id_a == met.actor_id_b).to_numpy(), (met.actor_a == met.actor_b).to_numpy())
    # within an operation the lower area is first, across operations the first one's
    ordered = (met.part_a < met.part_b).to_numpy() & ~(same & (met.area_id_a == met.area_id_b).to_numpy())
    days = np.minimum(met.ends_a, met.ends_b).to_numpy() > np.maximum(met.starts_a, met.starts_b).to_numpy()
    presence = (met.presence_a & met.presence_b).to_numpy(dtype=bool)
    kept = met[ordered & days & ~presence & ~above & ~itself.astype(bool)]
    shared = shapely.intersection(shapely.from_wkb(kept.shape_a.to_list()), shapely.from_wkb(kept.shape_b.to_list()))
    ground, km2 = geometry.without_slivers(
        np.asarray(shared, dtype=object), np.minimum(kept.km2_a, kept.km2_b).to_numpy(dtype=float)
    )
    columns = {f"{name}_{side}": kept[f"{name}_{side}"].to_numpy() for side in "ab"
               for name in ("operation", "area_id", "actor", "domain")}  # fmt: skip
    columns |= {
        "starts": np.maximum(kept.starts_a, kept.starts_b).to_numpy(),
        "ends": np.minimum(kept.ends_a, kept.ends_b).to_numpy(), "km2": km2,
    }  # fmt: skip
    return geopandas.GeoDataFrame(columns, geometry=ground, crs=4326)[km2 > 0].reset_index(drop=True)


def _united(pieces: Any) -> Any:
    """One row for each two areas, over the union of their pieces."""
    import geopandas

    rows = []
    keys = ["operation_a", "area_id_a", "operation_b", "area_id_b"]
    for (operation_a, area_a, operation_b, area_b), found in pieces.groupby(keys, sort=True):
        ground, km2 = found.geometry.iloc[0], float(found.km2.iloc[0])
        if len({shape.wkb for shape in found.geometry}) > 1:
            merged = np.array([shapely.union_all(found.geometry.to_numpy())], dtype=object)
            prepared = geometry.prepare(merged, "polygon").geom
            ground, km2 = prepared[0], float(geometry.area_km2(prepared)[0])
        starts, ends = int(found.starts.min()), int(found.ends.max())
        first = found.iloc[0]
        rows.append((
            operation_a, int(area_a), first.actor_a, operation_b, int(area_b), first.actor_b,
            relation(first.domain_a, first.domain_b), _day(starts), _day(ends - 1 if ends < OPEN else ends),
            days_together(zip(found.starts, found.ends, strict=True)), km2, ground,
        ))  # fmt: skip
    names = ["operation_a", "area_a", "actor_a", "operation_b", "area_b", "actor_b", "relation", "period_start",
             "period_end", "days", "km2", "geometry"]  # fmt: skip
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return geopandas.GeoDataFrame(columns, crs=4326).sort_values("km2", ascending=False, ignore_index=True)


def _day(number: int) -> Any:
    return None if abs(number) >= OPEN else np.datetime64("1970-01-01") + np.timedelta64(number, "D")
