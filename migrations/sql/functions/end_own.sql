-- Ends a session or a token of whoever has signed in, by its number; whether there was such a one.
CREATE FUNCTION calc.end_own(session text, of_kind text, number bigint) RETURNS boolean LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM keys.secret AS s
        WHERE s.member_id = calc.own(end_own.session) AND s.id = number AND s.kind = of_kind AND of_kind IN ('session', 'token')
        RETURNING s.id
    )
    SELECT EXISTS (SELECT FROM gone)
$$;
