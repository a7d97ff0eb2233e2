-- A form is shown to its room, by whose rules it was made, unless something that it was made from has changed since; and to
-- rooms that record.
CREATE POLICY seen ON facts.form FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND (
        (audience = (SELECT calc.audience()) AND (SELECT calc.forming()))
        OR (
            handling <= (SELECT calc.clearance())
            AND (
                (audience = (SELECT calc.audience()) AND NOT reads && (SELECT calc.due())::text[])
                OR (SELECT calc.may_write())
            )
        )
    )
);
-- It is made in the room that it is for: by nobody who sees more than that room's clearance.
CREATE POLICY added ON facts.form FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND audience = (SELECT calc.audience()) AND (SELECT calc.forming())
);
CREATE POLICY removed ON facts.form FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND ((SELECT calc.may_record()) OR (SELECT calc.forming()))
);
