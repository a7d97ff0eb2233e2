-- How many incidents were known at geoapp.as_of, in the shape of the counts that are kept of now. Of each event a room is
-- shown the one form that is as precise as its rule, so that every row it sees is counted once; a room that is shown no
-- single incidents has no counts of another day.
CREATE VIEW calc.known_incident_tally WITH (security_invoker = true) AS
SELECT
    i.operation_id,
    coalesce(i.pcode, '') AS pcode,
    date_trunc('month', coalesce(lower(i.valid), date '1900-01-01'))::date AS month,
    i.event_type,
    i.geo_precision IN ('exact', 'settlement') AS placed,
    i.handling,
    count(*)::int AS n,
    coalesce(sum(i.fatalities), 0)::int AS fatalities
FROM calc.known_incident AS i
WHERE i.same_as_event IS NULL
GROUP BY 1, 2, 3, 4, 5, 6;

CREATE VIEW calc.known_incident_bin WITH (security_invoker = true) AS
SELECT
    c.operation_id,
    c.z,
    c.x,
    c.y,
    c.month,
    c.handling,
    c.n,
    ST_SetSRID(ST_MakePoint(
        (c.x + 0.5) / (2 ^ c.z * 32) * 360 - 180,
        degrees(atan(sinh(pi() * (1 - 2 * (c.y + 0.5) / (2 ^ c.z * 32)))))
    ), 4326) AS geom
FROM (
    SELECT
        i.operation_id,
        k.z,
        floor((ST_X(i.geom) + 180) / 360 * 2 ^ k.z * 32)::int AS x,
        floor(
            (1 - ln(tan(radians(q.lat)) + 1 / cos(radians(q.lat))) / pi()) / 2 * 2 ^ k.z * 32
        )::int AS y,
        m.month,
        i.handling,
        count(*)::int AS n
    FROM calc.known_incident AS i
    CROSS JOIN generate_series(0, 8) AS k (z)
    CROSS JOIN LATERAL (SELECT greatest(-85.05, least(85.05, ST_Y(i.geom))) AS lat) AS q
    CROSS JOIN
        LATERAL (
            SELECT date '1900-01-01' AS month
            UNION ALL
            SELECT date_trunc('month', lower(i.valid))::date WHERE k.z = 5 AND lower(i.valid) IS NOT NULL
        ) AS m
    WHERE i.same_as_event IS NULL AND i.geo_precision IN ('exact', 'settlement')
    GROUP BY 1, 2, 3, 4, 5, 6
) AS c;
