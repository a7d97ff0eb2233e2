-- The operation of this key, for the session of one of its administrators. Anybody else is told why not: GA001 for a member who
-- administers nothing here; GA000 for an operation that there is not, or in which who asks does not work, which are one.
CREATE FUNCTION calc.administers(session text, operation text) RETURNS integer LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about integer;
    decides boolean;
BEGIN
    SELECT o.operation_id, p.rooms IS NULL AND 'member' = ANY (r.records) INTO about, decides
    FROM keys.membership AS p JOIN facts.operation AS o ON o.operation_id = p.operation_id JOIN calc.role AS r ON r.key = p.role
    WHERE p.member_id = calc.session_of(session) AND o.key = administers.operation;
    IF about IS NULL THEN
        RAISE EXCEPTION 'There is no operation %.', quote_literal(operation) USING ERRCODE = 'GA000', HINT = '`GET /operations` lists them.';
    ELSIF NOT decides THEN
        RAISE EXCEPTION 'Members are seen to by the administrators of this operation.'
            USING ERRCODE = 'GA001', HINT = 'Ask one of them; the page Members is for looking.';
    END IF;
    RETURN about;
END
$$;
