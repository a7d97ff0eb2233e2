-- What was changed is noted in rooms that record, and read while forms are made.
CREATE POLICY noted ON facts.form_due FOR ALL USING (
    operation_id = (SELECT calc.operation()) AND ((SELECT calc.may_record()) OR (SELECT calc.forming()))
);
