-- Sets the password of the member whose one-time link this is; the link and all sessions of the member end. Whose it was; NULL
-- where the link does not hold, or it is no login that serves.
CREATE FUNCTION calc.set_password(key text, link text, password text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who integer;
    whose text;
BEGIN
    DELETE FROM keys.secret AS s USING keys.member AS m
    WHERE calc.serves(key) AND s.hash = sha256(convert_to(link, 'UTF8')) AND s.kind = 'link' AND now() < s.ends_at
        AND m.id = s.member_id AND m.disabled_at IS NULL
    RETURNING m.id, m.email INTO who, whose;
    UPDATE keys.member AS m SET password = set_password.password WHERE m.id = who;
    DELETE FROM keys.secret AS s WHERE s.member_id = who AND s.kind <> 'token';
    DELETE FROM keys.failure AS f WHERE f.account = sha256(convert_to(whose, 'UTF8'));
    RETURN whose;
END
$$;
