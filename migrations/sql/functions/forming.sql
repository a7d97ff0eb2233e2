-- Whether what the room is told in place of records is being made: nothing of it reaches the room but what its rules tell.
CREATE FUNCTION calc.forming() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('purpose') = 'form', false);
END
$$;
