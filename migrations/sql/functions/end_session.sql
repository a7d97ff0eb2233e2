-- Ends the session of a secret, or with `all_of_them` every session of its member; whoever knows the secret may.
CREATE FUNCTION calc.end_session(secret text, all_of_them boolean) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM keys.secret AS s USING keys.secret AS known
    WHERE known.hash = sha256(convert_to(end_session.secret, 'UTF8')) AND known.kind = 'session' AND s.kind = 'session'
        AND s.member_id = known.member_id AND (all_of_them OR s.hash = known.hash)
$$;
