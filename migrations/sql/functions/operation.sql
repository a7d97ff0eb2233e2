-- Which operation this transaction is about; NULL when none was said, and then nothing is visible.
CREATE FUNCTION calc.operation() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT calc.entered('operation')::integer
$$;
