-- Cells of zoom 5 are 39 km wide at the equator; finer ones would place an event for those who may not know its place.
CREATE POLICY seen ON facts.incident_bin FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND handling <= (SELECT calc.clearance())
    AND (z <= 5 OR (SELECT calc.precision_of('incidents')) <= 1)
    AND (SELECT calc.precision_of('incidents')) <= 4
);
CREATE POLICY added ON facts.incident_bin FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY changed ON facts.incident_bin FOR UPDATE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
CREATE POLICY removed ON facts.incident_bin FOR DELETE USING (
    operation_id = (SELECT calc.operation()) AND (SELECT calc.may_write())
);
