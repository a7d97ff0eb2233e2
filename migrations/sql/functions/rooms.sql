-- The rooms of this operation that a member may enter; NULL for all of them.
CREATE FUNCTION calc.rooms() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('rooms')::text[];
END
$$;
