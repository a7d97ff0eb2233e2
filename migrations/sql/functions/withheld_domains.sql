-- The domains of actors that the audience is told nothing about.
CREATE FUNCTION calc.withheld_domains() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT coalesce((
            SELECT a.withheld_domains FROM facts.audience AS a
            WHERE a.operation_id = calc.operation() AND a.key = nullif(current_setting('geoapp.audience', true), '')
        ), '{}')
    );
END
$$;
