CREATE TRIGGER noted AFTER UPDATE OF handling, subjects ON facts.overlap FOR EACH ROW
WHEN (old.handling IS DISTINCT FROM new.handling OR old.subjects IS DISTINCT FROM new.subjects)
EXECUTE FUNCTION calc.noted();
