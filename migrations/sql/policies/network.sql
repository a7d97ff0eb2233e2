-- A network is the room's that it was built for, as long as that room is shown roads as it was when it was built.
CREATE POLICY own ON facts.network FOR SELECT USING (
    operation_id = (SELECT calc.operation())
    AND audience = (SELECT calc.audience())
    AND clearance = (SELECT calc.clearance())
    AND precision = (SELECT calc.precision_of('roads'))
);
CREATE POLICY built ON facts.network FOR INSERT WITH CHECK (
    operation_id = (SELECT calc.operation())
    AND audience = (SELECT calc.audience())
    AND clearance = (SELECT calc.clearance())
    AND precision = (SELECT calc.precision_of('roads'))
);
-- Rooms that record take those of all rooms away when they hide a road, redraw or delete it.
CREATE POLICY removed ON facts.network FOR DELETE USING (
    operation_id = (SELECT calc.operation())
    AND ((SELECT calc.may_record()) OR audience = (SELECT calc.audience()))
);
