-- The audit of this operation, for who may read it. Its owner reads the table and can do nothing else.
CREATE VIEW calc.audit WITH (security_barrier) AS
SELECT
    a.id, a.operation_id, a.at, a.who, a.room, a.did, a.subject, a.record, a.version, a.fields, a.told, a.number, a.sealed_at,
    a.sealed_with, encode(a.mac, 'hex') AS mac
FROM keys.audit AS a
WHERE a.operation_id = (SELECT calc.operation()) AND (SELECT calc.may_audit());
