-- Takes the overlaps of deleted areas with them, in one statement for all of them; those somebody wrote on end and stay.
CREATE FUNCTION calc.gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[] := ARRAY(
        SELECT o.id FROM facts.overlap AS o JOIN gone AS g ON g.operation_id = o.operation_id AND o.area_a = g.id
        UNION
        SELECT o.id FROM facts.overlap AS o JOIN gone AS g ON g.operation_id = o.operation_id AND o.area_b = g.id
    );
BEGIN
    IF touched = '{}' THEN
        RETURN NULL;
    END IF;
    DELETE FROM facts.overlap AS o
    WHERE o.operation_id = (SELECT calc.operation()) AND o.id = ANY (ARRAY(SELECT calc.unwritten(touched)));
    UPDATE facts.overlap AS o SET ended = 'area', ended_on = coalesce(o.ended_on, calc.today()),
        last_ground = coalesce(o.ground_id, o.last_ground), ground_id = NULL, km2 = 0, share_a = 0, share_b = 0,
        incidents = NULL, risk = NULL
    WHERE o.operation_id = (SELECT calc.operation()) AND o.id = ANY (touched);
    RETURN NULL;
END
$$;
