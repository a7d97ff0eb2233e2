"""Neither the role that serves nor a member changes, takes away, moves or makes up an entry, or reads one without the right."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geoapp import accounts, audit, db
from geoapp.cluster import Urls
from geoapp.model.audited import AUDITED, told_fields
from geoapp.model.roles import ROLES

ENTRY = "(operation_id, who, did, subject) VALUES (1, 'somebody', 'exported', 'areas')"
_MADE = """
    CREATE TEMPORARY TABLE made (operation_id integer, id bigint, version integer, recorded_at timestamptz, finest integer);
    CREATE TRIGGER forged AFTER INSERT ON made REFERENCING NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION calc.audited_{0}();
    INSERT INTO made VALUES (1, 7, 1, now(), 0)
"""
ATTACKS = (
    "UPDATE keys.audit SET who = 'somebody'",
    "DELETE FROM keys.audit",
    "TRUNCATE keys.audit",
    f"INSERT INTO keys.audit {ENTRY}",
    "SELECT * FROM keys.audit",
    "COPY keys.audit TO STDOUT",
    "LOCK TABLE keys.audit",
    "UPDATE calc.audit SET who = 'somebody'",
    "DELETE FROM calc.audit",
    "INSERT INTO calc.audit (who, did, subject) VALUES ('somebody', 'exported', 'areas')",
    "ALTER TABLE keys.audit DISABLE TRIGGER USER",
    "ALTER TABLE facts.hazard_area DISABLE TRIGGER audited_insert",
    "DROP TRIGGER audited_insert ON facts.hazard_area",
    "SET session_replication_role = replica",
    "SELECT calc.audit_told('', 'exported', 'x', NULL, NULL)",
    "SELECT calc.audit_told(NULL, 'exported', 'x', NULL, NULL)",
    "SELECT calc.audit_told((SELECT hash::text FROM keys.login), 'exported', 'x', NULL, NULL)",
    "SELECT * FROM calc.audit_unsealed('', 10)",
    "SELECT calc.audit_seal('', '{1}', '{1}', ARRAY[sha256('x')], 'x', now())",
    "SELECT calc.audited_hazard_area()",
    "CREATE OR REPLACE FUNCTION calc.may_audit() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE FUNCTION pg_temp.may_audit() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "ALTER VIEW calc.audit SET (security_barrier = false)",
    "SET ROLE geoapp_shown",
    # a table of one's own that tells what did not happen
    *(_MADE.format(name) for name in ("hazard_area", "incident", "batch", "area")),
    "CREATE TEMPORARY TABLE secret (member_id integer, kind text, ends_at timestamptz);"
    " CREATE TRIGGER forged AFTER INSERT ON secret FOR EACH ROW EXECUTE FUNCTION calc.audited_keys();"
    " INSERT INTO secret VALUES (1, 'session', now() + interval '1 h')",
    "INSERT INTO keys.failure (account, address) VALUES (sha256('a'), sha256('b'))",
)  # fmt: skip


def everything(owner: Engine) -> list[Any]:
    with owner.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM keys.audit ORDER BY id"))]


def tried(connection: Connection, attack: str) -> None:
    hold = connection.begin_nested()
    try:
        connection.exec_driver_sql(attack.replace("%", "%%"))
    except DBAPIError:
        hold.rollback()


@pytest.fixture
def member(urls: Urls, owner: Engine, gridded: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A function that gives the secret of a new member of Gridland, and an engine that says nothing by itself."""
    made = db.engine(urls.app, serves=False)

    def run(role: str, *rooms: str) -> tuple[Engine, str]:
        email = f"{role}{''.join(rooms)}@example.org"
        with owner.begin() as connection:
            accounts.add(connection, email, role, "grid", role, rooms)
            return made, accounts.issue(connection, email, "token", timedelta(hours=1))

    yield run
    made.dispose()


@pytest.mark.parametrize("role", ["viewer", "coordinator"])
def test_no_statement_changes_an_entry_or_makes_one_up(
    role: str, member: Callable[..., Any], engine: Engine, owner: Engine
) -> None:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        audit.tell(connection, "exported", "areas", "csv")
    plain, secret = member(role)
    before = everything(owner)
    for attack in ATTACKS:
        with db.asking(secret), plain.connect() as connection:
            db.set_context(connection, db.Context("grid"))
            tried(connection, attack)
            connection.commit()
            connection.invalidate()
        assert everything(owner) == before, attack


def test_no_attack_is_a_mistake_of_typing(owner: Engine, gridded: Callable[..., Any]) -> None:
    """Every one of them is refused for a right that is not there, or is harmless; none for a word that was misspelt."""
    for attack in ATTACKS:
        if attack.startswith("COPY"):  # it is begun, and the driver waits for its rows
            continue
        with owner.connect() as connection:
            try:
                connection.exec_driver_sql(attack.replace("%", "%%"))
            except DBAPIError as error:
                assert db.sqlstate(error) not in ("42601", "42P01", "42703", "42883"), (attack, error)
            connection.rollback()
            connection.invalidate()


def test_every_role_reads_the_audit_or_does_not_as_it_is_said(member: Callable[..., Any], engine: Engine) -> None:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        audit.tell(connection, "exported", "areas", "csv")
    for role in ROLES:
        plain, secret = member(role.key)
        with db.asking(secret):
            for room, may in (("internal", "audit" in role.records), ("hct", False), ("public", False)):
                with db.transaction(plain, db.Context("grid", room)) as connection:
                    counted = connection.execute(text("SELECT count(*) FROM calc.audit")).scalar_one()
                assert (counted > 0) == may, (role.key, room)
            with db.transaction(plain, db.Context("")) as connection:
                assert connection.execute(text("SELECT count(*) FROM calc.audit")).scalar() == 0


def test_what_is_of_the_instance_or_another_operation_is_not_read(
    member: Callable[..., Any], engine: Engine, owner: Engine
) -> None:
    from geoapp import record

    record.add_operation(owner, "other", "Other")
    with db.transaction(engine, db.Context("other", member="tester")) as connection:
        audit.tell(connection, "exported", "theirs", "csv")
    plain, secret = member("coordinator")
    with db.asking(secret), db.transaction(plain, db.Context("grid")) as connection:
        asked = "SELECT count(*) FROM calc.audit WHERE subject IN ('theirs', 'token', 'session', 'member')"
        assert connection.execute(text(asked)).scalar() == 0
        # nor by an error that a condition makes of a row that is not shown
        trap = "SELECT count(*) FROM calc.audit WHERE 1 / (CASE WHEN subject = 'theirs' THEN 0 ELSE 1 END) = 1"
        connection.execute(text(trap))


def test_members_sessions_and_failures_are_told(owner: Engine, urls: Urls, gridded: Callable[..., Any]) -> None:
    engine, key = db.engine(urls.app, serves=False), db.key_of(urls.app)
    with owner.begin() as connection:
        accounts.add(connection, "a@example.org", "A", "grid", "viewer", ())
        link = accounts.issue(connection, "a@example.org", "link", timedelta(hours=1))
    accounts.set_password(engine, key, link, "a long enough password")
    secret = accounts.sign_in(engine, key, "a@example.org", "a long enough password", "10.0.0.1")
    for email in ("a@example.org", "My-Pass-Word-1"):
        with pytest.raises(Exception, match="do not belong together"):
            accounts.sign_in(engine, key, email, "a wrong password of some length", "10.0.0.1")
    accounts.sign_out(engine, secret)
    with owner.begin() as connection:
        accounts.add(connection, "a@example.org", "A", "grid", "coordinator", ())
        accounts.remove(connection, "a@example.org", "grid")
        accounts.disable(connection, "a@example.org")
        accounts.add(connection, "a@example.org", "A", "grid", "viewer", ())
    engine.dispose()
    with owner.connect() as connection:
        rows = connection.execute(
            text("""
                SELECT operation_id > 0, who, did, subject, record, fields FROM keys.audit
                WHERE subject IN ('member', 'membership', 'session', 'link', 'token') ORDER BY id
            """)
        ).all()
        assert (
            connection.execute(text("SELECT count(*) FROM keys.audit AS a WHERE a::text ~ 'Pass-Word'")).scalar() == 0
        )
    a, boss = "a@example.org", "geoapp_owner"
    assert [tuple(row) for row in rows if row[1] != "x"] == [
        (False, boss, "added", "member", a, None),
        (True, boss, "added", "membership", a, None),
        (False, boss, "added", "link", a, None),
        (False, "geoapp_app", "removed", "link", a, None),
        (False, "geoapp_app", "changed", "member", a, ["password"]),
        (False, a, "signed in", "session", a, None),
        (False, a, "failed to sign in", "session", a, None),
        (False, "unknown", "failed to sign in", "session", None, None),
        (False, a, "signed out", "session", a, None),
        (True, boss, "changed", "membership", a, ["role"]),
        (True, boss, "removed", "membership", a, None),
        (False, boss, "changed", "member", a, ["disabled_at"]),
        (False, boss, "changed", "member", a, ["disabled_at"]),
        (True, boss, "added", "membership", a, None),
    ]


def test_every_table_that_a_role_records_is_told(urls: Urls) -> None:
    told = {each.table for each in AUDITED}
    assert {what for role in ROLES for what in role.records} - {"audit", "member"} <= told


def test_every_table_can_be_written_with_what_tells_it(owner: Engine, gridded: Callable[..., Any]) -> None:
    """Each trigger is planned for each event, also where no row is written."""
    for each in AUDITED:
        with owner.connect() as connection:
            columns = told_fields(each)
            connection.exec_driver_sql(f"UPDATE facts.{each.table} SET {columns[0]} = {columns[0]} WHERE false")
            connection.exec_driver_sql(f"DELETE FROM facts.{each.table} WHERE false")
            connection.exec_driver_sql(f"INSERT INTO facts.{each.table} SELECT * FROM facts.{each.table} WHERE false")
