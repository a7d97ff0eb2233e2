-- Says for the rest of the transaction which operation it is about, who is in the room, who asks, as known when, and for
-- what; and looks up once what that room may be shown, so that policies compare and search nothing. Without it, and for
-- an operation or room that does not exist, every table is empty.
-- What it finds is kept where the role that serves cannot write (calc.entered). Who asks is proved by `key`: the secret of a
-- member's session or token, from which alone it is known who asks, in which operations and rooms, and what they may record; or
-- the key of a login that serves (keys.login), or the owner's login, which are believed what they say. No statement within the
-- transaction can read that key: it was bound to the call. A login that reads as a member (keys.reader) is that member, in the
-- room that it is for, whatever it says; a token may be kept to an operation, a room and reading.
CREATE FUNCTION calc.enter(operation text, audience text, member text, as_of text, purpose text, key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, facts, calc, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    ranks CONSTANT text[] := ARRAY['exact', 'settlement', 'admin2', 'mgrs10', 'count', 'withheld'];
    about integer := (SELECT o.operation_id FROM facts.operation AS o WHERE o.key = nullif(enter.operation, ''));
    who integer;
    reader keys.reader;
    token keys.secret;
    works_in integer[];
    rooms text[];
    records text[];
    room facts.audience;
    rules jsonb;
    precisions jsonb;
    narrowed text[];
    subjects text[];
    untold text[];
BEGIN
    IF starts_with(session_user, 'geoapp_reads_') THEN
        SELECT r.* INTO reader FROM keys.reader AS r WHERE r.login = session_user AND now() < r.ends_at;
        SELECT m.id, m.email INTO who, member FROM keys.member AS m WHERE m.id = reader.member_id AND m.disabled_at IS NULL;
        IF who IS NULL THEN
            RAISE EXCEPTION 'this login has ended' USING ERRCODE = 'invalid_password';
        END IF;
        about := reader.operation_id;
        audience := reader.audience;
        as_of := '';
        purpose := 'items';
    ELSIF key LIKE 'member.%' THEN
        SELECT s.* INTO token FROM keys.secret AS s
        WHERE s.hash = sha256(convert_to(key, 'UTF8')) AND s.kind IN ('session', 'token') AND now() < s.ends_at
            AND (s.idle IS NULL OR now() < s.seen_at + s.idle);
        SELECT m.id, m.email INTO who, member FROM keys.member AS m WHERE m.id = token.member_id AND m.disabled_at IS NULL;
        IF who IS NULL THEN
            RAISE EXCEPTION 'the session has ended' USING ERRCODE = 'invalid_password';
        END IF;
    ELSIF NOT calc.serves(key) AND NOT pg_has_role(session_user, current_user, 'MEMBER') THEN
        RAISE EXCEPTION 'who asks is not known' USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF who IS NOT NULL THEN
        SELECT coalesce(array_agg(p.operation_id), '{}') INTO works_in FROM keys.membership AS p
        WHERE p.member_id = who AND p.operation_id = coalesce(reader.operation_id, token.operation_id, p.operation_id);
        about := (SELECT w.id FROM unnest(works_in) AS w (id) WHERE w.id = about);
        SELECT p.rooms, r.records INTO rooms, records FROM keys.membership AS p JOIN calc.role AS r ON r.key = p.role
        WHERE p.member_id = who AND p.operation_id = about;
        IF token.room IS NOT NULL THEN
            rooms := CASE WHEN rooms IS NULL OR token.room = ANY (rooms) THEN ARRAY[token.room] ELSE '{}' END;
        END IF;
        -- forms of all rooms follow what is recorded: only who may enter all of them records
        records := CASE WHEN rooms IS NULL AND reader.login IS NULL AND token.reads IS NOT TRUE
            THEN coalesce(records, '{}') ELSE '{}' END;
    END IF;
    IF (SELECT (o.copy_of ->> 'ends_on')::date < current_date FROM facts.operation AS o WHERE o.operation_id = about) THEN
        RAISE EXCEPTION 'the field copy has ended' USING ERRCODE = '28P09';
    END IF;
    SELECT a.* INTO room FROM facts.audience AS a
    WHERE a.operation_id = about AND a.key = nullif(enter.audience, '') AND (rooms IS NULL OR a.key = ANY (rooms));
    IF room.key IS NOT NULL THEN
        -- a rule is a word, or says more than how precisely; one of its own stands before what the room began with
        SELECT coalesce(jsonb_object_agg(r.key,
            CASE jsonb_typeof(r.value) WHEN 'object' THEN r.value ELSE jsonb_build_object('precision', r.value) END), '{}')
        INTO rules FROM jsonb_each(room.rules) AS r;
        IF NOT room.may_write THEN
            rules := rules || (
                SELECT coalesce(jsonb_object_agg(r.subject, jsonb_build_object('precision', r.precision, 'labels', r.labels,
                    'dates', r.dates, 'withheld', to_jsonb(r.withheld))), '{}')
                FROM facts.audience_rule AS r
                WHERE r.operation_id = about AND r.audience = room.key
            );
        END IF;
        -- a rule that nobody can read is the strictest
        SELECT coalesce(jsonb_object_agg(r.key, coalesce(array_position(ranks, r.value ->> 'precision') - 1, 5)), '{}'),
            coalesce(array_agg(r.key) FILTER (WHERE coalesce(r.value ->> 'labels', 'name') <> 'name'
                OR coalesce(r.value ->> 'dates', 'day') <> 'day' OR EXISTS (
                    SELECT FROM jsonb_array_elements_text(coalesce(r.value -> 'withheld', '[]')) AS w (field)
                    WHERE NOT EXISTS (SELECT FROM calc.withheld_singly AS s
                        WHERE s.rule = split_part(r.key, '.', 1) AND s.field = w.field))), '{}')
        INTO precisions, narrowed FROM jsonb_each(rules) AS r;
        -- what is told of forces is not what is told of others: a rule that names the domain goes before the one that does not
        SELECT coalesce(array_agg(s.subject), '{}') INTO subjects
        FROM calc.shape_rule AS s
        CROSS JOIN LATERAL (
            SELECT CASE WHEN precisions ? (s.rule || '.' || s.domain) THEN s.rule || '.' || s.domain ELSE s.rule END AS rule
        ) AS r
        WHERE CASE WHEN purpose = 'form' THEN coalesce((precisions ->> r.rule)::int, 0) <= 4
                ELSE coalesce((precisions ->> r.rule)::int, 0) <= s.coarsest AND (s.coarsest > 0 OR r.rule <> ALL (narrowed)) END
            AND (s.domain IS NULL OR s.domain <> ALL (room.withheld_domains))
            AND (room.may_write OR NOT s.draft);
        SELECT coalesce(array_agg(k.subject || '/' || w.field), '{}') INTO untold
        FROM (
            SELECT r.key AS subject, r.key AS rule FROM jsonb_each(rules) AS r
            UNION ALL
            SELECT s.subject, CASE WHEN rules ? (s.rule || '.' || s.domain) THEN s.rule || '.' || s.domain ELSE s.rule END
            FROM calc.shape_rule AS s WHERE s.domain IS NOT NULL
        ) AS k
        CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(rules -> k.rule -> 'withheld', '[]')) AS w (field);
        -- shared ground is shown where all that could lie on it is
        IF EXISTS (SELECT FROM calc.shape_rule AS s WHERE s.domain IS NOT NULL AND s.subject <> ALL (subjects)) THEN
            narrowed := narrowed || ARRAY['overlaps'];
        END IF;
    END IF;
    PERFORM calc.entering(
        about::text, room.clearance::text, coalesce(room.may_write, false)::text, purpose, audience,
        member, as_of, narrowed::text, untold::text, room.withheld_domains::text,
        precisions::text, subjects::text, works_in::text, rooms::text, records::text
    );
END
$$;
