-- Whose session, token or link this is, as long as it holds; it was seen now. Whoever knows the secret may ask.
CREATE FUNCTION calc.who(secret text, of_kinds text[]) RETURNS TABLE (email text, name text) LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH known AS (
        UPDATE keys.secret AS s SET seen_at = now() FROM keys.member AS m
        WHERE s.hash = sha256(convert_to(who.secret, 'UTF8')) AND s.kind = ANY (of_kinds) AND now() < s.ends_at
            AND (s.idle IS NULL OR now() < s.seen_at + s.idle) AND m.id = s.member_id AND m.disabled_at IS NULL
        RETURNING m.id, m.email, m.name, s.kind
    ), seen AS (
        UPDATE keys.member AS m SET seen_at = now() FROM known AS k WHERE m.id = k.id AND k.kind <> 'link'
    )
    SELECT k.email, k.name FROM known AS k
$$;
