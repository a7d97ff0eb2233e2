-- The fields that the audience is not told of records that it is shown, each as subject/field.
CREATE FUNCTION calc.untold() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('untold')::text[], '{}');
END
$$;
