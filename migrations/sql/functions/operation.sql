-- Which operation this transaction is about; NULL when none was said, and then nothing is visible.
CREATE FUNCTION calc.operation() RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT o.operation_id FROM facts.operation AS o WHERE o.key = nullif(current_setting('geoapp.operation', true), '')
    );
END
$$;
