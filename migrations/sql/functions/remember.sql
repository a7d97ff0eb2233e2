-- Keeps the earlier version of a row that is changed or deleted, and numbers the new one. Columns named as arguments
-- are derived: a change of these alone is no new version. Versions that lived within one transaction are not kept. One that
-- is dated later than the clock, as in an exercise of next year, is kept, and was known at no moment.
CREATE FUNCTION calc.remember() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    was CONSTANT jsonb := to_jsonb(OLD);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF was - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
            RETURN NEW;
        END IF;
        NEW.version := OLD.version + 1;
        NEW.recorded_at := now();
        NEW.recorded_by := calc.member();
    END IF;
    IF OLD.recorded_at <> now() THEN
        INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
        VALUES (OLD.operation_id, OLD.handling, TG_TABLE_NAME, OLD.id, tstzrange(least(OLD.recorded_at, now()), now()),
            calc.member(), was);
    END IF;
    RETURN CASE WHEN TG_OP = 'UPDATE' THEN NEW ELSE OLD END;
END
$$;
