-- Who is asking; NULL when nobody was named.
CREATE FUNCTION calc.member() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('geoapp.member', true), '')
$$;
