CREATE POLICY seen ON facts.incident FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND coarsest >= (SELECT calc.precision_of('incidents'))
    AND (finest <= (SELECT calc.precision_of('incidents')) OR (SELECT calc.recording()))
    AND (redistributable OR NOT (SELECT calc.exporting()))
);
CREATE POLICY added ON facts.incident FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.incident FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.incident FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
