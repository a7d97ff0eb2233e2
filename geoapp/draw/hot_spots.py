"""Where do incidents gather, and how many lie close together and yet form no hot spot? Both from one clustering."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from geoapp.draw import narrowing
from geoapp.draw.features import MAX_LIMIT, feature
from geoapp.draw.query import meets
from geoapp.scope import Scope, boxed, known
from layers._gathered import GATHERED, SCATTERED
from layers.hot_spots import LAYER, SPOTS


def hot_spots(connection: Connection, scope: Scope, withheld: Collection[str] = ()) -> tuple[list[bytes], int, int]:
    """The hot spots that the items of their layer are, as GeoJSON Feature texts, and of what gathers within their distance
    and is too little in each of its parts to be one: at how many places, how many incidents."""
    found = narrowing.apply(LAYER, scope, SPOTS.replace("{geom}", LAYER.geometry))
    sql = f"""{GATHERED}, t AS ({found})
        SELECT ARRAY(
            SELECT {feature(LAYER, withheld)} FROM t WHERE {meets(scope)} ORDER BY t.id LIMIT {MAX_LIMIT}
        ) AS features, s.places, s.incidents
        FROM ({SCATTERED}) AS s
    """
    row = connection.execute(text(known(boxed(sql), scope)), scope.binds()).one()
    return [each.encode() for each in row.features], row.places, row.incidents
