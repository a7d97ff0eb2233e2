-- Keeps what decides who is shown the notes of an overlap equal to what decides who is shown the pieces that they may speak of.
CREATE FUNCTION calc.noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facts.overlap_note AS n SET handling = k.handling, subjects = k.subjects
    FROM (
        SELECT m.id, max(o.handling) AS handling, array_agg(DISTINCT s.subject) AS subjects
        FROM facts.overlap_note AS m
        JOIN facts.overlap AS o ON o.operation_id = m.operation_id AND o.id = ANY (m.pieces)
        CROSS JOIN unnest(o.subjects) AS s (subject)
        WHERE m.operation_id = NEW.operation_id AND m.pieces @> ARRAY[NEW.id]
        GROUP BY m.id
    ) AS k
    WHERE n.operation_id = NEW.operation_id AND n.id = k.id;
    RETURN NULL;
END
$$;
