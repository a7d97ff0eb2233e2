"""Where is the place that somebody names? Coordinates in any notation, or a site, town or district that the room sees.

Accents are looked past, and what lies in the operation is named before the rest of the world.
"""

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geoapp import coordinates
from geoapp.errors import BadRequest
from geoapp.scope import Scope, known, range_text
from layers._sql import DAY, UNIT_ON

UNDERSTOOD = (
    "Write a site, a town or a district; latitude, longitude (5.25, 10.05 or 5°15'N 10°03'E); MGRS (33N WG 0793 3227);"
    " or UTM (33N 507930 583227)."
)
MOST = 8
"""Places listed for what somebody has typed so far."""

_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")
_PLAIN = r"regexp_replace(normalize(lower({0}), NFD), '[\u0300-\u036f]', '', 'g')"
"""SQL for a name in small letters without accents, as `_plain` has it."""
_NAMED = f"""
    WITH n AS MATERIALIZED (
        SELECT s.name, plain(s.name) AS plain, 'site' AS what, 1 AS rank, s.geom, true AS here
        FROM facts.site AS s WHERE plain(s.name) LIKE :like
        UNION ALL
        SELECT b.name, plain(b.name), 'town', b.rank, b.geom, EXISTS (
            SELECT FROM facts.boundary AS u
            JOIN facts.footprint AS f ON f.operation_id = u.operation_id AND f.id = u.footprint_id
            WHERE ST_Intersects(f.geom, b.geom)
        )
        FROM facts.base_feature AS b WHERE b.class = 'place' AND plain(b.name) LIKE :like
        UNION ALL
        SELECT b.name, plain(b.name), 'district', 9 - b.level, f.label, true
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE plain(b.name) LIKE :like AND {UNIT_ON.format("b", DAY)}
    )
    SELECT n.name, n.what, ST_X(n.geom) AS lon, ST_Y(n.geom) AS lat FROM n
    ORDER BY NOT n.here, n.plain <> :name, NOT starts_with(n.plain, :name), n.what = 'district', n.rank, n.name, lon
    LIMIT :most
"""


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


def find(connection: Connection, words: str, scope: Scope | None = None) -> Place:
    """The place of coordinates or of a name, now or as known on `scope.as_of`. Raises BadRequest, with the names that come near."""
    at = spot(words)
    if at:
        return at
    places = _named(connection, words, scope)
    if places and (_plain(places[0].name) == _plain(words) or len(places) == 1):
        return places[0]
    near = ", ".join(dict.fromkeys(place.name for place in places))
    raise BadRequest(f"There is no place {words[:60]!r}.", hint=f"Did you mean {near}?" if near else UNDERSTOOD)


def listed(connection: Connection, words: str, scope: Scope | None = None) -> list[Place]:
    """The places that may be meant by what is typed so far, the likeliest first; none is no error."""
    try:
        at = spot(words)
    except BadRequest:
        return []
    return [at] if at else _named(connection, words, scope)


def spot(words: str) -> Place | None:
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


def _named(connection: Connection, words: str, scope: Scope | None) -> list[Place]:
    name = _plain(words)
    if not name:
        return []
    plain = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    asked = re.sub(
        r"\bplain\(([a-z.]+)\)", lambda found: _PLAIN.format(found[1]), known(_NAMED, scope) if scope else _NAMED
    )
    rows = connection.execute(
        text(asked),
        {"name": name, "like": f"%{plain}%", "most": MOST, "period": range_text(scope.period) if scope else None},
    )
    return [Place(row.name, row.lon, row.lat, row.what) for row in rows]


def _plain(words: str) -> str:
    """A name in small letters, without accents and needless spaces."""
    parts = unicodedata.normalize("NFD", " ".join(words.split()).lower())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
