"""How much ground do areas cover? The union of their footprints, each pair of which is compared once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geoapp import geometry
from geoapp.overlay.ground import grounds, shapes


def measure(connection: Connection, operation_id: int, parts: Sequence[Any]) -> None:
    """Set the km² of the areas of these parts to that of the union of their footprints.

    Footprints that share no ground add up; whether they do is asked of the interned grounds, so that a district and
    its neighbour are compared once for all the organisations that work in both.
    """
    on: dict[int, set[int]] = defaultdict(set)
    for part in parts:
        on[part[0]].add(part[1])
    rows = [(area, sorted(footprints)) for area, footprints in on.items()]
    areas = list(on)
    several = [tuple(r[1]) for r in rows if len(r[1]) > 1]
    exact: dict[int, float] = {}
    if several:
        within = {(a, b) for ids in several for i, a in enumerate(ids) for b in ids[i + 1 :]}
        near = connection.execute(
            text("""
                SELECT p.a, p.b FROM unnest(CAST(:a AS bigint[]), CAST(:b AS bigint[])) AS p (a, b)
                JOIN facts.footprint AS f ON f.operation_id = :operation AND f.id = p.a
                JOIN facts.footprint AS g ON g.operation_id = :operation AND g.id = p.b
                WHERE f.geom && g.geom
            """),
            {"operation": operation_id, "a": [p[0] for p in within], "b": [p[1] for p in within]},
        ).all()
        shared = grounds(connection, operation_id, [(r[0], r[1]) for r in near])
        twice = {pair for pair, (_, km2) in shared.items() if km2 > 0}
        for area, ids in rows:
            if any((a, b) in twice for i, a in enumerate(ids) for b in ids[i + 1 :]):
                exact[area] = _union_km2(connection, operation_id, ids)
    connection.execute(
        text("""
            UPDATE facts.area AS a SET km2 = m.km2
            FROM (
                SELECT p.area_id, coalesce(x.km2, sum(f.km2)) AS km2
                FROM (
                    SELECT DISTINCT p.area_id, p.footprint_id FROM facts.area_part AS p
                    WHERE p.operation_id = :operation AND p.area_id = ANY (:areas)
                ) AS p
                JOIN facts.footprint AS f ON f.operation_id = :operation AND f.id = p.footprint_id
                LEFT JOIN unnest(CAST(:ids AS bigint[]), CAST(:km2 AS float8[])) AS x (id, km2) ON x.id = p.area_id
                GROUP BY p.area_id, x.km2
            ) AS m
            WHERE a.operation_id = :operation AND a.id = m.area_id AND a.km2 IS DISTINCT FROM m.km2
        """),
        {"operation": operation_id, "areas": areas, "ids": list(exact), "km2": list(exact.values())},
    )


def _union_km2(connection: Connection, operation_id: int, footprints: Sequence[int]) -> float:
    known = shapes(connection, operation_id, "footprint", footprints)
    merged = shapely.union_all([known[f][0] for f in footprints])
    return float(geometry.area_km2(np.array([merged], dtype=object))[0])
