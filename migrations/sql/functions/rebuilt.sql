-- Takes the networks of this operation away when a road is hidden, redrawn or deleted: what was kept would still hold it.
CREATE FUNCTION calc.rebuilt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM facts.network;
    RETURN NULL;
END
$$;
