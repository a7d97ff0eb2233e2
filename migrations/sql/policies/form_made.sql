CREATE POLICY made ON facts.form_made FOR ALL USING (
    operation_id = (SELECT calc.operation()) AND ((SELECT calc.may_record()) OR (SELECT calc.forming()))
);
