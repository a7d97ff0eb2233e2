-- The moment as of which the map is drawn; now when none was said.
CREATE FUNCTION calc.as_of() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('as_of')::timestamptz, now());
END
$$;
