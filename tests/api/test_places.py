"""Places are found without accents, and those of the operation before those of the rest of the world."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from geoapp import db, gazetteer
from geoapp.errors import BadRequest


def towns(*named: tuple[str, float, float]) -> list[tuple[dict, dict]]:
    return [
        ({"type": "Point", "coordinates": [lon, lat]}, {"class": "place", "name": name, "rank": 4})
        for name, lon, lat in named
    ]


@pytest.fixture
def world(gridded: Callable) -> Callable:
    found = towns(
        ("Abéché", 10.3, 5.3), ("Abeche", -60, 10), ("Bagré", 10.5, 5.5), ("Bagre", -50, -1), ("Bagre Novo", -51, -2)
    )
    assert gridded("basemap", found, source="towns").created == 5
    return gridded


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("abeche", ["Abéché", "Abeche"]), ("ABÉCHÉ", ["Abéché", "Abeche"]), ("Bagre", ["Bagré", "Bagre", "Bagre Novo"]),
        ("  bagré  ", ["Bagré", "Bagre", "Bagre Novo"]), ("%", []), ("_", []),
    ],
)  # fmt: skip
def test_the_operation_comes_first(world: Callable, engine: Engine, words: str, names: list[str]) -> None:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        assert [place.name for place in gazetteer.listed(connection, words)] == names
        if names:
            assert gazetteer.find(connection, words).name == names[0]


def test_a_name_that_is_half_written_is_asked_about(world: Callable, engine: Engine) -> None:
    with (
        db.transaction(engine, db.Context("grid", member="tester")) as connection,
        pytest.raises(BadRequest) as refused,
    ):
        gazetteer.find(connection, "bagr")
    assert "Bagré" in refused.value.hint
