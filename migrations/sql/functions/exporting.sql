-- Whether what is read leaves the house: rows whose licence forbids passing on are then invisible.
CREATE FUNCTION calc.exporting() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('geoapp.purpose', true), '') NOT IN ('view', 'record')
$$;
