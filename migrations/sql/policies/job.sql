-- A job is the room's that asked for it: its report may quote what the file said.
-- A pack and a road network record nothing: any room may ask for one.
CREATE POLICY own ON facts.job FOR ALL USING (
    operation_id = (SELECT calc.operation())
    AND audience = (SELECT calc.audience())
    AND (kind IN ('pack', 'network') OR (SELECT calc.may_write()))
) WITH CHECK (
    operation_id = (SELECT calc.operation())
    AND audience = (SELECT calc.audience())
    AND (kind IN ('pack', 'network') OR (SELECT calc.may_record()))
);
