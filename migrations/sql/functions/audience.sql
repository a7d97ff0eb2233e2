-- Who is in the room; NULL when nobody was named.
CREATE FUNCTION calc.audience() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT calc.entered('audience')
$$;
