-- Keeps a token of whoever has signed in, its number; within an operation that they work in, and a room that they may enter,
-- where these are named. GA000 for no such operation, GA005 for no such room, GA004 for more tokens than anybody looks after.
CREATE FUNCTION calc.make_token(session text, token text, name text, operation text, room text, reads boolean, lasts interval)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who CONSTANT integer := calc.own(session);
    about integer;
    number bigint;
BEGIN
    PERFORM 1 FROM keys.member AS m WHERE m.id = who FOR UPDATE; -- two at once count each other's
    IF operation IS NOT NULL THEN
        about := (SELECT o.operation_id FROM keys.membership AS p JOIN facts.operation AS o ON o.operation_id = p.operation_id
            WHERE p.member_id = who AND o.key = make_token.operation);
        IF about IS NULL THEN
            RAISE EXCEPTION 'There is no operation %.', quote_literal(operation)
                USING ERRCODE = 'GA000', HINT = '`GET /operations` lists them.';
        END IF;
    END IF;
    IF room IS NOT NULL AND NOT EXISTS (
        SELECT FROM calc.own_rooms(session) AS r WHERE r.operation = make_token.operation AND r.room = make_token.room) THEN
        RAISE EXCEPTION 'There is no room % in it.', quote_literal(room)
            USING ERRCODE = 'GA005', HINT = 'Name the operation, and one of the rooms that you may enter there.';
    ELSIF (SELECT count(*) FROM keys.secret AS s WHERE s.member_id = who AND s.kind = 'token' AND now() < s.ends_at) >= 50 THEN
        RAISE EXCEPTION 'You have 50 tokens.' USING ERRCODE = 'GA004', HINT = 'Revoke those that nothing uses.';
    END IF;
    INSERT INTO keys.secret AS s (hash, member_id, kind, name, ends_at, operation_id, room, reads)
    VALUES (sha256(convert_to(token, 'UTF8')), who, 'token', make_token.name, now() + lasts, about, make_token.room,
        make_token.reads)
    RETURNING s.id INTO number;
    RETURN number;
END
$$;
