-- The rooms of this operation that a member may enter; NULL for all of them.
CREATE FUNCTION calc.rooms() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT calc.entered('rooms')::text[]
$$;
