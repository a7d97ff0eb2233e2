-- Says for the rest of the transaction which operation it is about, who is in the room, who asks, as known when, and for
-- what; and looks up once what that room may be shown, so that policies compare and search nothing. Without it, and for
-- an operation or room that does not exist, every table is empty.
CREATE FUNCTION calc.enter(operation text, audience text, member text, as_of text, purpose text) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    ranks CONSTANT text[] := ARRAY['exact', 'settlement', 'admin2', 'mgrs10', 'count', 'withheld'];
    room facts.audience;
    precisions jsonb;
    subjects text[];
BEGIN
    PERFORM set_config('geoapp.operation', operation, true), set_config('geoapp.audience', audience, true),
        set_config('geoapp.member', member, true), set_config('geoapp.as_of', as_of, true),
        set_config('geoapp.purpose', purpose, true), set_config('geoapp.operation_id', '', true);
    PERFORM set_config('geoapp.operation_id', o.operation_id::text, true)
    FROM facts.operation AS o WHERE o.key = nullif(enter.operation, '');
    SELECT a.* INTO room FROM facts.audience AS a
    WHERE a.operation_id = calc.operation() AND a.key = nullif(enter.audience, '');
    IF FOUND THEN
        -- a rule that nobody can read is the strictest
        SELECT coalesce(jsonb_object_agg(r.key, coalesce(array_position(ranks, r.value) - 1, 5)), '{}') INTO precisions
        FROM jsonb_each_text(room.rules) AS r;
        SELECT coalesce(array_agg(s.subject), '{}') INTO subjects
        FROM calc.shape_rule AS s
        WHERE coalesce((precisions ->> s.rule)::int, 0) <= s.coarsest
            AND (s.domain IS NULL OR s.domain <> ALL (room.withheld_domains))
            AND (room.may_write OR NOT s.draft);
    END IF;
    PERFORM set_config('geoapp.clearance', coalesce(room.clearance::text, ''), true),
        set_config('geoapp.may_write', coalesce(room.may_write, false)::text, true),
        set_config('geoapp.precisions', coalesce(precisions::text, ''), true),
        set_config('geoapp.withheld_domains', coalesce(room.withheld_domains::text, '{}'), true),
        set_config('geoapp.shown_subjects', coalesce(subjects::text, '{}'), true);
END
$$;
