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
    INSERT INTO facts.incident_bin AS b (operation_id, z, x, y, month, handling, n, geom)
    SELECT :operation, c.z, c.x, c.y, c.month, c.handling, {sign} count(*),
        ST_SetSRID(ST_MakePoint(
            (c.x + 0.5) / (2 ^ c.z * {cells}) * 360 - 180,
            degrees(atan(sinh(pi() * (1 - 2 * (c.y + 0.5) / (2 ^ c.z * {cells})))))), 4326)
    FROM (
        SELECT k.z, floor(p.u * 2 ^ k.z * {cells})::int AS x, floor(p.v * 2 ^ k.z * {cells})::int AS y,
            CASE WHEN k.monthly THEN p.month ELSE {ever} END AS month, p.handling
        FROM (
            SELECT (ST_X(i.geom) + 180) / 360 AS u,
                (1 - ln(tan(radians(q.lat)) + 1 / cos(radians(q.lat))) / pi()) / 2 AS v,
                date_trunc('month', coalesce(lower(i.valid), {ever}))::date AS month, i.handling
            FROM {rows} AS i
            CROSS JOIN LATERAL (SELECT greatest(-85.05, least(85.05, ST_Y(i.geom))) AS lat) AS q
            WHERE i.geo_precision IN ('exact', 'settlement') AND 1 BETWEEN i.finest AND i.coarsest
        ) AS p
        CROSS JOIN (
            SELECT z, false AS monthly FROM generate_series(0, {deepest}) AS z
            UNION ALL SELECT {month_zoom}, true
        ) AS k (z, monthly)
    ) AS c
    GROUP BY c.z, c.x, c.y, c.month, c.handling
    ON CONFLICT (operation_id, z, x, y, month, handling) DO UPDATE SET n = b.n + excluded.n
"""
_TALLY = """
    INSERT INTO facts.incident_tally AS t (operation_id, pcode, month, event_type, placed, handling, n, fatalities)
    SELECT :operation, i.pcode, date_trunc('month', coalesce(lower(i.valid), {ever}))::date, i.event_type,
        i.geo_precision IN ('exact', 'settlement'), i.handling, {sign} count(*), {sign} coalesce(sum(i.fatalities), 0)
    FROM {rows} AS i
    WHERE i.pcode IS NOT NULL AND 1 BETWEEN i.finest AND i.coarsest
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
    """Count the rows of a FROM item shaped like facts.incident (each event once)."""
    _apply(connection, operation_id, rows, "+")


def subtract_incidents(connection: Connection, operation_id: int, rows: str) -> None:
    """Take such rows out of the counts again; a cell that falls to none is removed."""
    _apply(connection, operation_id, rows, "-")
    for table in ("incident_bin", "incident_tally"):
        connection.execute(
            text(f"DELETE FROM facts.{table} WHERE operation_id = :operation AND n = 0"),
            {"operation": operation_id},
        )
