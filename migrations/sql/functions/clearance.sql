-- The highest handling the audience may see; NULL without an audience, and then nothing is visible.
CREATE FUNCTION calc.clearance() RETURNS facts.handling LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT calc.entered('clearance')::facts.handling
$$;
