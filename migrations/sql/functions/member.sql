-- Who is asking; NULL when nobody was named.
CREATE FUNCTION calc.member() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT calc.entered('member')
$$;
