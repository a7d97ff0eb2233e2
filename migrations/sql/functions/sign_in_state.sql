-- What a login that serves needs to know of whoever wants to sign in: the member and the hash of the password, NULL where there
-- is none; and how often the account and the address failed within 15 minutes. No row for what is no login that serves.
CREATE FUNCTION calc.sign_in_state(key text, email text, address text)
RETURNS TABLE (member integer, password text, by_account bigint, by_address bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.id, m.password,
        (SELECT count(*) FROM keys.failure AS f WHERE f.account = sha256(convert_to(sign_in_state.email, 'UTF8'))
            AND f.failed_at > now() - interval '15 minutes'),
        (SELECT count(*) FROM keys.failure AS f WHERE f.address = sha256(convert_to(sign_in_state.address, 'UTF8'))
            AND f.failed_at > now() - interval '15 minutes')
    FROM (SELECT) AS one LEFT JOIN keys.member AS m ON m.email = sign_in_state.email AND m.disabled_at IS NULL
    WHERE calc.serves(sign_in_state.key)
$$;
