-- What is suggested, drafted, reviewed, expired or withdrawn stays with those who write; only published zones are shown.
CREATE POLICY seen ON facts.risk_zone FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND (SELECT calc.precision_of('risk_zones')) <= 2
    AND (status = 'published' OR (SELECT calc.may_write()))
);
CREATE POLICY added ON facts.risk_zone FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.risk_zone FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.risk_zone FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
