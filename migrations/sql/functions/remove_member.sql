-- Takes somebody out of an operation, for the session of an administrator, and ends the links given for them; their mail
-- address.
CREATE FUNCTION calc.remove_member(session text, operation text, number integer) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about CONSTANT integer := calc.administers(session, operation);
    whose text;
BEGIN
    DELETE FROM keys.membership AS p USING keys.member AS m
    WHERE p.member_id = number AND p.operation_id = about AND m.id = p.member_id RETURNING m.email INTO whose;
    IF whose IS NULL THEN
        RAISE EXCEPTION 'There is no such member in this operation.' USING ERRCODE = 'GA003', HINT = 'Look at the list again.';
    END IF;
    DELETE FROM keys.secret AS s WHERE s.member_id = number AND s.kind = 'link';
    RETURN whose;
END
$$;
