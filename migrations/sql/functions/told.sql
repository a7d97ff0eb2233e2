-- Whether the audience is told a field, named subject/field, of the records that it is shown.
CREATE FUNCTION calc.told(field text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN field <> ALL (coalesce(calc.entered('untold')::text[], '{}'));
END
$$;
