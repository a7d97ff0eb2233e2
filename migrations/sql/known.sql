-- {table} as it was known at geoapp.as_of: today's rows that were there, and earlier versions that held then.
-- These are read once a statement: who may see an earlier version is asked row by row, which no loop may do again.
CREATE VIEW calc.known_{table} WITH (security_invoker = true) AS
WITH earlier AS MATERIALIZED (
    SELECT {columns}
    FROM calc.history AS h
    CROSS JOIN LATERAL jsonb_populate_record(NULL::facts.{table}, h.row) AS t
    WHERE
        h.operation_id = (SELECT calc.operation())
        AND h.subject = '{table}'
        AND h.recorded @> (SELECT calc.as_of())
)

SELECT {columns}
FROM {shown} AS t
WHERE t.recorded_at <= (SELECT calc.as_of())
UNION ALL
SELECT {columns}
FROM earlier AS t;
