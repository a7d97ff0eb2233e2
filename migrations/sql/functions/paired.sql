-- Follows what changes of pieces of overlaps in the rows of the register that they have, and had.
CREATE FUNCTION calc.paired() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT DISTINCT w.pair_id FROM was AS w WHERE w.pair_id IS NOT NULL);
    ELSE
        touched := ARRAY(
            SELECT DISTINCT k.pair_id FROM was AS w
            JOIN now AS n USING (operation_id, id)
            CROSS JOIN LATERAL (VALUES (w.pair_id), (n.pair_id)) AS k (pair_id)
            WHERE k.pair_id IS NOT NULL
                AND (w.pair_id, w.handling, w.subjects) IS DISTINCT FROM (n.pair_id, n.handling, n.subjects)
        );
    END IF;
    IF touched <> '{}' THEN
        PERFORM calc.show_pairs(touched);
    END IF;
    RETURN NULL;
END
$$;
