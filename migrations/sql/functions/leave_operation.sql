-- Takes whoever has signed in out of an operation that they work in; whether they were.
CREATE FUNCTION calc.leave_operation(session text, operation text) RETURNS boolean LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM keys.membership AS p USING facts.operation AS o
        WHERE p.member_id = calc.session_of(leave_operation.session) AND p.operation_id = o.operation_id
            AND o.key = leave_operation.operation
        RETURNING p.member_id
    )
    SELECT EXISTS (SELECT FROM gone)
$$;
