-- Which rooms there are is no secret within the operation, but for who may enter some of them alone.
CREATE POLICY seen ON facts.audience FOR SELECT USING (
    operation_id = (SELECT calc.operation()) AND ((SELECT calc.rooms()) IS NULL OR ARRAY[key] <@ (SELECT calc.rooms()))
);
-- Whoever owns the database makes operations, and reads their rooms when somebody enters; the application's role is no member of
-- that one.
CREATE POLICY made ON facts.audience TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY entered ON facts.audience_rule FOR SELECT TO CURRENT_USER USING (true);
