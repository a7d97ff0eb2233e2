-- What calc.enter() found of who asks, by name; NULL when nothing was said, and in a session that nobody entered.
-- It is kept in a setting that only a superuser, or whom one allows, may set: the role that serves can read what it is, and
-- cannot say otherwise. PostgreSQL uses the setting for nothing but the names of its own C functions whose errors leave a stack
-- trace in its log; what is written here, hexadecimal digits behind a word, is no such name.
-- The functions that read it for policies are in PL/pgSQL: the planner would open one in SQL anew at each of the hundreds of
-- places where policies call it, and to plan a tile took twice as long.
CREATE FUNCTION calc.entered(field text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN split_part(current_setting('backtrace_functions'), ',', 1) = 'geoapp' THEN
        nullif(convert_from(decode(split_part(current_setting('backtrace_functions'), ',', CASE field
            WHEN 'operation' THEN 2 WHEN 'clearance' THEN 3 WHEN 'may_write' THEN 4 WHEN 'purpose' THEN 5 WHEN 'audience' THEN 6
            WHEN 'member' THEN 7 WHEN 'as_of' THEN 8 WHEN 'narrowed' THEN 9 WHEN 'untold' THEN 10 WHEN 'withheld_domains' THEN 11
            WHEN 'precisions' THEN 12 WHEN 'shown_subjects' THEN 13 WHEN 'works_in' THEN 14 WHEN 'rooms' THEN 15 WHEN 'records' THEN 16 END), 'hex'), 'UTF8'), '')
        WHEN starts_with(session_user, 'geoapp_reads_') THEN calc.entered_by_login(field) END
$$;
