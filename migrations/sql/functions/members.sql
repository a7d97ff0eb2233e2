-- The members of an operation: all of them for the session of an administrator, for another member themselves alone, nobody for
-- anybody else.
CREATE FUNCTION calc.members(session text, operation text) RETURNS TABLE (
    id integer, email text, name text, role text, rooms text[], state text, since timestamptz, seen_at timestamptz,
    link_ends_at timestamptz, you boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.id, m.email, m.name, p.role, p.rooms,
        CASE WHEN m.disabled_at IS NOT NULL THEN 'disabled' WHEN m.password IS NULL THEN 'invited' ELSE 'active' END,
        p.made_at, m.seen_at,
        (SELECT max(s.ends_at) FROM keys.secret AS s WHERE s.member_id = m.id AND s.kind = 'link' AND now() < s.ends_at),
        m.id = asks.member_id
    FROM keys.membership AS asks JOIN facts.operation AS o ON o.operation_id = asks.operation_id
    JOIN calc.role AS r ON r.key = asks.role JOIN keys.membership AS p ON p.operation_id = asks.operation_id
    JOIN keys.member AS m ON m.id = p.member_id
    WHERE asks.member_id = calc.session_of(members.session) AND o.key = members.operation
        AND (p.member_id = asks.member_id OR (asks.rooms IS NULL AND 'member' = ANY (r.records)))
    ORDER BY lower(m.name), m.email
$$;
