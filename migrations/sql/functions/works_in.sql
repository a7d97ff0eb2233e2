-- The operations that a member works in; NULL for who is no member but serves, and may know of all.
CREATE FUNCTION calc.works_in() RETURNS integer[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('works_in')::integer[];
END
$$;
