-- The day the operation is at: the exercise's own clock, else the date as of which the map is drawn.
CREATE FUNCTION calc.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT o.today FROM facts.operation AS o WHERE o.operation_id = calc.operation()),
        (calc.as_of() AT TIME ZONE 'UTC')::date)
$$;
