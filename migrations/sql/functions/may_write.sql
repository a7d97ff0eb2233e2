-- Whether this audience is one that records facts.
CREATE FUNCTION calc.may_write() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('may_write')::boolean, false);
END
$$;
