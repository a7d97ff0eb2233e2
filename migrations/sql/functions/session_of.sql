-- The member whose session this is, as long as it holds; NULL for a token, a link and anything else: what people decide about
-- people, and about their own account, is decided by who has signed in. Asked by functions with the owner's rights alone.
CREATE FUNCTION calc.session_of(secret text) RETURNS integer LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.id FROM keys.secret AS s JOIN keys.member AS m ON m.id = s.member_id
    WHERE s.hash = sha256(convert_to(session_of.secret, 'UTF8')) AND s.kind = 'session' AND now() < s.ends_at
        AND now() < s.seen_at + s.idle AND m.disabled_at IS NULL
$$;
