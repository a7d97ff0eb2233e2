-- When the exercise's records were entered, revised, disputed and taken back: the eight weeks before 18 October 2026.
-- Run once by `geoapp.demo` as the owner of the database, within the exercise alone and before anybody has changed it. What it
-- makes follows from what the records say, so that it is the same wherever it is loaded; the records of today stay as they are.
CREATE FUNCTION pg_temp.dice(key text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT mod(('x' || substr(md5(key), 1, 8))::bit(32)::bigint, sides)::int
$$;
CREATE FUNCTION pg_temp.on_day(n int, key text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT least(
        TIMESTAMPTZ '2026-08-23 07:00:00+00' + make_interval(days => n, mins => pg_temp.dice(key, 540)),
        TIMESTAMPTZ '2026-10-18 05:00:00+00')
$$;
CREATE FUNCTION pg_temp.after(day date, key text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.on_day(greatest(3, day - DATE '2026-08-23'), key)
$$;

-- entered: the ground first, then who is where, then what is seen and what happened, day by day
UPDATE facts.boundary SET recorded_at = pg_temp.on_day(0, 'boundary');
UPDATE facts.actor SET recorded_at = pg_temp.on_day(0, 'actor');
UPDATE facts.road SET recorded_at = pg_temp.on_day(1, 'road');
UPDATE facts.security_area SET recorded_at = pg_temp.on_day(4, 'security');
UPDATE facts.site SET recorded_at = pg_temp.on_day(2 + pg_temp.dice(source_key, 20), source_key);
UPDATE facts.hazard_area SET recorded_at = pg_temp.on_day(5 + pg_temp.dice(source_key, 35), source_key);
UPDATE facts.arrangement SET recorded_at = pg_temp.on_day(12 + pg_temp.dice(source_key, 30), source_key);
UPDATE facts.access_constraint SET recorded_at = pg_temp.after(reported_on + 1, source_key);
UPDATE facts.road_report SET recorded_at = pg_temp.after(observed_on + 1, source_key);
UPDATE facts.risk_zone SET recorded_at = pg_temp.after(lower(valid) - 1, source_key);
UPDATE facts.area SET recorded_at = CASE
    -- the 3W comes month by month: most of it was in the one of September already
    WHEN positioning = 'presence' THEN pg_temp.on_day(CASE WHEN pg_temp.dice(source_key, 10) < 7 THEN 14 ELSE 44 END, '3W')
    ELSE pg_temp.on_day(3 + pg_temp.dice(source_key, 52), source_key) END;
UPDATE facts.area_part AS p SET recorded_at = a.recorded_at FROM facts.area AS a
WHERE a.operation_id = p.operation_id AND a.id = p.area_id;
UPDATE facts.overlap AS o SET recorded_at = greatest(a.recorded_at, b.recorded_at)
FROM facts.area AS a, facts.area AS b
WHERE a.operation_id = o.operation_id AND a.id = o.area_a AND b.operation_id = o.operation_id AND b.id = o.area_b;
UPDATE facts.overlap_pair AS p SET recorded_at = (
    SELECT min(o.recorded_at) FROM facts.overlap AS o WHERE o.operation_id = p.operation_id AND o.pair_id = p.id
);
UPDATE facts.incident SET recorded_at = least(
    greatest(source_ts, pg_temp.on_day(3, 'incidents')), TIMESTAMPTZ '2026-10-18 05:00:00+00');

-- revised: one incident in twelve was first told with more deaths, and corrected within ten days
CREATE TEMPORARY TABLE revised ON COMMIT DROP AS
SELECT i.id, i.recorded_at AS entered,
    least(i.recorded_at + make_interval(days => 2 + pg_temp.dice(i.source_event_id, 8)),
        TIMESTAMPTZ '2026-10-18 05:30:00+00') AS corrected,
    1 + pg_temp.dice('deaths' || i.source_event_id, 3) AS more
FROM facts.incident AS i WHERE pg_temp.dice('revised' || i.source_event_id, 12) = 0;
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT i.operation_id, i.handling, 'incident', i.id, tstzrange(r.entered, r.corrected), 'A. Analyst',
    to_jsonb(i) || jsonb_build_object('fatalities', coalesce(i.fatalities, 0) + r.more, 'verification', 'unverified')
FROM calc.incident AS i JOIN revised AS r ON r.id = i.id;
UPDATE facts.incident AS i SET recorded_at = r.corrected, recorded_by = 'A. Analyst', version = i.version + 1, batch_id = NULL
FROM revised AS r WHERE r.id = i.id;

-- disputed: one claim about forces in six was contradicted for some days, until its source was heard again
CREATE TEMPORARY TABLE contested ON COMMIT DROP AS
SELECT a.id, a.recorded_at AS entered, a.recorded_at + interval '3 days' AS doubted,
    least(a.recorded_at + make_interval(days => 6 + pg_temp.dice(a.source_key, 12)),
        TIMESTAMPTZ '2026-10-18 05:30:00+00') AS settled
FROM facts.area AS a
WHERE a.positioning <> 'presence' AND NOT a.disputed AND pg_temp.dice('contested' || a.source_key, 6) = 0
    AND a.recorded_at < TIMESTAMPTZ '2026-10-10 00:00:00+00';
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT a.operation_id, a.handling, 'area', a.id, v.held, v.by, to_jsonb(a) || v.said
FROM calc.area AS a
JOIN contested AS c ON c.id = a.id
CROSS JOIN LATERAL (VALUES
    (tstzrange(c.entered, c.doubted), 'L. Liaison', '{}'::jsonb),
    (tstzrange(c.doubted, c.settled), 'A. Analyst',
        jsonb_build_object('disputed', true, 'version', a.version + 1, 'recorded_at', c.doubted, 'recorded_by', 'L. Liaison',
            'batch_id', NULL))
) AS v (held, by, said);
UPDATE facts.area AS a SET recorded_at = c.settled, recorded_by = 'A. Analyst', version = a.version + 2, batch_id = NULL
FROM contested AS c WHERE c.id = a.id;

-- reviewed: every zone was a draft, then looked at by somebody else, before it was published
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT z.operation_id, z.handling, 'risk_zone', z.id,
    tstzrange(z.recorded_at - v.began, z.recorded_at - v.ended), v.by,
    to_jsonb(z) || jsonb_build_object('status', v.status, 'version', v.version, 'recorded_at', z.recorded_at - v.began,
        'recorded_by', 'S. Adviser', 'batch_id', NULL)
FROM facts.risk_zone AS z
CROSS JOIN (VALUES
    ('draft', 1, interval '4 days', interval '2 days', 'S. Adviser'),
    ('in_review', 2, interval '2 days', interval '0 days', 'R. Reviewer')
) AS v (status, version, began, ended, by)
WHERE z.status = 'published';
UPDATE facts.risk_zone SET version = 3, recorded_by = 'R. Reviewer', batch_id = NULL WHERE status = 'published';

-- in review: the zone that ends first is to hold for another month; its author sent it the day before
INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
SELECT f.operation_id, f.handling, 'risk_zones.draft', f.hash, f.geom, f.km2, f.label, f.mid, f.low
FROM facts.risk_zone AS z
JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
WHERE z.source_key = 'KVZ-07';
INSERT INTO facts.risk_zone (operation_id, handling, valid, source_key, name, threat_category, likelihood, impact, level,
    applies_to, time_of_day, basis, author, status, footprint_id, version, recorded_at, recorded_by, number, matrix_version,
    replaces)
SELECT z.operation_id, z.handling, '[2026-11-01,2026-12-01)', 'KVZ-10', z.name, z.threat_category, z.likelihood, z.impact,
    z.level, z.applies_to, z.time_of_day, 'Marches are announced for each Friday of November as well.', 'S. Adviser',
    'in_review', d.id, 2, TIMESTAMPTZ '2026-10-17 09:10:00+00', 'S. Adviser',
    (SELECT max(n.number) + 1 FROM facts.risk_zone AS n), z.matrix_version, z.id
FROM facts.risk_zone AS z
JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
JOIN facts.footprint AS d ON d.operation_id = f.operation_id AND d.hash = f.hash AND d.handling = f.handling
    AND d.subject = 'risk_zones.draft'
WHERE z.source_key = 'KVZ-07';
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT z.operation_id, z.handling, 'risk_zone', z.id, tstzrange(w.written, z.recorded_at), 'S. Adviser',
    to_jsonb(z) || jsonb_build_object('status', 'draft', 'version', 1, 'recorded_at', w.written)
FROM facts.risk_zone AS z
CROSS JOIN (VALUES (TIMESTAMPTZ '2026-10-15 14:20:00+00')) AS w (written)
WHERE z.source_key = 'KVZ-10';

-- taken back: some incidents were false alarms, and some claims about forces turned out to be of somebody else
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT i.operation_id, i.handling, 'incident', n.id, tstzrange(i.recorded_at, i.recorded_at + interval '6 days'), 'A. Analyst',
    to_jsonb(i) || jsonb_build_object('id', n.id, 'source_event_id', 'QVW' || substr(i.source_event_id, 4), 'same_as_source',
        NULL, 'same_as_event', NULL)
FROM calc.incident AS i
CROSS JOIN LATERAL (SELECT nextval(pg_get_serial_sequence('facts.incident', 'id')) AS id WHERE i.id IS NOT NULL) AS n
WHERE pg_temp.dice('false' || i.source_event_id, 90) = 0
    AND i.recorded_at BETWEEN TIMESTAMPTZ '2026-08-27 00:00:00+00' AND TIMESTAMPTZ '2026-10-11 00:00:00+00';
CREATE TEMPORARY TABLE mistaken ON COMMIT DROP AS
SELECT a.id AS was, nextval(pg_get_serial_sequence('facts.area', 'id')) AS id,
    tstzrange(a.recorded_at, a.recorded_at + interval '8 days') AS held
FROM facts.area AS a
WHERE a.positioning <> 'presence' AND a.domain <> 'civil' AND pg_temp.dice('mistaken' || a.source_key, 9) = 0
    AND a.recorded_at < TIMESTAMPTZ '2026-10-08 00:00:00+00';
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT a.operation_id, a.handling, 'area', m.id, m.held, 'L. Liaison', to_jsonb(a) || jsonb_build_object(
    'id', m.id, 'source_key', a.source_key || ' (mistaken)', 'name', concat(a.name, ' (taken back)'), 'reliability', 'E')
FROM calc.area AS a JOIN mistaken AS m ON m.was = a.id;
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT p.operation_id, p.handling, 'area_part', n.id, m.held, 'L. Liaison',
    to_jsonb(p) || jsonb_build_object('id', n.id, 'area_id', m.id)
FROM facts.area_part AS p
JOIN mistaken AS m ON m.was = p.area_id
CROSS JOIN LATERAL (
    SELECT nextval(pg_get_serial_sequence('facts.area_part', 'id')) AS id WHERE p.id IS NOT NULL
) AS n;
INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
SELECT o.operation_id, o.handling, 'overlap', n.id, m.held * tstzrange(o.recorded_at, NULL), 'L. Liaison',
    to_jsonb(o) || jsonb_build_object('id', n.id,
        'area_a', CASE WHEN o.area_a = m.was THEN m.id ELSE o.area_a END,
        'area_b', CASE WHEN o.area_b = m.was THEN m.id ELSE o.area_b END)
FROM facts.overlap AS o
JOIN mistaken AS m ON m.was IN (o.area_a, o.area_b)
CROSS JOIN LATERAL (
    SELECT nextval(pg_get_serial_sequence('facts.overlap', 'id')) AS id WHERE o.id IS NOT NULL
) AS n
WHERE m.held && tstzrange(o.recorded_at, NULL);

-- a file landed when the last of what it brought was entered; the base map, which is no record, on the first day
UPDATE facts.batch SET landed_at = pg_temp.on_day(0, 'boundary');
UPDATE facts.batch AS b SET landed_at = r.last
FROM (
    SELECT t.batch_id, max(t.recorded_at) AS last FROM (
        SELECT batch_id, recorded_at FROM facts.boundary
        UNION ALL SELECT batch_id, recorded_at FROM facts.site
        UNION ALL SELECT batch_id, recorded_at FROM facts.road
        UNION ALL SELECT batch_id, recorded_at FROM facts.road_report
        UNION ALL SELECT batch_id, recorded_at FROM facts.area
        UNION ALL SELECT batch_id, recorded_at FROM facts.area_part
        UNION ALL SELECT batch_id, recorded_at FROM facts.hazard_area
        UNION ALL SELECT batch_id, recorded_at FROM facts.incident
        UNION ALL SELECT batch_id, recorded_at FROM facts.risk_zone
        UNION ALL SELECT batch_id, recorded_at FROM facts.arrangement
        UNION ALL SELECT batch_id, recorded_at FROM facts.security_area
        UNION ALL SELECT batch_id, recorded_at FROM facts.access_constraint
    ) AS t GROUP BY t.batch_id
) AS r
WHERE r.batch_id = b.id;
