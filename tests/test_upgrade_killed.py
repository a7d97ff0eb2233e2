"""A database of every earlier revision, with data in it, goes to this one: killed half way and run again it is as a fresh one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url, text

from geoapp import db, record, upgrade
from geoapp.cluster import Cluster
from geoapp.draw import features
from geoapp.errors import SetupError
from geoapp.scope import Scope
from layers import STACK
from tests import gridland
from tests.conftest import bringer
from tests.overlay.test_trends import ABROAD

CATALOGUE = """
    SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod) || ' ' || attnotnull || ' '
        || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute LEFT JOIN pg_attrdef AS d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = ANY ({ours}) AND relkind IN ('r', 'v'))
        AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = ANY ({ours})
    UNION ALL SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = ANY ({ours}))
    UNION ALL SELECT 'policy', polrelid::regclass::text, polname, concat(polcmd, ' ', pg_get_expr(polqual, polrelid), ' ',
        pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = ANY ({ours}))
    UNION ALL SELECT 'function', oid::regprocedure::text, '', pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = ANY ({ours})
    UNION ALL SELECT 'view', oid::regclass::text, '', pg_get_viewdef(oid) FROM pg_class
    WHERE relnamespace = ANY ({ours}) AND relkind = 'v'
    UNION ALL SELECT 'rights', oid::regclass::text, concat(relrowsecurity, relforcerowsecurity),
        (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) AS a)
    FROM pg_class WHERE relnamespace = ANY ({ours}) AND relkind IN ('r', 'v')
    UNION ALL SELECT 'applied', obj_description(oid, 'pg_namespace'), nspname, nspacl::text FROM pg_namespace
    WHERE oid = ANY ({ours})
    UNION ALL SELECT 'version', version_num, '', '' FROM facts.alembic_version
    ORDER BY 1, 2, 3, 4
""".replace("{ours}", "ARRAY['facts'::regnamespace, 'calc'::regnamespace]::oid[]")
"""All there is in the two schemas, so that it can be compared."""

LATER = ("matrix_version", "made_from")


def fetched(url: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        return connection.execute(sql).fetchall()


def revisions() -> list[str]:
    script = ScriptDirectory.from_config(configured())
    return [each.revision for each in script.walk_revisions()][:0:-1]


def configured(**attributes: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    config.attributes.update(attributes)
    return config


def back(url: str, revision: str) -> None:
    """Make a database what it was at an earlier revision, its data with it; what is computed then is not there."""
    owner = create_engine(url)
    with owner.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA calc CASCADE")
        connection.commit()
        command.downgrade(configured(connection=connection, rebuild=False), revision)
    owner.dispose()


def told(engine: Engine) -> dict[tuple[str, str], list[Any]]:
    """The records of every layer in two rooms, without what an earlier revision had no column for."""
    found = {}
    for room in ("internal", "hct"):
        scope = Scope("grid", room, member="tester")
        with db.transaction(engine, scope.context()) as connection:
            for layer in STACK:
                records = features.rows(connection, layer, scope)
                found[room, layer.name] = [{k: v for k, v in r.items() if k not in LATER} for r in records]
    return found


@contextmanager
def killed_before(statement: int) -> Iterator[list[str]]:
    """The server ends the session of a migration when it is about to run its n-th statement."""
    seen: list[str] = []

    def listen(connection: Any, cursor: Any, sql: str, *_: object) -> None:
        seen.append(sql)
        if len(seen) == statement:
            with psycopg.connect(cursor.connection.info.dsn, password=cursor.connection.info.password) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (cursor.connection.info.backend_pid,))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


def test_every_revision_is_walked() -> None:
    known = revisions()
    assert known[0] == "2026_11_23"
    assert len(known) >= 3


@pytest.fixture(scope="module")
def fresh(cluster: Cluster, full: str) -> tuple[list[tuple[Any, ...]], dict[tuple[str, str], list[Any]]]:
    """What a database of this version is, and what it tells."""
    engine = db.engine(cluster.urls(full).app)
    records = told(engine)
    engine.dispose()
    return fetched(cluster.urls(full).owner, CATALOGUE), records


def statements_of(cluster: Cluster) -> int:
    """How many statements bring a copy of `old` here."""
    whole = cluster.create_database("whole", template="old")
    with killed_before(0) as statements:
        upgrade.apply(whole.owner)
    return len(statements)


@pytest.mark.parametrize("revision", revisions())
def test_killed_half_way_and_run_again(cluster: Cluster, full: str, fresh: tuple[Any, Any], revision: str) -> None:
    catalogue, records = fresh
    old = cluster.create_database("old", template=full)
    try:
        back(old.owner, revision)
        was = fetched(old.owner, CATALOGUE.replace(", 'calc'::regnamespace", ""))
        assert was != catalogue
        # from the first revision, which takes every step: early, at each fourth or so, and at the last statement before
        # everything is kept; from the others, whose steps are among these, when a few are done
        moments = [8]
        if revision == revisions()[0]:
            last = statements_of(cluster)
            assert fetched(cluster.urls("whole").owner, CATALOGUE) == catalogue
            moments = sorted({3, *range(8, last, last // 4), last})
        for moment in moments:
            urls = cluster.create_database("whole", template="old")
            with killed_before(moment), pytest.raises(SetupError):
                upgrade.apply(urls.owner)
            assert fetched(urls.owner, CATALOGUE.replace(", 'calc'::regnamespace", "")) == was, moment
            upgrade.apply(urls.owner)
            assert fetched(urls.owner, CATALOGUE) == catalogue, moment
        upgrade.register(urls.owner, urls.app)
        engine = db.engine(urls.app)
        assert told(engine) == records
        engine.dispose()
    finally:
        cluster.drop_database("whole")
        cluster.drop_database("old")


@contextmanager
def plain_owner(cluster: Cluster) -> Iterator[str]:
    """The URL of an owner who is no superuser, of a database whose extensions were made beforehand."""
    made = cluster.create_database("plain")
    url = make_url(made.owner).set(username="plain_owner", password="secret")
    with psycopg.connect(made.owner.replace("+psycopg", ""), autocommit=True) as there:
        try:
            there.execute("CREATE ROLE plain_owner LOGIN PASSWORD 'secret' NOSUPERUSER")
            there.execute("ALTER DATABASE plain OWNER TO plain_owner")
            there.execute(f"GRANT {db.APP_ROLE}, {db.SHOWN_ROLE} TO plain_owner".encode())
            there.execute("GRANT SET ON PARAMETER backtrace_functions TO plain_owner")
            there.execute("CREATE EXTENSION postgis")
            there.execute("CREATE EXTENSION btree_gist")
            yield url.render_as_string(hide_password=False)
        finally:
            cluster.drop_database("plain")
            with psycopg.connect(cluster.urls().owner.replace("+psycopg", ""), autocommit=True) as elsewhere:
                elsewhere.execute("DROP OWNED BY plain_owner")  # what it may set is of the whole server
                elsewhere.execute("DROP ROLE plain_owner")


def test_an_owner_who_is_no_superuser_sees_all_rows_that_a_revision_changes(cluster: Cluster, tmp_path: Path) -> None:
    with plain_owner(cluster) as url:
        upgrade.migrate(url)
        owner = create_engine(url)
        record.add_operation(owner, "grid", "Gridland", exercise=True, today=gridland.TODAY)
        owner.dispose()
        app = db.engine(url)
        bring = bringer(app, db.Context("grid", member="tester"), tmp_path)
        assert bring("incidents", ABROAD, "abroad.csv", source="exercise").landed
        tally = text("SELECT * FROM facts.incident_tally ORDER BY 1, 2, 3, 4, 5, 6")
        with db.transaction(app, db.Context("grid")) as connection:
            whole = connection.execute(tally).all()
        assert any(row.pcode == "" for row in whole)
        app.dispose()
        back(url, "2026_11_24")
        with psycopg.connect(cluster.urls("plain").owner.replace("+psycopg", ""), autocommit=True) as superuser:
            superuser.execute(
                "INSERT INTO facts.member (operation_id, email, role)"
                " SELECT operation_id, 'a@example.org', 'viewer' FROM facts.operation"
            )
        upgrade.migrate(url)
        upgrade.register(url, url)
        upgrade.require(url)
        with db.transaction(app, db.Context("grid")) as connection:
            assert connection.execute(tally).all() == whole
            # what somebody had filled stays, and is shown to nobody
            assert connection.execute(text("SELECT count(*) FROM facts.member")).scalar() == 0
            assert connection.execute(text("SELECT to_regclass('facts.contact')")).scalar() is None
        app.dispose()
        assert fetched(cluster.urls("plain").owner, "SELECT email FROM facts.member") == [("a@example.org",)]
