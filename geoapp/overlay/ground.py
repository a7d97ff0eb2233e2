"""Which ground do two footprints share? Computed once per pair, and once per union of such pieces."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from geoapp import geometry

Pair = tuple[int, int]
Shape = tuple[Any, float, int]
"""Geometry, km² and rank of handling of a footprint or a ground."""

Progress = Callable[[int, int], None]
CHUNK = 500
"""Pairs that one thread cuts at a time."""

MOST_VERTICES = 20_000_000
"""Vertices of footprints kept in memory while pairs of them are cut: some 320 MB."""

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
_STORE_NOTHING = """
    INSERT INTO facts.ground (operation_id, handling, footprint_a, footprint_b, geom, km2, label, mid, low)
    SELECT %s, (enum_range(NULL::facts.handling))[n.handling], n.a, n.b, e.geom, 0, 'SRID=4326;POINT EMPTY', e.flat, e.flat
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS n (handling, a, b)
    CROSS JOIN (SELECT ST_GeomFromText('MULTIPOLYGON EMPTY', 4326) AS geom,
        ST_GeomFromText('MULTIPOLYGON EMPTY', 3857) AS flat) AS e
"""


def _cursor(connection: Connection, *, binary: bool = False) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor(binary=binary)


def shapes(connection: Connection, operation_id: int, table: str, ids: Sequence[int]) -> dict[int, Shape]:
    """Geometry, km² and rank of handling of footprints or grounds by id."""
    with _cursor(connection, binary=True) as cursor:
        rows = cursor.execute(_SHAPES.format(table=table), (operation_id, list(ids))).fetchall()
    geoms = shapely.from_wkb([row[1] for row in rows])
    return {row[0]: (geom, row[2], row[3]) for row, geom in zip(rows, geoms, strict=True)}


class _Footprints:
    """Footprints that were read and prepared, each once as long as all of them hold fewer than MOST_VERTICES."""

    def __init__(self, connection: Connection, operation_id: int) -> None:
        self._connection, self._operation_id = connection, operation_id
        self._known: dict[int, Shape] = {}
        self._vertices = 0

    def of(self, pairs: Sequence[Pair]) -> dict[int, Shape]:
        """Those of these pairs, and perhaps more."""
        missing = {f for pair in pairs for f in pair} - self._known.keys()
        if missing:
            if self._vertices > MOST_VERTICES:
                self._known, self._vertices = {}, 0
                return self.of(pairs)
            read = shapes(self._connection, self._operation_id, "footprint", list(missing))
            geoms = np.array([shape[0] for shape in read.values()], dtype=object)
            shapely.prepare(geoms)
            self._vertices += int(shapely.get_num_coordinates(geoms).sum())
            self._known |= read
        return self._known


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
    missing.sort()
    footprints = _Footprints(connection, operation_id)
    # GEOS runs without the interpreter's lock: other threads cut while this one reads, and stores what was cut before
    with ThreadPoolExecutor(THREADS) as pool:
        cutting: deque[tuple[list[Pair], Future[_Made]]] = deque()
        submit = pool.submit if len(missing) > CHUNK else _at_once
        for start in range(0, len(missing), CHUNK):
            progress(start, len(missing))
            chunk = missing[start : start + CHUNK]
            known = footprints.of(chunk)
            first, second = ([known[pair[side]] for pair in chunk] for side in (0, 1))
            meet, inside = _relation(first, second)
            apart = [pair for pair, meets in zip(chunk, meet, strict=True) if not meets]
            found |= _store_nothing(connection, operation_id, apart, known)
            cut = submit(_cut, list(compress(first, meet)), list(compress(second, meet)), inside[meet])
            cutting.append((list(compress(chunk, meet)), cut))
            while len(cutting) > 2 * THREADS or (cutting and start + CHUNK >= len(missing)):
                met, waiting = cutting.popleft()
                made = waiting.result()
                ids = _store(connection, operation_id, made, pairs=met)
                found |= {pair: (id_, float(km2)) for pair, id_, km2 in zip(met, ids, made.km2, strict=True)}
    return found


def _at_once(work: Callable[..., "_Made"], *given: Any) -> "Future[_Made]":
    """What a pool gives, without a thread that takes longer to start than the work takes."""
    done: Future[_Made] = Future()
    done.set_result(work(*given))
    return done


def _relation(first: Sequence[Shape], second: Sequence[Shape]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each first shape meets its second, and whether it covers it. The first are prepared, and no two threads may
    use one prepared shape at once."""
    a, b = _geoms(first), _geoms(second)
    meet = np.asarray(shapely.intersects(a, b), dtype=bool)
    inside = np.zeros(len(a), dtype=bool)
    inside[meet] = shapely.covers(a[meet], b[meet])
    return meet, inside


def _geoms(some: Sequence[Shape]) -> NDArray[Any]:
    made = np.empty(len(some), dtype=object)
    made[:] = [shape[0] for shape in some]
    return made


@dataclass(frozen=True)
class _Made:
    """Pieces of ground ready to be stored, one entry each; WKB of an empty shape where nothing is shared."""

    handling: list[int]
    km2: NDArray[np.float64]
    geom: list[bytes]
    label: list[bytes]
    mid: list[bytes]
    low: list[bytes]


def _cut(first: Sequence[Shape], second: Sequence[Shape], inside: NDArray[np.bool_]) -> _Made:
    """What each of the first shares with its second, which may lie `inside` it as a whole."""
    smaller = np.array([min(a[1], b[1]) for a, b in zip(first, second, strict=True)])
    shared, through = _geoms(second), ~inside
    shared[through] = shapely.intersection(_geoms(first)[through], shared[through])
    geoms, km2 = geometry.without_slivers(shared, smaller)
    return _ready(geoms, km2, [max(a[2], b[2]) for a, b in zip(first, second, strict=True)])


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


def array(values: Iterable[object]) -> str:
    """Numbers as the text of an array of PostgreSQL's: many times faster to send than a list; None is null."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _store_nothing(
    connection: Connection, operation_id: int, pairs: Sequence[Pair], known: dict[int, Shape]
) -> dict[Pair, tuple[int, float]]:
    """Remember that these pairs share nothing; nobody asks for the id of such a ground."""
    if pairs:
        handling = array(max(known[a][2], known[b][2]) for a, b in pairs)
        sides = [array(pair[side] for pair in pairs) for side in (0, 1)]
        with _cursor(connection) as cursor:
            cursor.execute(_STORE_NOTHING, (operation_id, handling, *sides))
    return dict.fromkeys(pairs, (0, 0.0))


def _store(
    connection: Connection,
    operation_id: int,
    made: _Made,
    *,
    pairs: Sequence[Pair] | None = None,
    sets: Sequence[tuple[int, ...]] | None = None,
) -> list[int]:
    if not made.geom:
        return []
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
