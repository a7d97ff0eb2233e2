-- The subjects whose shapes the audience is shown: a rule coarser than admin2 hides them, and so does a withheld domain.
CREATE FUNCTION calc.shown_subjects() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(calc.entered('shown_subjects')::text[], '{}');
END
$$;
