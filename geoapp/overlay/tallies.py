"""How many incidents, where, in which month: cells for small scales and districts, kept up as incidents come and go.

The cost of one incident is a constant: one row in each cell it falls in. Rebuilding from scratch gives the same table.
"""

from sqlalchemy import Connection, text

from layers._sql import COUNTED, PLACED

BIN_ZOOMS = range(9)
MONTH_ZOOM = 5
"""The one zoom whose cells are kept by month as well: 39 km wide at the equator, for maps of a period."""

EVER = "DATE '1900-01-01'"
CELLS = 32
"""Cells along the edge of a tile."""

_CELLS = f"""(
    WITH finest AS MATERIALIZED (
        SELECT floor(p.u * 2 ^ {BIN_ZOOMS[-1]} * {CELLS})::int AS x, floor(p.v * 2 ^ {BIN_ZOOMS[-1]} * {CELLS})::int AS y,
            p.month, p.handling, count(*) AS n
        FROM (
            SELECT (ST_X(i.geom) + 180) / 360 AS u,
                (1 - ln(tan(radians(q.lat)) + 1 / cos(radians(q.lat))) / pi()) / 2 AS v,
                date_trunc('month', coalesce(lower(i.valid), {EVER}))::date AS month, i.handling
            FROM {{rows}} AS i
            CROSS JOIN LATERAL (SELECT greatest(-85.05, least(85.05, ST_Y(i.geom))) AS lat) AS q
            WHERE {COUNTED.format("i")} AND 1 BETWEEN i.finest AND i.coarsest
        ) AS p
        GROUP BY 1, 2, 3, 4
    ), always AS MATERIALIZED (
        SELECT f.x, f.y, f.handling, sum(f.n) AS n FROM finest AS f GROUP BY 1, 2, 3
    )
    SELECT k.z, a.x >> {BIN_ZOOMS[-1]} - k.z AS x, a.y >> {BIN_ZOOMS[-1]} - k.z AS y, {EVER} AS month, a.handling,
        sum(a.n) AS n
    FROM always AS a CROSS JOIN generate_series(0, {BIN_ZOOMS[-1]}) AS k (z) GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT {MONTH_ZOOM}, f.x >> {BIN_ZOOMS[-1] - MONTH_ZOOM}, f.y >> {BIN_ZOOMS[-1] - MONTH_ZOOM}, f.month, f.handling,
        sum(f.n)
    FROM finest AS f GROUP BY 2, 3, 4, 5
)"""
"""Each event is placed once, in the finest cell; coarser cells are sums, their numbers the finest's without its last bits."""

_DISTRICTS = f"""(
    SELECT coalesce(i.pcode, '') AS pcode, date_trunc('month', coalesce(lower(i.valid), {EVER}))::date AS month,
        i.event_type, {PLACED.format("i")} AS placed, i.handling, count(*) AS n, coalesce(sum(i.fatalities), 0) AS fatalities
    FROM {{rows}} AS i
    WHERE 1 BETWEEN i.finest AND i.coarsest AND i.same_as_event IS NULL
    GROUP BY 1, 2, 3, 4, 5
)"""

_COUNT = f"""
    WITH binned AS (
        INSERT INTO facts.incident_bin AS b (operation_id, z, x, y, month, handling, n, geom)
        SELECT :operation, c.z, c.x, c.y, c.month, c.handling, {{sign}} c.n,
            ST_SetSRID(ST_MakePoint(
                (c.x + 0.5) / (2 ^ c.z * {CELLS}) * 360 - 180,
                degrees(atan(sinh(pi() * (1 - 2 * (c.y + 0.5) / (2 ^ c.z * {CELLS})))))), 4326)
        FROM {_CELLS} AS c
        ON CONFLICT (operation_id, z, x, y, month, handling) DO UPDATE SET n = b.n + excluded.n
    )
    INSERT INTO facts.incident_tally AS t (operation_id, pcode, month, event_type, placed, handling, n, fatalities)
    SELECT :operation, d.pcode, d.month, d.event_type, d.placed, d.handling, {{sign}} d.n, {{sign}} d.fatalities
    FROM {_DISTRICTS} AS d
    ON CONFLICT (operation_id, pcode, month, event_type, placed, handling)
    DO UPDATE SET n = t.n + excluded.n, fatalities = t.fatalities + excluded.fatalities
"""
_CLEAR = f"""
    WITH emptied AS (
        DELETE FROM facts.incident_bin AS b USING {_CELLS} AS c
        WHERE b.operation_id = :operation AND b.n = 0
            AND (b.z, b.x, b.y, b.month, b.handling) = (c.z, c.x, c.y, c.month, c.handling)
    )
    DELETE FROM facts.incident_tally AS t USING {_DISTRICTS} AS d
    WHERE t.operation_id = :operation AND t.n = 0
        AND (t.pcode, t.month, t.event_type, t.placed, t.handling) = (d.pcode, d.month, d.event_type, d.placed, d.handling)
"""


def add_incidents(connection: Connection, operation_id: int, rows: str, **binds: object) -> None:
    """Count the rows of a FROM item shaped like facts.incident: each event once, other reports of it not at all."""
    connection.execute(text(_COUNT.format(rows=rows, sign="+")), {"operation": operation_id} | binds)


def subtract_incidents(connection: Connection, operation_id: int, rows: str, **binds: object) -> None:
    """Take such rows out of the counts again; a cell that falls to none is removed."""
    connection.execute(text(_COUNT.format(rows=rows, sign="-")), {"operation": operation_id} | binds)
    connection.execute(text(_CLEAR.format(rows=rows)), {"operation": operation_id} | binds)
