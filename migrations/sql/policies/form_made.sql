CREATE POLICY made ON facts.form_made FOR ALL USING (
    operation_id = (SELECT calc.operation()) AND ((SELECT calc.may_write()) OR (SELECT calc.forming()))
);
