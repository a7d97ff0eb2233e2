-- The subjects whose shapes the audience is shown: a rule coarser than admin2 hides them, and so does a withheld domain.
CREATE FUNCTION calc.shown_subjects() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(calc.entered('shown_subjects')::text[], '{}')
$$;
