"""How many incidents lie close together and yet are no hot spot, since no part of what gathers there is large enough?"""

from sqlalchemy import Connection, text

from geoapp.scope import Scope, known
from layers._gathered import GATHERED, LEAST

_SCATTERED = f"""
{GATHERED.format(period="CAST(:period AS daterange)")}
        SELECT count(*)::int AS places, coalesce(sum(g.n), 0)::int AS incidents
        FROM (SELECT count(*) AS n, max(c.size) AS size FROM sized AS c GROUP BY c.spot) AS g WHERE g.size < {LEAST}
"""


def scattered(connection: Connection, scope: Scope) -> dict[str, int]:
    """Of the incidents that gather within the distance of a hot spot, those whose parts by reach and by days are all smaller
    than one: at how many `places`, and how many `incidents`; as the room may know them, in the scope's period."""
    return dict(connection.execute(text(known(_SCATTERED, scope)), scope.binds()).mappings().one())
