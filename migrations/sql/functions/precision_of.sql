-- How precisely the audience is shown a subject: 0 exact, 1 settlement, 2 admin2, 3 mgrs10, 4 count, 5 withheld.
-- A subject without a rule is exact; without an audience everything is withheld.
CREATE FUNCTION calc.precision_of(subject text) RETURNS smallint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT coalesce((
            SELECT coalesce(
                array_position(
                    ARRAY['exact', 'settlement', 'admin2', 'mgrs10', 'count', 'withheld'], a.rules ->> subject
                ), 1) - 1
            FROM facts.audience AS a
            WHERE a.operation_id = calc.operation() AND a.key = nullif(current_setting('geoapp.audience', true), '')
        ), 5)::smallint
    );
END
$$;
