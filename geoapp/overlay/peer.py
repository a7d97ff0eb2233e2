"""Does geopandas find the same overlaps? They are computed anew from the areas as recorded, and every difference is named.

A second way, not a second copy: pairs are found by geopandas' tree, cut by its intersection, put together by its dissolve and
measured in EPSG:6933. Which pairs of actors are looked at, and what is too little to be ground, are rules and the same.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geoapp import geometry

SHARE, KM2 = 1e-3, 0.01
"""By how much areas may differ: a thousandth, or a hundredth of a square kilometre."""

_PARTS = text("""
    SELECT p.area_id AS area, a.actor_id AS actor, a.positioning = 'presence' AS presence, c.lineage,
        coalesce(lower(p.valid), DATE '0001-01-01') AS starts, coalesce(upper(p.valid), DATE '9999-12-31') AS ends,
        ST_AsBinary(f.geom) AS geom
    FROM facts.area_part AS p
    JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
    JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
    JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
    WHERE p.operation_id = calc.operation()
""")
_STORED = text("""
    SELECT o.area_a AS a, o.area_b AS b, 'OV-' || lpad(p.number::text, 4, '0') AS code, o.km2,
        coalesce(lower(o.period), DATE '0001-01-01') AS starts, coalesce(upper(o.period), DATE '9999-12-31') AS ends
    FROM facts.overlap AS o
    JOIN facts.overlap_pair AS p ON p.operation_id = o.operation_id AND p.id = o.pair_id
    WHERE o.operation_id = calc.operation() AND o.ground_id IS NOT NULL
""")


@dataclass(frozen=True)
class Found:
    """An overlap: its ground in km², its first day and the day after its last."""

    km2: float
    starts: date
    ends: date


@dataclass(frozen=True)
class Difference:
    """What is not the same, of which two areas: `what` is one of missing, extra, area, period."""

    what: str
    areas: tuple[int, int]
    code: str | None
    recorded: str
    recomputed: str


def compare(connection: Connection) -> tuple[int, list[Difference]]:
    """How many pieces of overlaps geopandas finds in the operation, and every one that is recorded otherwise, in order of their areas.

    The transaction is that of a room that is shown everything.
    """
    stored = {(row.a, row.b): (row.code, Found(row.km2, row.starts, row.ends)) for row in connection.execute(_STORED)}
    anew = recomputed([dict(row) for row in connection.execute(_PARTS).mappings()])
    found = []
    for pair in sorted({*stored, *anew}):
        code, kept = stored.get(pair, (None, None))
        made = anew.get(pair)
        if kept is None or made is None:
            what = "extra" if made is None else "missing"
            found.append(Difference(what, pair, code, _said(kept), _said(made)))
            continue
        if abs(kept.km2 - made.km2) > max(KM2, SHARE * made.km2):
            found.append(Difference("area", pair, code, f"{kept.km2:,.3f} km²", f"{made.km2:,.3f} km²"))
        if (kept.starts, kept.ends) != (made.starts, made.ends):
            found.append(Difference("period", pair, code, _days(kept), _days(made)))
    return len(anew), found


def recomputed(parts: list[dict[str, Any]]) -> dict[tuple[int, int], Found]:
    """The overlaps of parts of areas (`area`, `actor`, `presence`, `lineage`, `starts`, `ends`, `geom` as WKB), by geopandas."""
    import geopandas as gpd
    import numpy as np

    if not parts:
        return {}
    frame = gpd.GeoDataFrame(
        {name: [part[name] for part in parts] for name in ("area", "actor", "presence", "lineage", "starts", "ends")},
        geometry=gpd.GeoSeries.from_wkb([bytes(part["geom"]) for part in parts]), crs=4326,
    )  # fmt: skip
    frame["whole"] = frame.to_crs(6933).area / 1e6
    # presence beside presence is told as doubles, so one side of each pair is none
    pairs = gpd.sjoin(frame[~frame.presence], frame, predicate="intersects", lsuffix="a", rsuffix="b")
    other = frame.geometry.loc[pairs.index_b].reset_index(drop=True)
    pairs = pairs.reset_index(drop=True)
    kept = [_looked_at(*row) for row in zip(pairs.area_a, pairs.area_b, pairs.actor_a, pairs.actor_b, pairs.lineage_a,
                                            pairs.lineage_b, pairs.presence_b, strict=True)]  # fmt: skip
    pairs["starts"] = np.maximum(pairs.starts_a, pairs.starts_b) if len(pairs) else []
    pairs["ends"] = np.minimum(pairs.ends_a, pairs.ends_b) if len(pairs) else []
    chosen = np.array(kept, dtype=bool) & (pairs.starts < pairs.ends).to_numpy(dtype=bool)
    pairs, other = pairs[chosen].reset_index(drop=True), other[chosen].reset_index(drop=True)
    if pairs.empty:
        return {}
    shared = pairs.geometry.intersection(other, align=False)
    ground, _ = geometry.without_slivers(shared.to_numpy(), np.minimum(pairs.whole_a, pairs.whole_b).to_numpy())
    pairs["geometry"] = gpd.GeoSeries(ground, crs=4326)
    pairs["first"], pairs["second"] = np.minimum(pairs.area_a, pairs.area_b), np.maximum(pairs.area_a, pairs.area_b)
    pairs = pairs[~(pairs.geometry.isna() | pairs.geometry.is_empty)]
    merged = gpd.GeoDataFrame(pairs[["first", "second", "starts", "ends"]], geometry=pairs.geometry, crs=4326).dissolve(
        by=["first", "second"], aggfunc={"starts": "min", "ends": "max"}
    )
    km2 = merged.to_crs(6933).area / 1e6
    return {(int(a), int(b)): Found(float(size), row.starts, row.ends)
            for ((a, b), row), size in zip(merged.iterrows(), km2, strict=True) if size > 0}  # fmt: skip


def _looked_at(
    area_a: int, area_b: int, actor_a: int, actor_b: int, above_a: list[int], above_b: list[int], presence_b: bool
) -> bool:  # fmt: skip
    """Whether a pair of parts is one: two areas of two actors neither of whom is above the other, each pair once."""
    twice = area_b < area_a and not presence_b
    return area_a != area_b and not twice and actor_a != actor_b and actor_a not in above_b and actor_b not in above_a


def _days(found: Found) -> str:
    first = "open" if found.starts == date(1, 1, 1) else found.starts.isoformat()
    last = "open" if found.ends == date(9999, 12, 31) else date.fromordinal(found.ends.toordinal() - 1).isoformat()
    return f"{first} – {last}"


def _said(found: Found | None) -> str:
    return f"{found.km2:,.3f} km², {_days(found)}" if found else "none"
