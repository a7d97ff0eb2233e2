-- The highest handling the audience may see; NULL without an audience, and then nothing is visible.
CREATE FUNCTION calc.clearance() RETURNS facts.handling LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('geoapp.clearance', true), '')::facts.handling
$$;
