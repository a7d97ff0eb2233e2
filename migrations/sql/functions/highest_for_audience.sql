-- The highest value over the handlings that the audience may see of one kept per handling; NULL when there is none,
-- and for another day: it is kept as of now.
CREATE FUNCTION calc.highest_for_audience(levels smallint[], subject text) RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN (SELECT calc.entered('as_of')) IS NULL AND (SELECT calc.precision_of(subject)) <= 2 THEN (
        SELECT nullif(max(c.level), 0) FROM unnest(levels) WITH ORDINALITY AS c (level, place)
        WHERE c.place <= (SELECT array_position(enum_range(NULL::facts.handling), calc.clearance()))
    ) END
$$;
