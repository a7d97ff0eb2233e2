"""How many incidents of the last days lie near a way?"""

from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geoapp.access.crossed import around
from layers._sql import COUNTED

WITHIN_KM, DAYS = 5.0, 90
_CHUNK = 40
"""Corners of a way that are looked around at once: boxes of a bent way taken whole would hold half a country."""

_NEAR = text(f"""
    SELECT (SELECT calc.precision_of('incidents')) <= 1 AS shown, count(DISTINCT i.id) AS n, max(lower(i.valid)) AS newest
    FROM unnest(CAST(:shapes AS bytea[])) AS s (wkb)
    CROSS JOIN LATERAL (SELECT ST_GeomFromWKB(s.wkb, 4326) AS geom) AS g
    JOIN facts.incident AS i ON i.geom && g.geom AND ST_Intersects(i.geom, g.geom)
    WHERE {COUNTED.format("i")}
        AND i.valid && daterange((SELECT calc.today()) - :days, (SELECT calc.today()), '[]')
""")


def incidents(connection: Connection, route: dict[str, Any]) -> dict[str, Any]:
    """How many incidents of the last days lie near a way, and the newest: those known to the settlement or better, each
    event once. `count` is None for a room that is shown no single incident."""
    lines = [shapely.geometry.shape(f["geometry"]) for f in route["features"]]
    corners = np.concatenate([shapely.get_coordinates(line) for line in lines]) if lines else np.empty((0, 2))
    pieces = [corners[at : at + _CHUNK + 1] for at in range(0, max(len(corners) - 1, 0), _CHUNK)]
    shapes = [around(shapely.simplify(shapely.linestrings(piece), 1e-3), WITHIN_KM * 1000) for piece in pieces]
    row = connection.execute(_NEAR, {"shapes": [shapely.to_wkb(s) for s in shapes], "days": DAYS}).one()
    return {
        "within_km": WITHIN_KM, "days": DAYS, "count": row.n if row.shown else None,
        "newest": row.newest.isoformat() if row.shown and row.newest else None,
    }  # fmt: skip
