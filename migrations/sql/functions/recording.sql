-- Whether a room that records is at work on a fact's coarser forms, which it is not otherwise shown: it sees its own.
CREATE FUNCTION calc.recording() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(calc.entered('purpose') = 'record', false) AND calc.may_write()
$$;
