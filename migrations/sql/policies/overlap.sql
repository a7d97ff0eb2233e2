CREATE POLICY seen ON facts.overlap FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND (SELECT calc.precision_of('overlaps')) <= 2
    AND subjects <@ (SELECT calc.shown_subjects())
);
CREATE POLICY added ON facts.overlap FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.overlap FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.overlap FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
