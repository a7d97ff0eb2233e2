"""Which ground do two footprints share? Computed once per pair, and once per union of such pieces."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from geoapp import geometry

Pair = tuple[int, int]
CHUNK = 4_000
"""Pairs worked on at a time: memory stays at some hundred megabytes however many there are."""

THREADS = min(4, os.cpu_count() or 1)

_FOUND = """
    SELECT g.footprint_a, g.footprint_b, g.id, g.km2
    FROM unnest(%s::bigint[], %s::bigint[]) AS p (a, b)
    JOIN facts.ground AS g ON g.operation_id = %s AND g.footprint_a = p.a AND g.footprint_b = p.b
"""
_SHAPES = """
    SELECT t.id, ST_AsBinary(t.geom), t.km2, array_position(enum_range(NULL::facts.handling), t.handling)
    FROM facts.{table} AS t WHERE t.operation_id = %s AND t.id = ANY (%s)
"""
_STORE = """
    INSERT INTO facts.ground (operation_id, handling, footprint_a, footprint_b, members, geom, km2, label, mid, low)
    SELECT %s, (enum_range(NULL::facts.handling))[n.handling], n.a, n.b, {members},
        ST_GeomFromWKB(n.geom, 4326), n.km2,
        ST_GeomFromWKB(n.label, 4326), ST_GeomFromWKB(n.mid, 3857), ST_GeomFromWKB(n.low, 3857)
    FROM unnest(%b::int[], %b::bigint[], %b::bigint[], %b::text[], %b::bytea[], %b::float8[], %b::bytea[], %b::bytea[],
        %b::bytea[]) AS n (handling, a, b, members, geom, km2, label, mid, low)
    RETURNING id
"""


def _cursor(connection: Connection, *, binary: bool = False) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor(binary=binary)


def shapes(
    connection: Connection, operation_id: int, table: str, ids: Sequence[int]
) -> dict[int, tuple[Any, float, int]]:
    """Geometry, km² and rank of handling of footprints or grounds by id."""
    with _cursor(connection, binary=True) as cursor:
        rows = cursor.execute(_SHAPES.format(table=table), (operation_id, list(ids))).fetchall()
    geoms = shapely.from_wkb([row[1] for row in rows])
    return {row[0]: (geom, row[2], row[3]) for row, geom in zip(rows, geoms, strict=True)}


def grounds(connection: Connection, operation_id: int, pairs: Sequence[Pair]) -> dict[Pair, tuple[int, float]]:
    """The ground's id and km² for each pair of footprints (lower id first); km² is 0 where they share nothing worth naming.

    Pairs seen before are looked up, the others computed and stored. The caller holds the operation's write lock.
    """
    if not pairs:
        return {}
    with _cursor(connection) as cursor:
        a, b = [p[0] for p in pairs], [p[1] for p in pairs]
        found = {(r[0], r[1]): (r[2], r[3]) for r in cursor.execute(_FOUND, (a, b, operation_id)).fetchall()}
    missing = [pair for pair in pairs if pair not in found]
    # pairs in order of their first footprint keep the shapes of a chunk few
    missing.sort()
    for start in range(0, len(missing), CHUNK):
        chunk = missing[start : start + CHUNK]
        known = shapes(connection, operation_id, "footprint", list({f for pair in chunk for f in pair}))
        first = np.array([known[p[0]][0] for p in chunk], dtype=object)
        second = np.array([known[p[1]][0] for p in chunk], dtype=object)
        smaller = np.array([min(known[p[0]][1], known[p[1]][1]) for p in chunk])
        handling = [max(known[p[0]][2], known[p[1]][2]) for p in chunk]
        geoms, km2 = geometry.without_slivers(_intersections(first, second), smaller)
        ids = _store(connection, operation_id, handling, geoms, km2, pairs=chunk)
        found.update({pair: (id_, float(k)) for pair, id_, k in zip(chunk, ids, km2, strict=True)})
    return found


def unions(
    connection: Connection, operation_id: int, sets: Sequence[tuple[int, ...]]
) -> dict[tuple[int, ...], tuple[int, float]]:
    """The union's id and km² for each set of grounds (ids in rising order, two or more)."""
    if not sets:
        return {}
    with _cursor(connection) as cursor:
        rows = cursor.execute(
            "SELECT g.members, g.id, g.km2 FROM facts.ground AS g"
            " JOIN unnest(%s::text[]) AS s (members) ON g.operation_id = %s AND g.members = s.members::bigint[]",
            ([_array(s) for s in sets], operation_id),
        ).fetchall()
    found = {tuple(r[0]): (r[1], r[2]) for r in rows}
    missing = sorted({s for s in sets if s not in found})
    for start in range(0, len(missing), 500):
        chunk = missing[start : start + 500]
        known = shapes(connection, operation_id, "ground", list({g for s in chunk for g in s}))
        merged = [shapely.union_all([known[g][0] for g in s]) for s in chunk]
        geoms = geometry.prepare(np.array(merged, dtype=object), "polygon").geom
        km2 = geometry.area_km2(geoms)
        handling = [max(known[g][2] for g in s) for s in chunk]
        ids = _store(connection, operation_id, handling, geoms, km2, sets=chunk)
        found.update({s: (id_, float(k)) for s, id_, k in zip(chunk, ids, km2, strict=True)})
    return found


def _intersections(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """Vectorised, in as many threads as there are cores: GEOS runs without the interpreter's lock."""
    shapely.prepare(first)
    meet = np.asarray(shapely.intersects(first, second))
    result = np.full(len(first), shapely.MultiPolygon(), dtype=object)
    todo = np.flatnonzero(meet)
    inside = np.asarray(shapely.covers(first[todo], second[todo]))
    result[todo[inside]] = second[todo[inside]]
    todo = todo[~inside]
    if len(todo) < 64:
        result[todo] = shapely.intersection(first[todo], second[todo])
        return result
    with ThreadPoolExecutor(THREADS) as pool:
        slices = np.array_split(todo, THREADS * 4)
        for part, shared in zip(
            slices, pool.map(lambda i: shapely.intersection(first[i], second[i]), slices), strict=True
        ):
            result[part] = shared
    return result


def _array(members: Sequence[int]) -> str:
    return "{" + ",".join(map(str, members)) + "}"


def _store(
    connection: Connection,
    operation_id: int,
    handling: list[int],
    geoms: NDArray[Any],
    km2: NDArray[np.float64],
    *,
    pairs: Sequence[Pair] | None = None,
    sets: Sequence[tuple[int, ...]] | None = None,
) -> list[int]:
    geoms = np.where(shapely.is_missing(geoms), shapely.MultiPolygon(), geoms)
    n = len(geoms)
    with _cursor(connection) as cursor:
        rows = cursor.execute(
            _STORE.format(members="n.members::bigint[]" if sets else "NULL"),
            (
                operation_id,
                handling,
                [p[0] for p in pairs] if pairs else [None] * n,
                [p[1] for p in pairs] if pairs else [None] * n,
                [_array(s) for s in sets] if sets else [None] * n,
                shapely.to_wkb(geoms).tolist(),
                km2.tolist(),
                shapely.to_wkb(shapely.point_on_surface(geoms)).tolist(),
                shapely.to_wkb(geometry.lighter(geoms, geometry.MID_M)).tolist(),
                shapely.to_wkb(geometry.lighter(geoms, geometry.LOW_M)).tolist(),
            ),
        ).fetchall()
    return [row[0] for row in rows]
