"""Where is the place that somebody names? Coordinates in any notation, or a site, town or district that the room sees."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geoapp import coordinates
from geoapp.errors import BadRequest

UNDERSTOOD = (
    "Write a site, a town or a district; latitude, longitude (5.25, 10.05 or 5°15'N 10°03'E); MGRS (33N WG 0793 3227);"
    " or UTM (33N 507930 583227)."
)
MOST = 8
"""Places listed for what somebody has typed so far."""

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
    ORDER BY lower(n.name) <> :name, NOT starts_with(lower(n.name), :name), n.what = 'district', n.rank, n.name, n.lon
    LIMIT :most
""")


@dataclass(frozen=True)
class Place:
    """A named spot in degrees; `what` is site, town, district or coordinates."""

    name: str
    lon: float
    lat: float
    what: str = "coordinates"

    @property
    def mgrs(self) -> str:
        """Its MGRS square of ten metres; nothing near the poles."""
        return coordinates.say_mgrs(self.lon, self.lat)


def find(connection: Connection, words: str) -> Place:
    """The place of coordinates or of a name. Raises BadRequest, with the names that come near."""
    spot = _spot(words)
    if spot:
        return spot
    places = _named(connection, words)
    if places and (places[0].name.lower() == words.strip().lower() or len(places) == 1):
        return places[0]
    near = ", ".join(dict.fromkeys(place.name for place in places))
    raise BadRequest(f"There is no place {words[:60]!r}.", hint=f"Did you mean {near}?" if near else UNDERSTOOD)


def listed(connection: Connection, words: str) -> list[Place]:
    """The places that may be meant by what is typed so far, the likeliest first; none is no error."""
    try:
        spot = _spot(words)
    except BadRequest:
        return []
    return [spot] if spot else _named(connection, words)


def _spot(words: str) -> Place | None:
    """Coordinates; None when the words are none. Raises BadRequest when they lie outside the world."""
    pair = _PAIR.match(words)
    if pair:
        lat, lon = float(pair[1]), float(pair[2])
        if abs(lat) > 90 or abs(lon) > 180:
            raise BadRequest(f"{words[:40]!r} lies outside the world.", hint="Write latitude, longitude.")
    else:
        try:
            found = coordinates.spot(words)
        except ValueError:
            return None
        lon, lat = found.lon, found.lat
        if re.search(r"[A-Za-z]", words):
            return Place(" ".join(words.split()).upper(), lon, lat)
    return Place(f"{lat:.4f}, {lon:.4f}", lon, lat)


def _named(connection: Connection, words: str) -> list[Place]:
    name = " ".join(words.split()).lower()
    if not name:
        return []
    plain = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = connection.execute(_NAMED, {"name": name, "like": f"%{plain}%", "most": MOST})
    return [Place(row.name, row.lon, row.lat, row.what) for row in rows]
