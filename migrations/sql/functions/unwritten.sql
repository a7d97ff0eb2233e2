-- Of these overlaps, those that nobody has written on.
CREATE FUNCTION calc.unwritten(ids bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT o.id FROM calc.overlap AS o
    WHERE o.operation_id = (SELECT calc.operation()) AND o.id = ANY (ids) AND o.status = 'new'
        AND o.strategy = 'undetermined' AND o.liaison = 'unknown' AND o.owner IS NULL AND o.due IS NULL
        AND NOT EXISTS (
            SELECT FROM facts.overlap_note AS n WHERE n.operation_id = o.operation_id AND n.overlap_id = o.id
        );
END
$$;
