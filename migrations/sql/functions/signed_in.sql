-- The member who has signed in; NULL where there are no accounts, and people give their names themselves.
CREATE FUNCTION calc.signed_in() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN calc.works_in() IS NOT NULL THEN calc.member() END;
END
$$;
