-- What extensions bring: nothing that estimates is told, and what compares boxes and days is used beneath policies.
DO $$
DECLARE
    f regprocedure;
BEGIN
    -- An estimated extent says where rows lie that the asker may not see.
    FOR f IN SELECT p.oid FROM pg_proc AS p WHERE p.proname IN ('st_estimatedextent', 'st_findextent') LOOP
        BEGIN
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'only a superuser may revoke %', f;
        END;
    END LOOP;
    -- Without these marks no index of places, or of first days, is used under row-level security. One compares two boxes,
    -- the other reads the lower end of a range: they raise no error and write no log that depends on their arguments.
    BEGIN
        ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
        ALTER FUNCTION pg_catalog.lower(anyrange) LEAKPROOF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'only a superuser may mark geometry_overlaps and lower(anyrange) leakproof; maps will be slow';
    END;
END
$$;
