-- Whether the audience may see an earlier version of a row: the same rules as for the row itself.
CREATE FUNCTION calc.shown_then(subject text, earlier jsonb) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE subject
        WHEN 'incident' THEN
            calc.precision_of('incidents') BETWEEN (earlier ->> 'finest')::int AND (earlier ->> 'coarsest')::int
            AND ((earlier ->> 'redistributable')::boolean OR NOT calc.exporting())
        WHEN 'area' THEN earlier ->> 'subject' = ANY (calc.shown_subjects())
        WHEN 'area_part' THEN earlier ->> 'subject' = ANY (calc.shown_subjects())
        WHEN 'overlap' THEN calc.precision_of('overlaps') <= 2 AND calc.shown_subjects() @> ARRAY(
            SELECT jsonb_array_elements_text(earlier -> 'subjects'))
        WHEN 'actor' THEN earlier ->> 'domain' <> ALL (calc.withheld_domains())
        WHEN 'site' THEN calc.precision_of('sites') = 0
        WHEN 'road' THEN calc.precision_of('roads') = 0
        WHEN 'route' THEN calc.precision_of('routes') = 0
        WHEN 'risk_zone' THEN calc.precision_of('risk_zones') <= 2
            AND (earlier ->> 'status' = 'published' OR calc.may_write())
        WHEN 'security_area' THEN calc.precision_of('security_levels') <= 2
        WHEN 'access_constraint' THEN calc.precision_of('access_constraints') = 0
        WHEN 'road_report' THEN calc.precision_of('roads') = 0
        WHEN 'hazard_area' THEN calc.precision_of('hazards') <= 2
        WHEN 'arrangement' THEN calc.precision_of('arrangements') <= 2
        WHEN 'boundary' THEN calc.precision_of('boundaries') <= 2
        ELSE false
    END
$$;
