-- An operation is seen by whoever works in it; a member sees those that they are a member of, and whoever serves all of them.
CREATE POLICY seen ON facts.operation FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    OR ARRAY[operation_id] <@ (SELECT calc.works_in())
    OR ((SELECT calc.works_in()) IS NULL AND (SELECT calc.member()) IS NOT NULL)
);
CREATE POLICY changed ON facts.operation FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_record())
);
-- Whoever owns the database makes operations, and finds them when somebody enters; the application's role is no member of
-- that one.
CREATE POLICY made ON facts.operation TO CURRENT_USER USING (true) WITH CHECK (true);
