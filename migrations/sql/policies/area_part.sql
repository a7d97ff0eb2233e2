CREATE POLICY seen ON facts.area_part FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND subject = ANY ((SELECT calc.shown_subjects())::text[])
);
CREATE POLICY added ON facts.area_part FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.area_part FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.area_part FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
