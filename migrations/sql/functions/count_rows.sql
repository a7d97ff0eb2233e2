-- Counts a table's rows for the planner, these of this transaction too, and looks at a sample of what is indexed. Only a
-- table's owner may; it reads no row out to anybody. One that somebody else is counting is left to them.
CREATE FUNCTION calc.count_rows(VARIADIC tables text[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 10 AS $$
DECLARE
    name text;
    columns text;
BEGIN
    FOREACH name IN ARRAY tables LOOP
        SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') INTO STRICT columns
        FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = format('facts.%I', name)::regclass;
        EXECUTE format('ANALYZE (SKIP_LOCKED) facts.%I (%s)', name, columns);
    END LOOP;
END
$$;
