"""Where is the place that somebody names? Coordinates, or a site, town or district that the room sees."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest

_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")
_NAMED = text("""
    SELECT n.name, n.what, n.lon, n.lat FROM (
        SELECT s.name, 'site' AS what, 1 AS rank, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat FROM facts.site AS s
        WHERE lower(s.name) LIKE :like
        UNION ALL
        SELECT b.name, 'town', b.rank, ST_X(b.geom), ST_Y(b.geom) FROM facts.base_feature AS b
        WHERE b.class = 'place' AND lower(b.name) LIKE :like
        UNION ALL
        SELECT b.name, 'district', 9 - b.level, ST_X(f.label), ST_Y(f.label) FROM facts.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE lower(b.name) LIKE :like
    ) AS n
    ORDER BY lower(n.name) <> :name, n.what = 'district', n.rank, n.name, n.lon LIMIT 6
""")


@dataclass(frozen=True)
class Place:
    """A named spot in degrees."""

    name: str
    lon: float
    lat: float


def find(connection: Connection, words: str) -> Place:
    """The place of `latitude, longitude` or of a name. Raises BadRequest, with the names that come near."""
    pair = _PAIR.match(words)
    if pair:
        lat, lon = float(pair[1]), float(pair[2])
        if abs(lat) > 90 or abs(lon) > 180:
            raise BadRequest(f"{words[:40]!r} lies outside the world.", hint="Write latitude, longitude.")
        return Place(f"{lat:.4f}, {lon:.4f}", lon, lat)
    name = words.strip().lower()
    plain = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = connection.execute(_NAMED, {"name": name, "like": f"%{plain}%"}).all() if name else []
    if rows and (rows[0].name.lower() == name or len(rows) == 1):
        return Place(rows[0].name, rows[0].lon, rows[0].lat)
    near = ", ".join(dict.fromkeys(row.name for row in rows))
    raise BadRequest(
        f"There is no place {words[:60]!r}.",
        hint=f"Did you mean {near}?" if near else "Write a site, a town, a district, or latitude, longitude.",
    )
