-- Takes the overlaps of deleted areas with them, in one statement for all of them.
CREATE FUNCTION calc.gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM facts.overlap AS o USING gone AS g
    WHERE o.operation_id = g.operation_id AND (o.area_a = g.id OR o.area_b = g.id);
    RETURN NULL;
END
$$;
