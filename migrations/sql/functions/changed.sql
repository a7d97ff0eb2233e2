-- Counts that a table of this operation has changed, so that tiles drawn before are drawn again; and takes back what rooms
-- were told in place of its records, until that is made anew: before the end of the transaction, or else they are told less.
CREATE FUNCTION calc.changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO facts.change (operation_id, subject, number)
    SELECT calc.operation(), TG_TABLE_NAME, 1 WHERE calc.operation() IS NOT NULL
    ON CONFLICT (operation_id, subject) DO UPDATE SET number = facts.change.number + 1;
    IF TG_TABLE_NAME <> 'form' AND EXISTS (
        SELECT FROM facts.form AS f WHERE f.operation_id = calc.operation() AND TG_TABLE_NAME = ANY (f.reads)
    ) THEN
        DELETE FROM facts.form AS f WHERE f.operation_id = calc.operation() AND TG_TABLE_NAME = ANY (f.reads);
    END IF;
    RETURN NULL;
END
$$;
