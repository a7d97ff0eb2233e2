-- Whether a room that records is at work on a fact's coarser forms, which it is not otherwise shown: it sees its own.
CREATE FUNCTION calc.recording() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('purpose') = 'record', false) AND calc.may_write();
END
$$;
