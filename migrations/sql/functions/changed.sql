-- Counts that a table of this operation has changed, so that tiles drawn before are drawn again; and, unless the trigger says
-- that it tells nobody anything (false), that what rooms are told in place of its records is due, and told to nobody until
-- it is made anew: before the end of the transaction, or whenever somebody records next.
CREATE FUNCTION calc.changed() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO facts.change AS c (operation_id, subject, number, due)
    SELECT calc.operation(), TG_TABLE_NAME, 1, TG_ARGV[0]::boolean WHERE calc.operation() IS NOT NULL
    ON CONFLICT (operation_id, subject) DO UPDATE SET number = c.number + 1, due = c.due OR excluded.due;
    RETURN NULL;
END
$$;
