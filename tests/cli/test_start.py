"""A command loads what it needs when it runs: held by what is imported, which no machine's load can change."""

import subprocess
import sys
from typing import get_args

import pytest

from geoapp import access, export, ingest
from geoapp.cli import routes
from geoapp.cluster import Urls

SAY = """
import sys
from geoapp.cli import main
try:
    main()
except SystemExit as left:
    print(left.code, file=sys.stderr)
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
"""Runs the command line as the entry point does, then says on the error channel how it ended and what was imported."""

HEAVY = {"matplotlib", "pandas", "geopandas", "pyogrio", "fiona", "folium", "fastapi", "uvicorn", "scipy", "pyarrow"}


def imported(*arguments: str, urls: Urls | None = None) -> tuple[str, set[str]]:
    """What a command printed in a fresh interpreter, and the packages it imported."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | (
        {"GEOAPP_DATABASE_URL": urls.app, "GEOAPP_MIGRATE_URL": urls.owner} if urls else {}
    )
    answer = subprocess.run(
        [sys.executable, "-c", SAY, *arguments], capture_output=True, text=True, env=environment, check=True
    )
    *_, code, names = answer.stderr.splitlines()
    assert code in ("0", "None"), answer.stderr
    return answer.stdout, set(names.split())


def test_help_loads_neither_data_nor_database() -> None:
    said, names = imported("--help")
    for command in (
        "import",
        "overlaps",
        "incidents",
        "route",
        "export",
        "print",
        "serve",
        "demo",
        "migrate",
        "backup",
        "restore",
        "doctor",
    ):
        assert f"  {command} " in said
    assert "typer" in names
    assert not names & (HEAVY | {"sqlalchemy", "alembic", "psycopg", "pydantic", "numpy", "shapely", "rich", "layers"})


@pytest.mark.parametrize("command", ["overlaps", "operation list"])
def test_a_small_command_loads_no_frames_and_no_server(command: str, urls: Urls) -> None:
    _, names = imported(*command.split(), urls=urls)
    assert "sqlalchemy" in names
    assert not names & HEAVY


def test_the_help_of_a_command_lists_what_its_verb_knows() -> None:
    said = " ".join(imported("import", "--help")[0].split())
    assert f"Kinds: {', '.join(ingest.KINDS)}." in said
    said = " ".join(imported("export", "--help")[0].split())
    assert f"Formats: {', '.join(export.LAYER_FORMATS)}." in said
    option = get_args(get_args(routes.Season)[0])
    assert option == get_args(access.Season)
