-- Tells in the audit what changes of members and what they are in operations, of their sessions, tokens and links, and sign-ins
-- that failed; of a failure only whose account it was, where there is such a one: what was typed may be a password.
CREATE FUNCTION calc.audited_keys() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about integer := 0;
    what text := TG_TABLE_NAME;
    how text := CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END;
    differs text[];
    whose text;
    doer text := coalesce(calc.member(), session_user);
    r jsonb;
BEGIN
    r := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(n.key ORDER BY n.key) INTO differs FROM jsonb_each(r) AS n
        WHERE n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key;
        IF differs IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    whose := CASE TG_TABLE_NAME WHEN 'member' THEN r ->> 'email'
        WHEN 'failure' THEN (SELECT m.email FROM keys.member AS m
            WHERE encode(sha256(convert_to(m.email, 'UTF8')), 'hex') = substr(r ->> 'account', 3))
        ELSE (SELECT m.email FROM keys.member AS m WHERE m.id = (r ->> 'member_id')::integer) END;
    IF TG_TABLE_NAME IN ('membership', 'reader') THEN
        about := (r ->> 'operation_id')::integer;
    ELSIF TG_TABLE_NAME = 'failure' THEN
        what := 'session';
        how := 'failed to sign in';
        doer := coalesce(whose, 'unknown');
    ELSIF TG_TABLE_NAME = 'secret' THEN
        what := r ->> 'kind';
        IF TG_OP = 'DELETE' AND (r ->> 'ends_at')::timestamptz <= now() THEN
            RETURN NULL;
        END IF;
        IF what = 'session' THEN
            how := CASE TG_OP WHEN 'INSERT' THEN 'signed in' ELSE 'signed out' END;
            doer := coalesce(whose, doer);
        END IF;
    END IF;
    INSERT INTO keys.audit (operation_id, who, room, did, subject, record, fields)
    VALUES (about, doer, calc.audience(), how, what, whose, differs);
    RETURN NULL;
END
$$;
