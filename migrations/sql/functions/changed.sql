-- Counts that a table of this operation has changed, so that tiles drawn before are drawn again.
CREATE FUNCTION calc.changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO facts.change (operation_id, subject, number)
    SELECT calc.operation(), TG_TABLE_NAME, 1 WHERE calc.operation() IS NOT NULL
    ON CONFLICT (operation_id, subject) DO UPDATE SET number = facts.change.number + 1;
    RETURN NULL;
END
$$;
