-- Makes somebody a member of an operation, or gives a member of it another role or other rooms, for the session of an
-- administrator; which member it is, whether they were a member before, and whether a link is needed and may be given. By mail
-- address whoever it is; by number one who is a member already. Links that were given before end where somebody new comes in:
-- whoever gave them could else come to what was not theirs. Names are not changed for others, and who was disabled stays so.
CREATE FUNCTION calc.set_member(session text, operation text, number integer, email text, name text, role text, rooms text[])
RETURNS TABLE (member integer, before boolean, linked boolean) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about CONSTANT integer := calc.administers(session, operation);
    who keys.member;
    there boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM calc.role AS r WHERE r.key = set_member.role AND (set_member.rooms IS NULL OR r.records = '{}'))
        OR EXISTS (SELECT FROM unnest(set_member.rooms) AS w (key) WHERE NOT EXISTS (
            SELECT FROM facts.audience AS a WHERE a.operation_id = about AND a.key = w.key)) THEN
        RAISE EXCEPTION 'This role or these rooms are not to be had.' USING ERRCODE = 'GA005';
    END IF;
    IF number IS NULL THEN
        INSERT INTO keys.member AS m (email, name) VALUES (set_member.email, set_member.name) ON CONFLICT DO NOTHING;
    END IF;
    SELECT m.* INTO who FROM keys.member AS m
    WHERE CASE WHEN number IS NULL THEN m.email = set_member.email ELSE m.id = number AND EXISTS (
        SELECT FROM keys.membership AS p WHERE p.member_id = number AND p.operation_id = about) END;
    IF who.id IS NULL THEN
        RAISE EXCEPTION 'There is no such member in this operation.' USING ERRCODE = 'GA003', HINT = 'Look at the list again.';
    ELSIF who.disabled_at IS NOT NULL THEN
        RAISE EXCEPTION 'This account was disabled by whoever runs this instance.'
            USING ERRCODE = 'GA004', HINT = 'Ask them: `geoapp member add` lets it in again.';
    END IF;
    there := EXISTS (SELECT FROM keys.membership AS p WHERE p.member_id = who.id AND p.operation_id = about);
    IF there AND number IS NULL THEN
        RAISE EXCEPTION '% is a member of this operation already.', who.email
            USING ERRCODE = 'GA004', HINT = 'Change role and rooms in their line.';
    END IF;
    INSERT INTO keys.membership AS p (member_id, operation_id, role, rooms)
    VALUES (who.id, about, set_member.role, set_member.rooms)
    ON CONFLICT (member_id, operation_id) DO UPDATE SET role = excluded.role, rooms = excluded.rooms;
    IF NOT there THEN
        DELETE FROM keys.secret AS s WHERE s.member_id = who.id AND s.kind = 'link';
    END IF;
    RETURN QUERY SELECT who.id, there, who.password IS NULL AND calc.may_link(session, who.id);
END
$$;
