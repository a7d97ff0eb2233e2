"""Which ground do two footprints share? Computed once per pair, and once per union of such pieces."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from geoapp import geometry

Pair = tuple[int, int]
Progress = Callable[[int, int], None]
CHUNK = 2_000
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
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %b::bytea[], %s::float8[], %b::bytea[], %b::bytea[],
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


def grounds(
    connection: Connection, operation_id: int, pairs: Sequence[Pair], progress: Progress = lambda done, of: None
) -> dict[Pair, tuple[int, float]]:
    """The ground's id and km² for each pair of footprints (lower id first); km² is 0 where they share nothing worth naming.

    Pairs seen before are looked up, the others computed and stored. The caller holds the operation's write lock.
    """
    if not pairs:
        return {}
    with _cursor(connection) as cursor:
        a, b = array(p[0] for p in pairs), array(p[1] for p in pairs)
        found = {(r[0], r[1]): (r[2], r[3]) for r in cursor.execute(_FOUND, (a, b, operation_id)).fetchall()}
    missing = [pair for pair in pairs if pair not in found]
    # pairs in order of their first footprint keep the shapes of a chunk few
    missing.sort()
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    with ThreadPoolExecutor(1) as database:
        # one chunk is computed while the one before it is stored and the one after it is read

        def read(number: int) -> Any:
            ids = list({f for pair in chunks[number] for f in pair})
            return database.submit(shapes, connection, operation_id, "footprint", ids)

        stored, ahead = [], [read(0)] if chunks else []
        for number, chunk in enumerate(chunks):
            known = ahead.pop().result()
            if number + 1 < len(chunks):
                ahead.append(read(number + 1))
            progress(number * CHUNK, len(missing))
            made = _made(chunk, known)
            stored.append((chunk, made.km2, database.submit(_store, connection, operation_id, made, pairs=chunk)))
        for chunk, km2, ids in stored:
            found.update({pair: (id_, float(k)) for pair, id_, k in zip(chunk, ids.result(), km2, strict=True)})
    return found


@dataclass(frozen=True)
class _Made:
    """Pieces of ground ready to be stored, one entry each; WKB of an empty shape where nothing is shared."""

    handling: list[int]
    km2: NDArray[np.float64]
    geom: list[bytes]
    label: list[bytes]
    mid: list[bytes]
    low: list[bytes]


def _made(chunk: Sequence[Pair], known: dict[int, tuple[Any, float, int]]) -> _Made:
    first = np.array([known[p[0]][0] for p in chunk], dtype=object)
    second = np.array([known[p[1]][0] for p in chunk], dtype=object)
    smaller = np.array([min(known[p[0]][1], known[p[1]][1]) for p in chunk])
    geoms, km2 = geometry.without_slivers(_intersections(first, second), smaller)
    return _ready(geoms, km2, [max(known[p[0]][2], known[p[1]][2]) for p in chunk])


def _ready(geoms: NDArray[Any], km2: NDArray[np.float64], handling: list[int]) -> _Made:
    geoms = np.where(shapely.is_missing(geoms), shapely.MultiPolygon(), geoms)
    drawn = (geoms, shapely.point_on_surface(geoms), *geometry.lighter(geoms))
    return _Made(handling, km2, *(shapely.to_wkb(shapes_).tolist() for shapes_ in drawn))


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
            ([array(s) for s in sets], operation_id),
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
        ids = _store(connection, operation_id, _ready(geoms, km2, handling), sets=chunk)
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


def array(values: Iterable[object]) -> str:
    """Numbers as the text of an array of PostgreSQL's: many times faster to send than a list; None is null."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _store(
    connection: Connection,
    operation_id: int,
    made: _Made,
    *,
    pairs: Sequence[Pair] | None = None,
    sets: Sequence[tuple[int, ...]] | None = None,
) -> list[int]:
    nothing = [None] * len(made.geom)
    with _cursor(connection) as cursor:
        rows = cursor.execute(
            _STORE.format(members="n.members::bigint[]" if sets else "NULL"),
            (
                operation_id,
                array(made.handling),
                array(p[0] for p in pairs) if pairs else nothing,
                array(p[1] for p in pairs) if pairs else nothing,
                [array(s) for s in sets] if sets else nothing,
                made.geom,
                array(made.km2.tolist()),
                made.label,
                made.mid,
                made.low,
            ),
        ).fetchall()
    return [row[0] for row in rows]
