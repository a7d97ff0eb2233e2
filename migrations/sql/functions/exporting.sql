-- Whether what is read leaves the house: rows whose licence forbids passing on are then invisible. Items are the own use of a
-- room that records; for any other they leave.
CREATE FUNCTION calc.exporting() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE calc.entered('purpose')
        WHEN 'view' THEN false WHEN 'record' THEN false WHEN 'items' THEN NOT calc.may_write() ELSE true END;
END
$$;
