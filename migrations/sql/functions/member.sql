-- Who is asking; NULL when nobody was named.
CREATE FUNCTION calc.member() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('member');
END
$$;
