-- Which operation this transaction is about; NULL when none was said, and then nothing is visible.
CREATE FUNCTION calc.operation() RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('operation')::integer;
END
$$;
