-- Tells in the audit what leaves no trace in a record: that something was exported, printed or packed, or somebody refused.
-- The operation, room and member are those of who asks. Only a login that serves says it, by its key.
CREATE FUNCTION calc.audit_told(key text, did text, subject text, record text, told jsonb) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT calc.serves(audit_told.key) THEN
        RAISE EXCEPTION 'who asks is not known' USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    INSERT INTO keys.audit (operation_id, who, room, did, subject, record, told)
    SELECT coalesce(calc.operation(), 0), calc.member(),
        CASE WHEN calc.clearance() IS NOT NULL THEN calc.audience() END, audit_told.did, audit_told.subject, audit_told.record,
        audit_told.told;
END
$$;
