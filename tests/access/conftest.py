"""Gridland with a lattice of roads along the middles of its squares, and a way to ask for ways through it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from geoapp import access, db
from tests.access.test_route import DAY, lattice
from tests.gridland import point


@pytest.fixture
def roads(gridded: Callable) -> Callable:
    assert gridded("roads", lattice()).landed
    return gridded


@pytest.fixture
def ask(engine: Engine, roads: Callable) -> Callable[..., dict[str, Any]]:
    kept = access.NetworkCache()

    def run(*cells: tuple[float, float], audience: str = "internal", **more: Any) -> dict[str, Any]:
        question = replace(access.RouteRequest(tuple(point(*c) for c in cells), DAY), **more)
        with db.transaction(engine, db.Context("grid", audience)) as connection:
            return access.ask(connection, kept, question)

    return run
