-- The subjects whose shapes the audience is shown: a rule coarser than admin2 hides them, and so does a withheld domain.
CREATE FUNCTION calc.shown_subjects() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(s.subject), '{}')
        FROM facts.audience AS a
        CROSS JOIN LATERAL (
            SELECT u.subject, u.rule FROM (VALUES
                ('boundaries', 'boundaries'), ('risk_zones', 'risk_zones'), ('hazards', 'hazards'),
                ('arrangements', 'arrangements')
            ) AS u (subject, rule)
            UNION ALL
            SELECT k.prefix || d.domain, k.rule
            FROM (VALUES ('areas.', 'areas_of_operation'), ('presence.', 'presence')) AS k (prefix, rule)
            CROSS JOIN unnest(ARRAY[
                'civil', 'military', 'police', 'paramilitary', 'non_state_armed', 'private_security', 'unknown'
            ]) AS d (domain)
            WHERE d.domain <> ALL (a.withheld_domains)
        ) AS s
        WHERE a.operation_id = calc.operation()
            AND a.key = nullif(current_setting('geoapp.audience', true), '')
            AND coalesce(a.rules ->> s.rule, 'exact') IN ('exact', 'settlement', 'admin2')
    );
END
$$;
