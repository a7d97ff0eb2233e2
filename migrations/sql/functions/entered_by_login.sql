-- What calc.entered() answers in a session of a login that reads as a member (keys.reader): it enters by itself, once a
-- transaction, the room that the login is for. What it is shown ends with the member, the membership or the login.
CREATE FUNCTION calc.entered_by_login(field text) RETURNS text LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM calc.entering(''); -- what is asked while it enters sees that nobody has
    PERFORM calc.enter('', '', '', '', '', '');
    RETURN calc.entered(field);
END
$$;
