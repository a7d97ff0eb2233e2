-- The kinds of pieces of overlaps that the audience is shown, as `facts.overlap_pair.shown` names them.
CREATE FUNCTION calc.shown_overlaps() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    up_to CONSTANT facts.handling := calc.clearance();
    subjects CONSTANT text[] := calc.shown_subjects();
BEGIN
    IF up_to IS NULL OR subjects = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT h.handling::text || '|' || a.subject || '|' || b.subject
        FROM unnest(enum_range(NULL::facts.handling, up_to)) AS h (handling)
        CROSS JOIN unnest(subjects) AS a (subject)
        JOIN unnest(subjects) AS b (subject) ON b.subject COLLATE "C" >= a.subject COLLATE "C"
        WHERE left(a.subject, 6) IN ('areas.', 'presen') AND left(b.subject, 6) IN ('areas.', 'presen')
    );
END
$$;
