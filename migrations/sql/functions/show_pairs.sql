-- Makes rows of the register say which kinds of pieces they have, which decides who is shown them; of these rows, or of those
-- that they are joined into. One that has no pieces goes when nobody has written on it, nor on those that are joined into it.
CREATE FUNCTION calc.show_pairs(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    these bigint[] := ARRAY(
        SELECT DISTINCT coalesce(p.joined_into, p.id) FROM facts.overlap_pair AS p
        WHERE p.operation_id = (SELECT calc.operation()) AND p.id = ANY (ids)
    );
    bare bigint[];
BEGIN
    UPDATE facts.overlap_pair AS p SET handling = k.handling, shown = k.shown
    FROM (
        SELECT o.pair_id, min(o.handling) AS handling, array_agg(DISTINCT o.handling::text || '|' || (
            SELECT string_agg(s.subject, '|' ORDER BY s.subject COLLATE "C") FROM unnest(o.subjects) AS s (subject)
        )) AS shown
        FROM facts.overlap AS o
        WHERE o.operation_id = (SELECT calc.operation()) AND o.pair_id = ANY (these)
        GROUP BY o.pair_id
    ) AS k
    JOIN calc.overlap_pair AS v ON v.operation_id = (SELECT calc.operation()) AND v.id = k.pair_id
    WHERE p.operation_id = (SELECT calc.operation()) AND p.id = k.pair_id
        AND (v.handling, v.shown) IS DISTINCT FROM (k.handling, k.shown);
    -- one that is joined into another is shown where a piece was that it had itself, and none where the other is not
    UPDATE facts.overlap_pair AS p SET shown = ARRAY(SELECT unnest(v.shown) INTERSECT SELECT unnest(k.shown) ORDER BY 1)
    FROM calc.overlap_pair AS k
    JOIN calc.overlap_pair AS v ON v.operation_id = k.operation_id AND v.joined_into = k.id
    WHERE p.operation_id = (SELECT calc.operation()) AND k.operation_id = p.operation_id AND k.id = ANY (these)
        AND p.id = v.id AND NOT v.shown <@ k.shown;
    bare := ARRAY(
        SELECT t.id FROM unnest(these) AS t (id) WHERE NOT EXISTS (
            SELECT FROM facts.overlap AS o WHERE o.operation_id = (SELECT calc.operation()) AND o.pair_id = t.id
        )
    );
    IF bare <> '{}' THEN
        bare := ARRAY(SELECT t.id FROM unnest(bare) AS t (id) EXCEPT SELECT calc.written(bare));
    END IF;
    IF bare <> '{}' THEN
        DELETE FROM facts.overlap_pair AS p
        WHERE p.operation_id = (SELECT calc.operation()) AND (p.id = ANY (bare) OR p.joined_into = ANY (bare));
    END IF;
END
$$;
