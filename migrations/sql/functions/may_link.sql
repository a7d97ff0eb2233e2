-- Whether who administers this operation may give a member a link: only where the member works in no operation that the same
-- person does not administer. A link sets the password of an account, and so opens every operation that the account works in.
CREATE FUNCTION calc.may_link(session text, member integer) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM keys.membership AS p
        WHERE p.member_id = may_link.member AND NOT EXISTS (
            SELECT FROM keys.membership AS mine JOIN calc.role AS r ON r.key = mine.role
            WHERE mine.member_id = calc.session_of(may_link.session) AND mine.operation_id = p.operation_id AND mine.rooms IS NULL
                AND 'member' = ANY (r.records)))
$$;
