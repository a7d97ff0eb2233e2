-- Whether the audience is shown a subject's records as they are recorded: exactly, with every field, name and day.
CREATE FUNCTION calc.as_recorded(subject text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN calc.forming() THEN calc.precision_of(subject) <= 4
        ELSE calc.precision_of(subject) = 0
            AND subject <> ALL (coalesce(calc.entered('narrowed')::text[], '{}')) END;
END
$$;
