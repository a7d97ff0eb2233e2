CREATE TRIGGER remember BEFORE UPDATE OR DELETE ON facts.overlap FOR EACH ROW EXECUTE FUNCTION calc.remember('incidents', 'risk');
