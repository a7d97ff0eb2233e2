-- Keeps a member's new session: the hash of its secret, how long it may be idle and how long it lasts, from where it was begun.
-- Those that have ended go.
CREATE FUNCTION calc.open_session(key text, member integer, secret text, idle interval, lasts interval, from_where text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM keys.secret AS s WHERE s.ends_at < now() AND calc.serves(open_session.key);
    INSERT INTO keys.secret (hash, member_id, kind, idle, ends_at, from_where)
    SELECT sha256(convert_to(secret, 'UTF8')), open_session.member, 'session', idle, now() + lasts, open_session.from_where
    WHERE calc.serves(open_session.key)
$$;
