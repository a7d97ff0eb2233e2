-- The member whose session this is, for what people do with their own account. Whoever asks with a token is told why not: GA001.
CREATE FUNCTION calc.own(session text) RETURNS integer LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who CONSTANT integer := calc.session_of(session);
BEGIN
    IF who IS NULL THEN
        RAISE EXCEPTION 'An account is seen to by who has signed in.'
            USING ERRCODE = 'GA001', HINT = 'A token reads and records; sign in on the page instead.';
    END IF;
    RETURN who;
END
$$;
