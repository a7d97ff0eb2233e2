-- Of these pieces of overlaps, those of pairs that nobody has written on.
CREATE FUNCTION calc.unwritten(ids bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    written CONSTANT bigint[] := ARRAY(SELECT calc.written(ARRAY(
        SELECT DISTINCT o.pair_id FROM facts.overlap AS o
        WHERE o.operation_id = (SELECT calc.operation()) AND o.id = ANY (ids)
    )));
BEGIN
    RETURN QUERY SELECT o.id FROM facts.overlap AS o
    WHERE o.operation_id = (SELECT calc.operation()) AND o.id = ANY (ids) AND o.pair_id <> ALL (written);
END
$$;
