-- The highest handling the audience may see; NULL without an audience, and then nothing is visible.
CREATE FUNCTION calc.clearance() RETURNS facts.handling LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT a.clearance FROM facts.audience AS a
        WHERE a.operation_id = calc.operation() AND a.key = nullif(current_setting('geoapp.audience', true), '')
    );
END
$$;
