-- Sets the password of whoever has signed in, for a login that serves, which has compared the one before; every other session
-- of theirs and every link end, tokens stay. Whether it was set.
CREATE FUNCTION calc.change_password(key text, session text, password text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who CONSTANT integer := CASE WHEN calc.serves(key) THEN calc.own(session) END;
BEGIN
    UPDATE keys.member AS m SET password = change_password.password WHERE m.id = who;
    DELETE FROM keys.secret AS s
    WHERE s.member_id = who AND s.kind <> 'token' AND s.hash <> sha256(convert_to(session, 'UTF8'));
    RETURN who IS NOT NULL;
END
$$;
