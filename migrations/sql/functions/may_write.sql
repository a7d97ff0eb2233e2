-- Whether this audience is one that records facts.
CREATE FUNCTION calc.may_write() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('geoapp.may_write', true), '')::boolean, false)
$$;
