-- By which matrix zones are graded is no secret within the operation; a matrix is adopted, never changed.
CREATE POLICY seen ON facts.risk_matrix FOR SELECT USING (operation_id = (SELECT calc.operation()));
CREATE POLICY added ON facts.risk_matrix FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_record())
);
