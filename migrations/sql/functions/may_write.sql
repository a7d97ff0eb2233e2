-- Whether this audience is one that records facts.
CREATE FUNCTION calc.may_write() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(calc.entered('may_write')::boolean, false)
$$;
