-- Puts entries of the audit into their chains: the number and the code (MAC) of each, made with a key that is outside the
-- database. For a login that serves, by its key; what is in a chain already stays as it is.
CREATE FUNCTION calc.audit_seal(key text, ids bigint[], numbers bigint[], macs bytea[], sealed_with text, sealed_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT calc.serves(audit_seal.key) THEN
        RAISE EXCEPTION 'who asks is not known' USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    UPDATE keys.audit AS a SET number = s.number, mac = s.mac, sealed_with = audit_seal.sealed_with, sealed_at = audit_seal.sealed_at
    FROM unnest(ids, numbers, macs) AS s (id, number, mac) WHERE a.id = s.id AND a.number IS NULL;
END
$$;
