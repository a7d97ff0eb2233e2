-- The same of a table whose rows are followed: notes which of them were changed, by the columns that the trigger names, as they
-- were and as they are, where some room is told something in their place; and which of the derived columns, which it names
-- next, where nothing else was. Of more than 500 in one statement it notes that there are many. What changed nothing is no
-- change.
CREATE FUNCTION calc.changed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed CONSTANT text := CASE TG_OP WHEN 'INSERT' THEN 'now' ELSE 'was' END;
    many bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %I LIMIT 501) AS r', changed) INTO many;
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO facts.change AS c (operation_id, subject, number, due)
    SELECT calc.operation(), TG_TABLE_NAME, 1, true WHERE calc.operation() IS NOT NULL
    ON CONFLICT (operation_id, subject) DO UPDATE SET number = c.number + 1, due = true;
    IF NOT EXISTS (
        SELECT FROM facts.form_made AS m WHERE m.operation_id = calc.operation() AND TG_TABLE_NAME = ANY (m.reads)
    ) THEN
        RETURN NULL;
    END IF;
    IF many > 500 THEN
        INSERT INTO facts.form_due (operation_id, subject, row) VALUES (calc.operation(), TG_TABLE_NAME, NULL);
    ELSE
        EXECUTE format(
            'INSERT INTO facts.form_due (operation_id, subject, row)
            SELECT DISTINCT calc.operation(), %L, to_jsonb(k) FROM (%s) AS k', TG_TABLE_NAME,
            CASE TG_OP
                WHEN 'UPDATE' THEN format(CASE WHEN TG_NARGS = 1 THEN 'SELECT %1$s FROM was UNION SELECT %1$s FROM now'
                    ELSE 'SELECT %1$s, CASE WHEN to_jsonb(was) - %2$L::text[] = to_jsonb(now) - %2$L::text[] THEN ARRAY(
                        SELECT d.name FROM unnest(%2$L::text[]) AS d (name)
                        WHERE to_jsonb(was) -> d.name <> to_jsonb(now) -> d.name) END AS derived
                    FROM was JOIN now USING (operation_id, id)' END, TG_ARGV[0], string_to_array(TG_ARGV[1], ', '))
                ELSE format('SELECT %s FROM %I', TG_ARGV[0], changed)
            END
        );
    END IF;
    RETURN NULL;
END
$$;
