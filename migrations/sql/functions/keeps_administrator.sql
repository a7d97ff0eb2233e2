-- Refuses what would take from an operation the last of its administrators who can sign in, one at a time, whoever does it.
CREATE FUNCTION calc.keeps_administrator() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM calc.role AS r WHERE r.key = OLD.role AND 'member' = ANY (r.records))
        OR (TG_OP = 'UPDATE' AND EXISTS (SELECT FROM calc.role AS r WHERE r.key = NEW.role AND 'member' = ANY (r.records)))
        OR NOT EXISTS (SELECT FROM facts.operation AS o WHERE o.operation_id = OLD.operation_id)
        OR NOT EXISTS (SELECT FROM keys.member AS m WHERE m.id = OLD.member_id AND m.disabled_at IS NULL AND m.password IS NOT NULL)
    THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('geoapp.administrators', OLD.operation_id));
    IF NOT EXISTS (
        SELECT FROM keys.membership AS p JOIN calc.role AS r ON r.key = p.role JOIN keys.member AS m ON m.id = p.member_id
        WHERE p.operation_id = OLD.operation_id AND p.member_id <> OLD.member_id AND 'member' = ANY (r.records)
            AND m.disabled_at IS NULL AND m.password IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'The last administrator of an operation stays.'
            USING ERRCODE = 'GA002', HINT = 'Make somebody else administrator first; it counts once they have set their password.';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
