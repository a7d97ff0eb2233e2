-- How precisely the audience is shown a subject: 0 exact, 1 settlement, 2 admin2, 3 mgrs10, 4 count, 5 withheld.
-- A subject without a rule is exact; without an audience everything is withheld.
CREATE FUNCTION calc.precision_of(subject text) RETURNS smallint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN calc.entered('precisions') IS NULL THEN 5::smallint
        ELSE coalesce((calc.entered('precisions')::jsonb ->> subject)::smallint, 0::smallint) END;
END
$$;
