CREATE TRIGGER keeps_administrator BEFORE DELETE OR UPDATE OF role ON keys.membership FOR EACH ROW
EXECUTE FUNCTION calc.keeps_administrator();
