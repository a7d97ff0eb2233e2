-- Keeps what was found of who asks until the transaction ends, in the order in which calc.entered() reads it. The owner's own.
CREATE FUNCTION calc.entering(VARIADIC said text[]) RETURNS void LANGUAGE sql AS $$
    SELECT set_config('backtrace_functions', 'geoapp,' || string_agg(
        encode(convert_to(coalesce(s.value, ''), 'UTF8'), 'hex'), ',' ORDER BY s.place), true)
    FROM unnest(said) WITH ORDINALITY AS s (value, place)
$$;
