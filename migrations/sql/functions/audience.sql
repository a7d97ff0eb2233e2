-- Who is in the room; NULL when nobody was named.
CREATE FUNCTION calc.audience() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('audience');
END
$$;
