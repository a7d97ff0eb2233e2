-- An entry of the audit is added, sealed once, and neither changed nor taken away. It stops the owner of the table from doing so
-- by mistake; who sets this aside is found by the chain.
CREATE FUNCTION calc.audit_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seal CONSTANT text[] := ARRAY['number', 'sealed_at', 'sealed_with', 'mac'];
BEGIN
    IF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.number IS NULL AND to_jsonb(OLD) - seal = to_jsonb(NEW) - seal THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'an entry of the audit is neither changed nor taken away' USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
