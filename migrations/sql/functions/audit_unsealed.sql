-- The entries of the audit that are in no chain yet, in the order in which they were written, each with the last of its chain;
-- for a login that serves, by its key. Nobody else seals until the transaction ends.
CREATE FUNCTION calc.audit_unsealed(key text, most integer)
RETURNS TABLE (
    id bigint, operation_id integer, at timestamptz, who text, room text, did text, subject text, record text,
    version integer, fields text[], told jsonb, last_number bigint, last_mac bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT calc.serves(audit_unsealed.key) THEN
        RAISE EXCEPTION 'who asks is not known' USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF NOT EXISTS (SELECT FROM keys.audit AS a WHERE a.number IS NULL) THEN
        RETURN;
    END IF;
    LOCK TABLE keys.audit IN SHARE UPDATE EXCLUSIVE MODE;
    RETURN QUERY
    SELECT a.id, a.operation_id, a.at, a.who, a.room, a.did, a.subject, a.record, a.version, a.fields, a.told, l.number, l.mac
    FROM keys.audit AS a
    LEFT JOIN LATERAL (
        SELECT b.number, b.mac FROM keys.audit AS b WHERE b.operation_id = a.operation_id AND b.number IS NOT NULL
        ORDER BY b.number DESC LIMIT 1
    ) AS l ON true
    WHERE a.number IS NULL ORDER BY a.id LIMIT audit_unsealed.most;
END
$$;
