-- An area's km² follow from its parts: a change of these alone does not fire this at all.
CREATE TRIGGER remember BEFORE DELETE OR UPDATE OF operation_id, id, handling, valid, source_key, actor_id, domain, subject,
    name, positioning, sector, activity, status, source, reliability, credibility, disputed, batch_id, version,
    recorded_at, recorded_by
ON facts.area FOR EACH ROW EXECUTE FUNCTION calc.remember('km2');
