-- The sum over the handlings that the audience may see of a count kept per handling (1 = CLEAR … 5 = RED);
-- NULL while it is queued, when single rows of the subject are not shown, and for another day: it is counted as of now.
CREATE FUNCTION calc.for_audience(counts integer[], subject text) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN (SELECT calc.entered('as_of')) IS NULL AND (SELECT calc.precision_of(subject)) <= 1 THEN (
        SELECT sum(c.n)::integer FROM unnest(counts) WITH ORDINALITY AS c (n, place)
        WHERE c.place <= (SELECT array_position(enum_range(NULL::facts.handling), calc.clearance()))
    ) END
$$;
