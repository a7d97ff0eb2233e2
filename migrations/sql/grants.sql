-- The application's role: it owns nothing, bypasses nothing, and is told no estimates.
REVOKE ALL ON SCHEMA facts, calc FROM PUBLIC;
GRANT USAGE ON SCHEMA facts, calc TO geoapp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA facts TO geoapp_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA facts TO geoapp_app;
REVOKE ALL ON facts.alembic_version, facts.history, facts.operation, facts.audience FROM geoapp_app;
GRANT SELECT ON facts.alembic_version, facts.operation, facts.audience TO geoapp_app;
GRANT SELECT, INSERT ON facts.history TO geoapp_app;
GRANT SELECT ON ALL TABLES IN SCHEMA calc TO geoapp_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA calc TO geoapp_app;
-- What logins that read as a member may read (geoapp.export.direct): the same, under the same policies, and nothing is written.
GRANT USAGE ON SCHEMA facts, calc TO geoapp_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA facts, calc TO geoapp_reader;
REVOKE ALL ON facts.alembic_version, facts.history FROM geoapp_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA calc TO geoapp_reader;
