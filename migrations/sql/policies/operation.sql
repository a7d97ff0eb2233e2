-- An operation is seen by whoever works in it, and all of them by a named member choosing one.
CREATE POLICY seen ON facts.operation FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    OR (SELECT calc.member()) IS NOT NULL
);
CREATE POLICY changed ON facts.operation FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
-- Whoever owns the database makes operations, and finds them when somebody enters; the application's role is no member of
-- that one.
CREATE POLICY made ON facts.operation TO CURRENT_USER USING (true) WITH CHECK (true);
