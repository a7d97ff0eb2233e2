-- Counts that so many rows of a table whose rows are followed have changed, and that what is told in their place is due. Whether
-- it is to be noted which: not of more than 500 in one statement, and only where some room is told something in their place.
CREATE FUNCTION calc.follows(which text, many bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF many = 0 THEN
        RETURN false;
    END IF;
    INSERT INTO facts.change AS c (operation_id, subject, number, due)
    SELECT calc.operation(), which, 1, true WHERE calc.operation() IS NOT NULL
    ON CONFLICT (operation_id, subject) DO UPDATE SET number = c.number + 1, due = true;
    IF NOT EXISTS (
        SELECT FROM facts.form_made AS m WHERE m.operation_id = calc.operation() AND which = ANY (m.reads)
    ) THEN
        RETURN false;
    END IF;
    IF many > 500 THEN
        INSERT INTO facts.form_due (operation_id, subject, row) VALUES (calc.operation(), which, NULL);
    END IF;
    RETURN many <= 500;
END
$$;
