"""How many incidents, where, in which month: cells for small scales and districts, kept up as incidents come and go.

The cost of one incident is a constant: one row in each cell it falls in. Rebuilding from scratch gives the same table.
"""

from sqlalchemy import Connection, text

BIN_ZOOMS = range(9)
MONTH_ZOOM = 5
"""The one zoom whose cells are kept by month as well: 39 km wide at the equator, for maps of a period."""

EVER = "DATE '1900-01-01'"
CELLS = 32
"""Cells along the edge of a tile."""

_BINS = """
    WITH finest AS MATERIALIZED (
        SELECT floor(p.u * 2 ^ {deepest} * {cells})::int AS x, floor(p.v * 2 ^ {deepest} * {cells})::int AS y,
            p.month, p.handling, count(*) AS n
        FROM (
            SELECT (ST_X(i.geom) + 180) / 360 AS u,
                (1 - ln(tan(radians(q.lat)) + 1 / cos(radians(q.lat))) / pi()) / 2 AS v,
                date_trunc('month', coalesce(lower(i.valid), {ever}))::date AS month, i.handling
            FROM {rows} AS i
            CROSS JOIN LATERAL (SELECT greatest(-85.05, least(85.05, ST_Y(i.geom))) AS lat) AS q
            WHERE i.geo_precision IN ('exact', 'settlement') AND 1 BETWEEN i.finest AND i.coarsest
                AND i.same_as_event IS NULL
        ) AS p
        GROUP BY 1, 2, 3, 4
    ), always AS MATERIALIZED (
        SELECT f.x, f.y, f.handling, sum(f.n) AS n FROM finest AS f GROUP BY 1, 2, 3
    )
    INSERT INTO facts.incident_bin AS b (operation_id, z, x, y, month, handling, n, geom)
    SELECT :operation, c.z, c.x, c.y, c.month, c.handling, {sign} c.n,
        ST_SetSRID(ST_MakePoint(
            (c.x + 0.5) / (2 ^ c.z * {cells}) * 360 - 180,
            degrees(atan(sinh(pi() * (1 - 2 * (c.y + 0.5) / (2 ^ c.z * {cells})))))), 4326)
    FROM (
        SELECT k.z, a.x >> {deepest} - k.z AS x, a.y >> {deepest} - k.z AS y, {ever} AS month, a.handling, sum(a.n) AS n
        FROM always AS a CROSS JOIN generate_series(0, {deepest}) AS k (z) GROUP BY 1, 2, 3, 5
        UNION ALL
        SELECT {month_zoom}, f.x >> {deepest} - {month_zoom}, f.y >> {deepest} - {month_zoom}, f.month, f.handling,
            sum(f.n)
        FROM finest AS f GROUP BY 2, 3, 4, 5
    ) AS c
    ON CONFLICT (operation_id, z, x, y, month, handling) DO UPDATE SET n = b.n + excluded.n
"""
"""Each event is placed once, in the finest cell; coarser cells are sums, their numbers the finest's without its last bits."""

_TALLY = """
    INSERT INTO facts.incident_tally AS t (operation_id, pcode, month, event_type, placed, handling, n, fatalities)
    SELECT :operation, coalesce(i.pcode, ''), date_trunc('month', coalesce(lower(i.valid), {ever}))::date, i.event_type,
        i.geo_precision IN ('exact', 'settlement'), i.handling, {sign} count(*), {sign} coalesce(sum(i.fatalities), 0)
    FROM {rows} AS i
    WHERE 1 BETWEEN i.finest AND i.coarsest AND i.same_as_event IS NULL
    GROUP BY 2, 3, 4, 5, 6
    ON CONFLICT (operation_id, pcode, month, event_type, placed, handling)
    DO UPDATE SET n = t.n + excluded.n, fatalities = t.fatalities + excluded.fatalities
"""


def _apply(connection: Connection, operation_id: int, rows: str, sign: str) -> None:
    for statement in (_BINS, _TALLY):
        sql = statement.format(
            rows=rows, sign=sign, ever=EVER, cells=CELLS, deepest=BIN_ZOOMS[-1], month_zoom=MONTH_ZOOM
        )
        connection.execute(text(sql), {"operation": operation_id})


def add_incidents(connection: Connection, operation_id: int, rows: str) -> None:
    """Count the rows of a FROM item shaped like facts.incident: each event once, other reports of it not at all."""
    _apply(connection, operation_id, rows, "+")


def subtract_incidents(connection: Connection, operation_id: int, rows: str) -> None:
    """Take such rows out of the counts again; a cell that falls to none is removed."""
    _apply(connection, operation_id, rows, "-")
    for table in ("incident_bin", "incident_tally"):
        connection.execute(
            text(f"DELETE FROM facts.{table} WHERE operation_id = :operation AND n = 0"),
            {"operation": operation_id},
        )
