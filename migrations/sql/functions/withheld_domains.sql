-- The domains of actors that the audience is told nothing about.
CREATE FUNCTION calc.withheld_domains() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(calc.entered('withheld_domains')::text[], '{}')
$$;
