-- The domains of actors that the audience is told nothing about.
CREATE FUNCTION calc.withheld_domains() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('withheld_domains')::text[], '{}');
END
$$;
