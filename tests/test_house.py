"""The house stands as its plan says: imports run one way, keys begin with the operation, the locks are on every table."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from geoapp import upgrade
from geoapp.cluster import Urls
from geoapp.model import BANNER, FACTS, SUBJECTS, Base, rights
from geoapp.model.subjects import FIELDED

ROOT = Path(__file__).parent.parent
MODULES = {
    str(p.relative_to(ROOT)): p for folder in ("geoapp", "layers", "web") for p in (ROOT / folder).rglob("*.py")
}  # fmt: skip
DOORS = ("geoapp.app", "geoapp.api", "geoapp.cli", "geoapp.demo")
VERBS = ("geoapp.record", "geoapp.ingest", "geoapp.overlay", "geoapp.access", "geoapp.draw", "geoapp.export")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def inside(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def test_layers_and_pages_only_declare() -> None:
    for name, path in MODULES.items():
        if name.startswith(("layers/", "web/")):
            assert not any(inside(i, "geoapp", "sqlalchemy", "folium", "fastapi") for i in imported(path)), name


def test_imports_run_one_way() -> None:
    allowed = {
        "record": {"overlay"}, "ingest": {"overlay"}, "overlay": set(), "access": set(), "draw": set(), "export": {"draw"},
    }  # fmt: skip
    for name, path in MODULES.items():
        parts = name.removesuffix(".py").split("/")
        if parts[0] != "geoapp" or parts[1] not in allowed:
            continue
        for other in imported(path):
            assert not inside(other, *DOORS, "fastapi", "starlette"), f"{name} imports {other}"
            for verb in VERBS:
                if inside(other, verb) and verb != f"geoapp.{parts[1]}":
                    assert verb.split(".")[1] in allowed[parts[1]], f"{name} imports {other}"


def test_doors_hold_no_sql() -> None:
    for name, path in MODULES.items():
        if name.startswith("geoapp/api/"):
            assert "sqlalchemy.text" not in imported(path), name
            assert not re.search(
                r"exec_driver_sql|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) ", path.read_text(encoding="utf-8")
            ), name


@pytest.mark.parametrize(
    ("library", "rooms"),
    [("folium", ("geoapp/draw/",)), ("fiona", ("geoapp/ingest/", "geoapp/export/", "geoapp/doctor.py"))],
)
def test_a_library_lives_in_its_room(library: str, rooms: tuple[str, ...]) -> None:
    for name, path in MODULES.items():
        if any(inside(i, library) for i in imported(path)):
            assert name.startswith(rooms), name


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Also not for types alone, or within functions: what needs each other is one module, or three."""
    names = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for name, path in MODULES.items()
    }
    graph = {}
    for name, path in names.items():
        found = imported(path) & names.keys()
        graph[name] = found - {other.rpartition(".")[0] for other in found} - {name}
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
    TopologicalSorter(graph).prepare()


def test_every_key_begins_with_the_operation() -> None:
    for table in Base.metadata.tables.values():
        assert next(iter(table.primary_key.columns)).name == "operation_id", table.name
        for constraint in table.constraints:
            kind = type(constraint).__name__
            if kind in ("UniqueConstraint", "ForeignKeyConstraint") and table.name != "operation":
                assert next(iter(constraint.columns)).name == "operation_id", constraint.name


def test_every_table_is_locked_and_every_fact_remembered(urls: Urls) -> None:
    owner = create_engine(urls.owner)
    with owner.connect() as connection:
        tables = connection.execute(text("""
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                (SELECT count(*) FROM pg_policies AS p WHERE p.schemaname = 'facts' AND p.tablename = c.relname),
                EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'remember')
            FROM pg_class AS c WHERE c.relnamespace = 'facts'::regnamespace AND c.relkind = 'r'
                AND c.relname <> 'alembic_version'
        """)).all()  # fmt: skip
        assert {t[0] for t in tables} == {t.name for t in Base.metadata.tables.values()}
        for name, locked, policies, remembered in tables:
            assert locked, name
            assert policies, name
            assert remembered == (name in FACTS), name
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'geoapp_app'")
        ).one()
        assert not any(role)
    owner.dispose()


def test_every_table_is_a_subject_or_has_its_policies_by_hand() -> None:
    by_hand = {path.stem for path in (upgrade.MIGRATIONS / "sql" / "policies").glob("*.sql")}
    generated = [subject.table for subject in SUBJECTS]
    assert len(set(generated)) == len(generated)
    assert not by_hand & set(generated)
    assert by_hand | set(generated) == {table.name for table in Base.metadata.tables.values()}
    assert set(FACTS) <= set(generated), "who is shown its earlier versions?"


def test_no_subject_understates_a_handling() -> None:
    """Every row that has a handling is compared with the room's clearance, and counts for the banner of the picture unless
    it is drawn as a part of others that do."""
    parts_of_others = {"actor", "footprint", "ground", "boundary", "incident_bin", "base_feature", "batch", "rejected",
                       "audience_rule", "import_template", "actor_step", "incident_name", "field_copy", "field_edit",
                       "overlap_pair"}  # fmt: skip
    for subject in SUBJECTS:
        columns = Base.metadata.tables[f"facts.{subject.table}"].columns
        assert (subject.handling is not None) == ("handling" in columns), subject.table
        seen, *written = rights.policies(subject)
        assert ("handling <= (SELECT calc.clearance())" in seen) == ("handling" in columns), subject.table
        assert all("(SELECT calc.may_record())" in policy for policy in written), subject.table
        assert subject.handling is None or (subject.table in BANNER) != (subject.table in parts_of_others), (
            subject.table
        )


def test_rooms_and_layers_speak_of_subjects_that_there_are() -> None:
    from geoapp.model.subjects import keys
    from geoapp.record import AUDIENCES, first_rules
    from layers import STACK

    assert set(first_rules()) <= {room["key"] for room in AUDIENCES}
    assert {rule.partition(".")[0] for room in first_rules().values() for rule in room} <= keys()
    assert {layer.subject for layer in STACK} <= keys() | {"incident_counts", "counted_records", "basemap"}
    assert {table for layer in STACK for table in layer.reads} <= {t.name for t in Base.metadata.tables.values()}


def test_what_works_with_the_rights_of_the_owner_is_known(urls: Urls) -> None:
    """What passes by the policies: functions with their owner's rights, views that are not their reader's, what estimates
    tell. Everything has one owner, who is not the application's role; but for the views of single fields, whose owner is
    under the policies, and is nobody's login."""
    owner = create_engine(urls.owner)
    with owner.connect() as connection:
        definers = connection.execute(text("""
            SELECT p.oid::regprocedure::text FROM pg_proc AS p
            WHERE p.prosecdef AND has_function_privilege('geoapp_app', p.oid, 'EXECUTE')
        """)).scalars().all()  # fmt: skip
        # counting rows for the planner, knowing who asks, and what administrators say of people, are done with the owner's rights;
        # none of them reads a row of facts out
        assert sorted(definers) == [
            "calc.audit_seal(text,bigint[],bigint[],bytea[],text,timestamp with time zone)",
            "calc.audit_told(text,text,text,text,jsonb)", "calc.audit_unsealed(text,integer)", "calc.change_password(text,text,text)",
            "calc.count_rows(text[])", "calc.end_own(text,text,bigint)", "calc.end_session(text,boolean)", "calc.enter(text,text,text,text,text,text)",
            "calc.enter_for(text)", "calc.entered_by_login(text)", "calc.give_link(text,text,integer,text,interval)", "calc.leave_operation(text,text)",
            "calc.make_token(text,text,text,text,text,boolean,interval)", "calc.members(text,text)", "calc.open_session(text,integer,text,interval,interval,text)", "calc.own_rooms(text)", "calc.own_secrets(text)",
            "calc.remove_member(text,text,integer)", "calc.serves(text)",
            "calc.set_member(text,text,integer,text,text,text,text[])", "calc.set_password(text,text,text)",
            "calc.sign_in_failed(text,text,text)", "calc.sign_in_state(text,text,text)", "calc.who(text,text[])",
        ]  # fmt: skip
        views = connection.execute(text("""
            SELECT c.relname, c.relkind::text, pg_get_userbyid(c.relowner) FROM pg_class AS c
            WHERE c.relnamespace IN ('calc'::regnamespace, 'facts'::regnamespace) AND (c.relkind = 'm'
                OR c.relkind = 'v' AND NOT coalesce(c.reloptions::text LIKE '%security_invoker=true%', false))
        """)).all()  # fmt: skip
        assert {tuple(view) for view in views} == {
            (table, "v", "geoapp_shown") for table in (*FIELDED, "audit", "history")
        }
        held = connection.execute(text("""
            SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, pg_has_role('geoapp_app', oid, 'MEMBER') FROM pg_roles
            WHERE rolname = 'geoapp_shown'
        """)).one()  # fmt: skip
        assert not any(held)
        read = connection.execute(text("""
            SELECT c.relname, array_agg(DISTINCT a.privilege_type) FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.relnamespace = 'facts'::regnamespace AND a.grantee = 'geoapp_shown'::regrole GROUP BY 1
        """)).all()  # fmt: skip
        assert dict(map(tuple, read)) == dict.fromkeys((*FIELDED, "history"), ["SELECT"])
        owners = connection.execute(text("""
            SELECT DISTINCT pg_get_userbyid(o) FROM (
                SELECT relowner FROM pg_class WHERE relnamespace IN ('calc'::regnamespace, 'facts'::regnamespace)
                    AND relowner <> 'geoapp_shown'::regrole
                UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'calc'::regnamespace
                UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname IN ('calc', 'facts')) AS x (o)
        """)).scalars().all()  # fmt: skip
        assert len(owners) == 1
        assert owners != ["geoapp_app"]
        estimates = connection.execute(text("""
            SELECT p.oid::regprocedure::text FROM pg_proc AS p
            WHERE p.proname = 'st_estimatedextent' AND has_function_privilege('geoapp_app', p.oid, 'EXECUTE')
        """)).scalars().all()  # fmt: skip
        assert not estimates
        writable = connection.execute(text("""
            SELECT c.relname, a.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.relnamespace = 'facts'::regnamespace AND c.relkind = 'r'
                AND (a.grantee = 0 OR a.grantee = 'geoapp_app'::regrole
                    AND (a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
                        OR c.relname IN ('operation', 'audience', 'alembic_version') AND a.privilege_type <> 'SELECT'
                        OR c.relname = 'history' AND a.privilege_type NOT IN ('SELECT', 'INSERT')))
        """)).all()  # fmt: skip
        assert not writable
    owner.dispose()


def test_no_column_is_forgotten_by_the_history(urls: Urls) -> None:
    owner = create_engine(urls.owner)
    with owner.connect() as connection:
        forgotten = connection.execute(text("""
            SELECT t.tgrelid::regclass::text, a.attname FROM pg_trigger AS t
            JOIN pg_attribute AS a ON a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE t.tgname = 'remember' AND cardinality(t.tgattr::int2[]) > 0 AND a.attnum <> ALL (t.tgattr::int2[])
                AND position(a.attname in encode(t.tgargs, 'escape')) = 0
        """)).all()  # fmt: skip
    owner.dispose()
    assert not forgotten


def test_models_and_migrations_say_the_same(urls: Urls) -> None:
    from alembic import command
    from alembic.config import Config

    owner = create_engine(urls.owner)
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    with owner.connect() as connection:
        config.attributes["connection"], config.attributes["rebuild"] = connection, False
        command.check(config)
    owner.dispose()


def test_no_module_is_a_giant() -> None:
    for name, path in MODULES.items():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, name


def test_nothing_stored_calls_what_is_computed() -> None:
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        assert "calc." not in path.read_text(encoding="utf-8")


def test_no_browser_test_waits_by_a_script() -> None:
    """The pages' policy forbids `eval`, by which a browser's driver would look again and again: such a wait passes only when it need not wait."""
    told = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if ".wait_for_" + "function(" in path.read_text(encoding="utf-8")
    ]
    assert told == []


def test_no_address_of_a_registry_is_committed() -> None:
    for name in ("requirements.lock", "web/assets.lock.json", "run", "pyproject.toml"):
        assert "http" not in (ROOT / name).read_text(encoding="utf-8").replace("httpx2", "").replace(
            "httptools", ""
        ).replace("httpcore2", "").replace("httpx", "").replace("http://127.0.0.1", ""), name
