-- The tables of this operation that have changed since what rooms are told in place of their records was made.
CREATE FUNCTION calc.due() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(c.subject), '{}') FROM facts.change AS c WHERE c.operation_id = calc.operation() AND c.due
$$;
