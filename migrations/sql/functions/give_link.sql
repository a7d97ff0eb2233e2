-- Keeps a one-time link by which a member sets a password, for the session of an administrator, in place of those before; until
-- when it holds.
CREATE FUNCTION calc.give_link(session text, operation text, number integer, link text, lasts interval) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about CONSTANT integer := calc.administers(session, operation);
    ends timestamptz := now() + lasts;
BEGIN
    IF NOT EXISTS (SELECT FROM keys.membership AS p WHERE p.member_id = number AND p.operation_id = about) THEN
        RAISE EXCEPTION 'There is no such member in this operation.' USING ERRCODE = 'GA003', HINT = 'Look at the list again.';
    ELSIF EXISTS (SELECT FROM keys.member AS m WHERE m.id = number AND m.disabled_at IS NOT NULL) THEN
        RAISE EXCEPTION 'This account was disabled by whoever runs this instance.'
            USING ERRCODE = 'GA004', HINT = 'Ask them: `geoapp member add` lets it in again.';
    ELSIF NOT calc.may_link(session, number) THEN
        RAISE EXCEPTION 'This account works in other operations too, which a new password would open.'
            USING ERRCODE = 'GA001', HINT = 'Whoever runs this instance makes the link: `geoapp member link`.';
    END IF;
    DELETE FROM keys.secret AS s WHERE s.member_id = number AND s.kind = 'link';
    INSERT INTO keys.secret (hash, member_id, kind, ends_at) VALUES (sha256(convert_to(link, 'UTF8')), number, 'link', ends);
    RETURN ends;
END
$$;
