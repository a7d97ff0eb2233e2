"""The shell's commands about actors: the verbs of the page, by name."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from geoapp.cli import actors
from geoapp.cli.__main__ import app


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, engine: Engine, gridded: Callable) -> Callable[..., Any]:
    @contextmanager
    def opened() -> Iterator[tuple[None, None, Engine]]:
        yield None, None, engine

    monkeypatch.setattr(actors, "opened", opened)

    def work(*words: str) -> Any:
        return CliRunner().invoke(app, ["actor", *words])

    return work


def names(run: Callable[..., Any], *words: str) -> set[str]:
    return {each["name"] for each in json.loads(run("list", "--json", *words).stdout)}


def test_actors_are_listed_merged_and_split(run: Callable[..., Any]) -> None:
    everybody = names(run)
    assert names(run, "brig") == {"First Brigade"} and names(run, "--domain", "police") == {"Town Police"}
    assert "Army" in run("list", "army").stdout
    looked = run("merge", "Water Aid Group", "Well Diggers", "--check")
    assert looked.exit_code == 0 and "1 claims of presence" in looked.stdout and names(run) == everybody
    done = json.loads(run("merge", "Water Aid Group", "well diggers", "--json").stdout)
    assert names(run) == everybody - {"Well Diggers"}
    assert run("undo", str(done["kept"]), str(done["step"])).exit_code == 0 and names(run) == everybody
    assert run("split", "First Brigade", "Second Brigade", "--unit", "First Battalion").exit_code == 0
    assert names(run) == everybody | {"Second Brigade"}
    assert run("merge", "Nobody", "Army").exit_code != 0
