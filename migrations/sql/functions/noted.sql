-- Keeps what decides who is shown the notes of an overlap equal to what decides who is shown the overlap.
CREATE FUNCTION calc.noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facts.overlap_note AS n SET handling = NEW.handling, subjects = NEW.subjects
    WHERE n.operation_id = NEW.operation_id AND n.overlap_id = NEW.id;
    RETURN NULL;
END
$$;
