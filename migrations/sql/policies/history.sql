CREATE POLICY seen ON facts.history FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND calc.shown_then(subject, row)
);
CREATE POLICY added ON facts.history FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_record())
);
CREATE POLICY changed ON facts.history FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_record())
);
CREATE POLICY removed ON facts.history FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_record())
);
