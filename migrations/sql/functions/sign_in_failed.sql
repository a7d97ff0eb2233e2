-- Counts an attempt to sign in that failed; those of more than a day ago are forgotten.
CREATE FUNCTION calc.sign_in_failed(key text, email text, address text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM keys.failure AS f WHERE f.failed_at < now() - interval '1 day' AND calc.serves(sign_in_failed.key);
    INSERT INTO keys.failure (account, address)
    SELECT sha256(convert_to(sign_in_failed.email, 'UTF8')), sha256(convert_to(sign_in_failed.address, 'UTF8'))
    WHERE calc.serves(sign_in_failed.key)
$$;
