-- Within one transaction, a room that records looks at the coarser forms of its own facts too ('record'), and no longer
-- ('view'). It changes nothing for whoever does not record, or was let in for something else.
CREATE FUNCTION calc.enter_for(purpose text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF calc.may_record() AND purpose IN ('view', 'record') AND calc.entered('purpose') IN ('view', 'record') THEN
        PERFORM calc.entering(
            calc.entered('operation'), calc.entered('clearance'), calc.entered('may_write'), purpose, calc.entered('audience'),
            calc.entered('member'), calc.entered('as_of'), calc.entered('narrowed'), calc.entered('untold'),
            calc.entered('withheld_domains'), calc.entered('precisions'), calc.entered('shown_subjects'),
            calc.entered('works_in'), calc.entered('rooms'), calc.entered('records')
        );
    END IF;
END
$$;
