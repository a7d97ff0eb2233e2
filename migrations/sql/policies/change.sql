CREATE POLICY counted ON facts.change FOR ALL USING (operation_id = (SELECT calc.operation()));
