-- Whether who asks may read the audit of this operation: in a room that records, and as a member in a role that may.
CREATE FUNCTION calc.may_audit() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN calc.may_write() AND calc.may('audit');
END
$$;
