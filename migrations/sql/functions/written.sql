-- Of these rows of the register those that somebody has written on, or on one that is joined into them.
CREATE FUNCTION calc.written(ids bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT k.id FROM calc.overlap_pair AS p
    CROSS JOIN LATERAL (VALUES (p.id), (p.joined_into)) AS k (id)
    WHERE p.operation_id = (SELECT calc.operation()) AND (p.id = ANY (ids) OR p.joined_into = ANY (ids)) AND k.id = ANY (ids)
        AND (
            p.status <> 'new' OR p.strategy <> 'undetermined' OR p.liaison <> 'unknown' OR p.owner IS NOT NULL
            OR p.due IS NOT NULL OR EXISTS (
                SELECT FROM facts.overlap_note AS n WHERE n.operation_id = p.operation_id AND n.pair_id = p.id
            )
        );
END
$$;
