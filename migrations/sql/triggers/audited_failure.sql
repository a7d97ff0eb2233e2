CREATE TRIGGER audited AFTER INSERT ON keys.failure FOR EACH ROW EXECUTE FUNCTION calc.audited_keys();
