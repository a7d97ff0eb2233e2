"""Whoever gets a statement of their own into a transaction of the serving role is shown nothing that the one who asks may not see."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geoapp import db, record
from geoapp.cluster import Urls
from geoapp.errors import SetupError

HELD = tuple(
    f"SELECT count(*) FROM {table}"
    for table in ("facts.area", "facts.incident", "facts.overlap", "facts.batch", "facts.history", "calc.known_area")
) + ("SELECT count(*) FROM facts.operation", "SELECT calc.clearance()::text", "SELECT calc.may_write()")  # fmt: skip
"""What a room is shown, counted."""

RED = "'geoapp,31,524544,74727565,76696577,696e7465726e616c,,,7b7d,7b7d,7b7d,7b7d,7b7d'"
"""What is kept of somebody in a room that records and may see everything, of operation 1."""

ATTACKS = (
    # the settings of before, and the one that counts
    "SELECT set_config('geoapp.clearance', 'RED', true)",
    "SET geoapp.operation_id = '1'",
    f"SELECT set_config('backtrace_functions', {RED}, true)",
    f"SELECT set_config('backtrace_functions', {RED}, false)",
    f"SET backtrace_functions = {RED}",
    f"SET LOCAL backtrace_functions = {RED}",
    "SET backtrace_functions TO DEFAULT",
    "RESET backtrace_functions",
    "RESET ALL",
    "DISCARD ALL",
    f"UPDATE pg_settings SET setting = {RED} WHERE name = 'backtrace_functions'",
    f"ALTER ROLE CURRENT_USER SET backtrace_functions = {RED}",
    f"ALTER DATABASE postgres SET backtrace_functions = {RED}",
    f"ALTER SYSTEM SET backtrace_functions = {RED}",
    f"CREATE FUNCTION pg_temp.let_in() RETURNS integer LANGUAGE sql SET backtrace_functions = {RED} AS 'SELECT 1'",
    # the functions that write it
    "SELECT calc.entering('1', 'RED', 'true', 'view', 'internal')",
    "SELECT calc.enter('grid', 'internal', 'tester', '', 'view', '')",
    "SELECT calc.enter('grid', 'internal', 'tester', '', 'view', NULL)",
    "SELECT calc.enter('grid', 'internal', 'tester', '', 'view', encode(sha256('geoapp'), 'hex'))",
    "SELECT calc.enter_for('record')",
    "SELECT calc.enter_for('form')",
    "SELECT calc.enter('grid', 'internal', 'tester', '', 'view', (SELECT hash::text FROM keys.login))",
    # the keys
    "SELECT * FROM keys.login",
    "INSERT INTO keys.login VALUES ('x', sha256('x'))",
    "COPY keys.login TO STDOUT",
    "SELECT rolpassword FROM pg_authid",
    "SELECT query FROM pg_stat_activity WHERE query LIKE '%tester%'",
    "SELECT calc.serves(l.login) FROM keys.login AS l",
    # to be somebody else
    "RESET ROLE",
    "SET ROLE geoapp_owner",
    "SET ROLE geoapp_shown",
    "SET ROLE NONE",
    "SET SESSION AUTHORIZATION geoapp_owner",
    "SET SESSION AUTHORIZATION DEFAULT",
    "SELECT set_config('role', 'geoapp_owner', true)",
    "SELECT set_config('session_authorization', 'geoapp_owner', true)",
    "GRANT geoapp_owner TO geoapp_app",
    "SET row_security = off",
    "ALTER ROLE geoapp_app BYPASSRLS",
    # another function, operator or table of the same name before ours
    "SET search_path = pg_temp, calc, facts, pg_catalog",
    "CREATE FUNCTION pg_temp.clearance() RETURNS facts.handling LANGUAGE sql AS $$ SELECT 'RED'::facts.handling $$",
    "CREATE FUNCTION pg_temp.split_part(text, text, integer) RETURNS text LANGUAGE sql AS $$ SELECT 'geoapp' $$",
    "CREATE FUNCTION calc.clearance2() RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION calc.clearance() RETURNS facts.handling LANGUAGE sql AS $$ SELECT 'RED'::facts.handling $$",
    "CREATE TEMPORARY TABLE operation (operation_id integer, key text); INSERT INTO operation VALUES (1, 'grid')",
    "CREATE TEMPORARY TABLE audience AS SELECT 1 AS operation_id, 'public'::text AS key, 'RED'::text AS clearance",
    "CREATE TEMPORARY TABLE login AS SELECT 'x'::text AS login, sha256('') AS hash",
    # the people: to be made a member, or to know who is
    "SELECT calc.set_member('', 'grid', NULL, 'x@example.org', 'X', 'administrator', NULL)",
    "SELECT calc.remove_member(NULL, 'grid', 1)",
    "SELECT calc.give_link('', 'grid', 1, 'link.mine', '1 day')",
    "SELECT * FROM calc.members('', 'grid')",
    "SELECT calc.administers('', 'grid')",
    "SELECT calc.session_of('')",
    "UPDATE keys.membership SET role = 'administrator'",
    # the policies themselves
    "ALTER TABLE facts.area NO FORCE ROW LEVEL SECURITY",
    "ALTER POLICY seen ON facts.area USING (true)",
    "CREATE POLICY more ON facts.area USING (true)",
    "UPDATE facts.audience SET clearance = 'RED', may_write = true",
    "UPDATE facts.audience_rule SET precision = 'exact'",
    "DELETE FROM facts.audience_rule",
    # what was let in before, kept for later
    "PREPARE later AS SELECT count(*) FROM facts.area; EXECUTE later",
    "SAVEPOINT here; ROLLBACK TO here",
    "DECLARE kept CURSOR WITH HOLD FOR SELECT * FROM facts.area",
    "SELECT pg_export_snapshot()",
)  # fmt: skip


def counted(connection: Connection) -> list[Any]:
    """What is shown; 0 where it is refused."""
    found = []
    for asked in HELD:
        hold = connection.begin_nested()
        try:
            found.append(connection.execute(text(asked)).scalar())
        except DBAPIError:
            hold.rollback()
            found.append(0)
    return found


def tried(connection: Connection, attack: str) -> None:
    """The statement, refused or not; the transaction lives on as after it."""
    hold = connection.begin_nested()
    try:
        connection.exec_driver_sql(attack.replace("%", "%%"))
    except DBAPIError:
        hold.rollback()


@pytest.fixture
def inside(engine: Engine, gridded: Callable) -> Any:
    """A transaction of somebody in the public room."""
    with engine.connect() as connection:
        db.set_context(connection, db.Context("grid", "public", member="tester"))
        yield connection


def test_no_statement_of_the_serving_role_is_shown_more(engine: Engine, gridded: Callable) -> None:
    context = db.Context("grid", "public", member="tester")
    with db.transaction(engine, context) as connection:
        told = counted(connection)
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        assert counted(connection) != told  # there is more to be shown
    for attack in ATTACKS:
        with engine.connect() as connection:
            db.set_context(connection, context)
            tried(connection, attack)
            after = counted(connection)
            # what is no longer known of the asker is shown to nobody: less is no gain
            assert after == told or after[:-2] == [0] * (len(HELD) - 2), attack
            connection.rollback()
            connection.invalidate()


def test_together_with_what_it_counts_a_statement_is_shown_no_more(inside: Connection) -> None:
    told = counted(inside)
    for asked in (
        f"SELECT count(*) FROM (SELECT set_config('backtrace_functions', {RED}, true) OFFSET 0) AS s, facts.area",
        "SELECT count(*) FROM (SELECT set_config('geoapp.clearance', 'RED', true) OFFSET 0) AS s, facts.area",
        "SELECT count(a) FROM (SELECT calc.enter('grid', 'internal', 't', '', 'view', '') OFFSET 0) AS s, facts.area AS a",
        "SELECT count(a) FROM (SELECT calc.enter_for('record') OFFSET 0) AS s, facts.area AS a",
    ):
        hold = inside.begin_nested()
        try:
            assert inside.exec_driver_sql(asked).scalar() in (0, told[0]), asked
        except DBAPIError:
            hold.rollback()


def test_a_login_that_serves_nobody_is_not_believed(urls: Urls, gridded: Callable) -> None:
    plain = urls.app.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        for key in ("", "x", db.key_of(urls.owner)):
            with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification), connection.transaction():
                connection.execute("SELECT calc.enter('grid', 'internal', 'tester', '', 'view', %s)", (key,))
        assert connection.execute("SELECT count(*) FROM facts.area").fetchone() == (0,)
        connection.execute("SELECT calc.enter('grid', 'internal', 'tester', '', 'view', %s)", (db.key_of(urls.app),))
        row = connection.execute("SELECT count(*) FROM facts.area").fetchone()
        assert row is not None and row[0] > 0


def test_a_password_that_the_database_was_not_told_of_is_said_in_words(
    urls: Urls, owner: Engine, engine: Engine
) -> None:
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM keys.login"))
    with pytest.raises(SetupError, match="does not know the key"), db.transaction(engine, db.Context("grid")):
        pass


def test_every_name_that_is_kept_is_read_where_it_is_written(inside: Connection) -> None:
    names = ("operation", "clearance", "may_write", "purpose", "audience", "member", "as_of", "narrowed", "untold",
             "withheld_domains", "precisions", "shown_subjects")  # fmt: skip
    inside.execute(text("SELECT calc.enter_for('record')"))
    found = {name: inside.execute(text("SELECT calc.entered(:name)"), {"name": name}).scalar() for name in names}
    assert (found["clearance"], found["may_write"], found["purpose"]) == ("CLEAR", "false", "view")
    assert (found["audience"], found["member"], found["as_of"]) == ("public", "tester", None)
    assert found["precisions"].startswith('{"') and found["shown_subjects"].startswith("{")
    assert inside.execute(text("SELECT calc.entered('nothing')")).scalar() is None


@pytest.fixture(scope="module")
def pieces() -> st.SearchStrategy[str]:
    word = st.sampled_from(
        ["calc.enter", "calc.entering", "calc.enter_for", "set_config", "calc.serves", "calc.entered"]
    )
    value = st.one_of(
        st.sampled_from(
            ["grid", "internal", "RED", "view", "record", "backtrace_functions", "role", "geoapp_owner", "1", "true"]
        ),
        st.text(max_size=8),
    )
    literal = value.map(lambda said: "'" + said.replace("'", "''").replace("\0", "").replace("\\", "") + "'")
    return st.builds(lambda name, given: f"SELECT {name}({', '.join(given)})", word, st.lists(literal, max_size=7))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_call_with_anything_is_shown_more(
    inside: Connection, pieces: st.SearchStrategy[str], data: st.DataObject
) -> None:
    told = inside.execute(text("SELECT count(*), calc.clearance()::text, calc.may_write() FROM facts.area")).one()
    tried(inside, data.draw(pieces))
    assert (
        inside.execute(text("SELECT count(*), calc.clearance()::text, calc.may_write() FROM facts.area")).one() == told
    )


def test_another_operation_is_as_none(engine: Engine, owner: Engine, gridded: Callable) -> None:
    record.add_operation(owner, "other", "Other")
    with db.transaction(engine, db.Context("other", member="tester")) as connection:
        assert counted(connection)[:6] == [0] * 6
