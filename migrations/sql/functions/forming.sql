-- Whether what the room is told in place of records is being made: nothing of it reaches the room but what its rules tell.
CREATE FUNCTION calc.forming() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(calc.entered('purpose') = 'form', false)
$$;
