-- The sessions and tokens of whoever has signed in that hold: `this` is the session that asks. Of a token the operation and the
-- room that it is kept to, NULL for all; an empty operation is one that the member works in no longer.
CREATE FUNCTION calc.own_secrets(session text) RETURNS TABLE (
    id bigint, kind text, name text, operation text, room text, reads boolean, made_at timestamptz, seen_at timestamptz,
    ends_at timestamptz, from_where text, this boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.id, s.kind, s.name, CASE WHEN s.operation_id IS NOT NULL THEN coalesce(o.key, '') END, s.room, s.reads, s.made_at,
        s.seen_at, s.ends_at, s.from_where, s.hash = sha256(convert_to(own_secrets.session, 'UTF8'))
    FROM keys.secret AS s
    LEFT JOIN keys.membership AS p ON p.member_id = s.member_id AND p.operation_id = s.operation_id
    LEFT JOIN facts.operation AS o ON o.operation_id = p.operation_id
    WHERE s.member_id = calc.own(own_secrets.session) AND s.kind IN ('session', 'token') AND now() < s.ends_at
        AND (s.idle IS NULL OR now() < s.seen_at + s.idle)
    ORDER BY s.seen_at DESC, s.id DESC
$$;
