-- What a source took back is known to those who import.
CREATE POLICY seen ON facts.incident_deletion FOR SELECT USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY added ON facts.incident_deletion FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.incident_deletion FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.incident_deletion FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
