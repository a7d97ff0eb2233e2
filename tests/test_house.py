"""The house stands as its plan says: imports run one way, keys begin with the operation, the locks are on every table."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from geoapp import db
from geoapp.cluster import Urls
from geoapp.model import FACTS, Base

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
        odd = connection.execute(text("""
            SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'calc'::regnamespace AND p.prosecdef
            UNION ALL SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'calc'::regnamespace
                AND c.relkind IN ('m', 'v') AND NOT coalesce(c.reloptions::text LIKE '%security_invoker=true%', false)
        """)).all()  # fmt: skip
        # counting rows for the planner is the one thing done with the owner's rights
        assert [r[0] for r in odd] == ["count_rows"]
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'geoapp_app'")
        ).one()
        assert not any(role)
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
    config.set_main_option("script_location", str(db.MIGRATIONS))
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


def test_no_address_of_a_registry_is_committed() -> None:
    for name in ("requirements.lock", "web/assets.lock.json", "run", "pyproject.toml"):
        assert "http" not in (ROOT / name).read_text(encoding="utf-8").replace("httpx2", "").replace(
            "httpcore2", ""
        ).replace("httpx", "").replace("http://127.0.0.1", ""), name
