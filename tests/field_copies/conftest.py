"""A home with Gridland in it, and an empty instance in the field, in two databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import Engine

from geoapp import backup, db, field_copies
from geoapp.cluster import Cluster, Urls

IDENTITY = pyrage.x25519.Identity.generate()
KEY = backup.Key(recipients=(str(IDENTITY.to_public()),), identity=str(IDENTITY))
"""Of age: a passphrase takes a second at each opening."""
WORDS = backup.Key(passphrase="four words of a phrase")


def silent(*_: object) -> None:
    """Nobody hears of progress."""


def until(days: int = 10) -> date:
    """A day so many days from today."""
    return datetime.now(UTC).date() + timedelta(days=days)


@pytest.fixture
def away(cluster: Cluster) -> Iterator[Urls]:
    """An instance that was migrated and has nothing in it."""
    yield cluster.create_database("away", template="geoapp")
    cluster.drop_database("away")


@pytest.fixture
def afield(away: Urls) -> Iterator[Engine]:
    """The engine of the instance in the field."""
    made = db.engine(away.app)
    yield made
    made.dispose()


@pytest.fixture
def taken(
    engine: Engine, gridded: Callable, context: db.Context, away: Urls, tmp_path: Path
) -> Callable[..., field_copies.Taken]:
    """A function that takes a copy for a room and opens it in the field."""

    def run(room: str = "hct") -> field_copies.Taken:
        file = tmp_path / "grid.copy"
        found = field_copies.take(engine, context, room, until(), file, KEY, silent)
        field_copies.open_copy(away.owner, away.app, file, KEY, silent)
        return found

    return run
