-- Where records lie is known while forms are made in the room that they are for, and told to nobody.
CREATE POLICY made ON facts.form_place FOR ALL USING (
    operation_id = (SELECT calc.operation()) AND audience = (SELECT calc.audience()) AND (SELECT calc.forming())
);
