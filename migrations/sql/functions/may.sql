-- Whether who asks may record this: a collection of records by its name, or other work by the name that roles give it. Who is
-- no member but serves, or owns the database, may all that the room may.
CREATE FUNCTION calc.may(what text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('records') IS NULL OR what = ANY (calc.entered('records')::text[]);
END
$$;
