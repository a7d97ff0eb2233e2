-- The fields that the audience is not told of records that it is shown, each as subject/field.
CREATE FUNCTION calc.untold() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(calc.entered('untold')::text[], '{}')
$$;
