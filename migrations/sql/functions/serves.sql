-- Whether this is the key of a login that serves. Which keys there are is told to nobody.
CREATE FUNCTION calc.serves(key text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM keys.login AS l WHERE l.hash = sha256(convert_to(serves.key, 'UTF8')))
$$;
