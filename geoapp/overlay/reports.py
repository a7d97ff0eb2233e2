"""Which other reports may be of the same event? Those of other sources near it in space and time, and those linked to it."""

from typing import Any

from sqlalchemy import Connection, text

from geoapp.scope import Scope, known

NEAR_KM, NEAR_DAYS = 25, 3
"""How far apart two reports of one event usually are at most: the coarser precisions of the sources."""

_NEAR = """
    WITH own AS MATERIALIZED (
        SELECT i.id, i.source, i.source_event_id AS event, i.geom, i.valid, i.operation_id,
            coalesce(i.same_as_source, i.source) AS head_source, coalesce(i.same_as_event, i.source_event_id) AS head_event
        FROM calc.incident AS i WHERE i.operation_id = calc.operation() AND i.id = :id
    )
    SELECT i.id, i.source, i.source_event_id AS event, i.event_type, i.sub_event_type, lower(i.valid) AS occurred_from,
        i.location, i.fatalities, i.handling::text AS handling,
        round((ST_Distance(i.geom::geography, o.geom::geography) / 1000)::numeric, 1)::float8 AS km,
        (coalesce(i.same_as_source, i.source), coalesce(i.same_as_event, i.source_event_id))
            = (o.head_source, o.head_event) AS linked
    FROM own AS o
    JOIN calc.incident AS i ON i.operation_id = o.operation_id AND i.id <> o.id
        AND (((i.source <> o.source OR i.source = 'hand')
            AND i.geom && ST_Expand(o.geom, :degrees_x, :degrees_y) AND i.valid && daterange(
                (lower(o.valid) - :days), (upper(o.valid) + :days)))
        OR (i.same_as_source = o.head_source AND i.same_as_event = o.head_event)
        OR (i.source = o.head_source AND i.source_event_id = o.head_event))
    ORDER BY linked DESC, km, i.id LIMIT 20
"""


def reports(connection: Connection, incident: int, scope: Scope) -> list[dict[str, Any]]:
    """Reports of other sources within NEAR_KM and NEAR_DAYS of an incident, and those said to be of its event, as the room
    sees them and as known on `scope.as_of`; `linked` tells the latter, `km` how far each is."""
    rows = connection.execute(
        text(known(_NEAR, scope)), {"id": incident, "days": NEAR_DAYS, "degrees_x": NEAR_KM / 111 * 2, "degrees_y": NEAR_KM / 111}
    ).mappings()  # fmt: skip
    return [dict(row) for row in rows if row["linked"] or row["km"] <= NEAR_KM]
