-- What is counted inside an overlap is no version of it: those two columns do not fire this at all.
CREATE TRIGGER remember BEFORE DELETE OR UPDATE OF operation_id, id, handling, number, area_a, area_b, ground_id, relation,
    domain_a, domain_b, subjects, period, days, km2, share_a, share_b, status, strategy, liaison, owner, due, note,
    batch_id, version, recorded_at, recorded_by
ON facts.overlap FOR EACH ROW EXECUTE FUNCTION calc.remember('incidents', 'risk');
