CREATE POLICY seen ON facts.boundary FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND (SELECT calc.precision_of('boundaries')) <= 2
);
CREATE POLICY added ON facts.boundary FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.boundary FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.boundary FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
