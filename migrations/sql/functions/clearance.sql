-- The highest handling the audience may see; NULL without an audience, and then nothing is visible.
CREATE FUNCTION calc.clearance() RETURNS facts.handling LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.entered('clearance')::facts.handling;
END
$$;
