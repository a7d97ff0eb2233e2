CREATE TRIGGER remember BEFORE UPDATE OR DELETE ON facts.access_constraint FOR EACH ROW EXECUTE FUNCTION calc.remember();
