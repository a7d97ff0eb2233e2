-- The operations that whoever has signed in works in, with their role there and the rooms that they may enter, in order.
CREATE FUNCTION calc.own_rooms(session text) RETURNS TABLE (operation text, title text, role text, room text, room_title text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT o.key, o.title, p.role, a.key, a.title
    FROM keys.membership AS p JOIN facts.operation AS o ON o.operation_id = p.operation_id
    JOIN facts.audience AS a ON a.operation_id = p.operation_id AND (p.rooms IS NULL OR ARRAY[a.key] <@ p.rooms)
    WHERE p.member_id = calc.own(own_rooms.session)
    ORDER BY o.key, a.position
$$;
