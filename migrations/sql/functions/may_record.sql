-- Whether who asks may record anything here: in a room that records, and as a member in a role that does.
CREATE FUNCTION calc.may_record() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.may_write() AND calc.entered('records') IS DISTINCT FROM '{}';
END
$$;
