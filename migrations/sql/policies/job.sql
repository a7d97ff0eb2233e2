-- A job is the room's that asked for it: its report may quote what the file said.
CREATE POLICY own ON facts.job FOR ALL USING (
    operation_id = (SELECT calc.operation())
    AND audience = (SELECT current_setting('geoapp.audience', true))
    AND (SELECT calc.may_write())
);
