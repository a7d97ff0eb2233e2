-- Whether this audience is one that records facts.
CREATE FUNCTION calc.may_write() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT coalesce((
            SELECT a.may_write FROM facts.audience AS a
            WHERE a.operation_id = calc.operation() AND a.key = nullif(current_setting('geoapp.audience', true), '')
        ), false)
    );
END
$$;
