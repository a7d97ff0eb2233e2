-- Who is in the room is not secret within the operation. It cannot ask calc.clearance(), which reads it.
CREATE POLICY seen ON facts.audience FOR SELECT USING (operation_id = (SELECT calc.operation()));
