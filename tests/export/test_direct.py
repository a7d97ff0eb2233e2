"""A login of the database that reads as a member, as QGIS and psql use it: the layers of one room, and nothing else."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import geopandas as gpd
import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from geoapp import accounts, db
from geoapp.cluster import Urls
from geoapp.draw import features
from geoapp.errors import BadRequest, NotFound
from geoapp.export import EVERYTHING, direct
from geoapp.scope import Scope
from tests.test_who_asks import ATTACKS

READER = "reader@example.org"


@pytest.fixture
def members(owner: Engine, gridded: Callable) -> Engine:
    """A viewer of Gridland who may enter two rooms."""
    with owner.begin() as connection:
        accounts.add(connection, READER, "Reader", "grid", "viewer", ["hct", "public"])
    return owner


def login(owner: Engine, urls: Urls, room: str) -> str:
    with owner.begin() as connection:
        name, password = direct.let_in(connection, READER, "grid", room, timedelta(days=1))
    return direct.address(urls.app, name, password)


@pytest.fixture
def hct(members: Engine, urls: Urls) -> Iterator[psycopg.Connection]:
    """Connected as the member, in the room `hct`."""
    with psycopg.connect(login(members, urls, "hct"), autocommit=True) as connection:
        yield connection
    with members.begin() as connection:
        direct.end(connection, READER)


def one(connection: psycopg.Connection, asked: str) -> Any:
    row = connection.execute(asked.encode()).fetchone()
    assert row is not None
    return row[0]


def test_each_layer_holds_what_a_file_for_the_room_holds(hct: psycopg.Connection, engine: Engine) -> None:
    scope = Scope("grid", "hct", purpose="export")
    told = {}
    with db.transaction(engine, scope.context()) as connection:
        for layer in EVERYTHING:
            told[layer.name] = len(list(features.rows(connection, layer, scope)))
    assert told["areas_of_operation"] and told["overlaps"] and told["boundaries"] == 102
    for layer in EVERYTHING:
        assert one(hct, f"SELECT count(*) FROM maps.{layer.name}") == told[layer.name], layer.name


def test_views_have_one_type_of_geometry_a_key_words_and_a_style(hct: psycopg.Connection) -> None:
    kinds = dict(
        hct.execute("SELECT f_table_name, type FROM geometry_columns WHERE f_table_schema = 'maps'").fetchall()
    )
    assert kinds["areas_of_operation"] == "MULTIPOLYGON" and kinds["incidents"] == "POINT"
    assert kinds["roads"] == "MULTILINESTRING" and set(kinds) == {layer.name for layer in EVERYTHING}
    assert one(hct, "SELECT obj_description('maps.overlaps'::regclass)").startswith("Overlaps: Where do two actors")
    assert one(hct, "SELECT col_description('maps.overlaps'::regclass, attnum) FROM pg_attribute"
                    " WHERE attrelid = 'maps.overlaps'::regclass AND attname = 'km2'") == "Shared ground, km²"  # fmt: skip
    for layer in EVERYTHING:
        total, keys = (
            hct.execute(f"SELECT count(*), count(DISTINCT id) FROM maps.{layer.name}".encode()).fetchone() or ()
        )
        assert total == keys, layer.name
    assert one(hct, "SELECT count(*) FROM layer_styles WHERE useasdefault AND styleqml IS DOCUMENT") == len(EVERYTHING)


def test_geopandas_reads_it(hct: psycopg.Connection, members: Engine, urls: Urls) -> None:
    engine = create_engine(login(members, urls, "hct").replace("postgresql:", "postgresql+psycopg:"))
    areas = gpd.read_postgis("SELECT * FROM areas_of_operation", engine, geom_col="geom", crs=4326)
    engine.dispose()
    assert len(areas) == one(hct, "SELECT count(*) FROM areas_of_operation") and areas.is_valid.all()


def test_it_reads_one_room_and_writes_nothing(hct: psycopg.Connection, members: Engine, urls: Urls) -> None:
    def shown(connection: psycopg.Connection) -> tuple[Any, ...]:
        asked = "(SELECT count(*) FROM facts.area), (SELECT count(*) FROM calc.incident), (SELECT count(*) FROM calc.history)"
        row = connection.execute(f"SELECT {asked}, calc.audience(), calc.clearance()::text, calc.may_record()".encode())
        return row.fetchone() or ()

    told = shown(hct)
    assert told[3:] == ("hct", "AMBER", False)
    with psycopg.connect(login(members, urls, "public"), autocommit=True) as connection:
        less = shown(connection)
        assert less[3:5] == ("public", "CLEAR") and less[0] < told[0]
    hct.execute("SET default_transaction_read_only = off")
    for attack in (*ATTACKS, "SELECT calc.enter('grid', 'internal', '', '', 'record', '')", "RESET SESSION AUTHORIZATION",
                   "SELECT calc.entered_by_login('operation')", "SET max_parallel_workers_per_gather = 4",
                   "SELECT count(*) FROM keys.reader", "SELECT * FROM queue.procrastinate_jobs"):  # fmt: skip
        with hct.transaction(force_rollback=True):
            with contextlib.suppress(psycopg.Error), hct.transaction():
                hct.execute(attack.encode())
            try:
                assert shown(hct) == told, attack
            except psycopg.errors.InsufficientPrivilege:
                assert attack == "SET row_security = off"  # then it is shown nothing at all
    for table in (
        "facts.area",
        "facts.incident",
        "facts.history",
        "facts.change",
        "facts.overlap_note",
        "facts.audience_rule",
    ):
        for statement in (
            f"INSERT INTO {table} DEFAULT VALUES",
            f"UPDATE {table} SET operation_id = 1",
            f"DELETE FROM {table}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                hct.execute(statement.encode())


def test_what_ends_is_shown_nothing_more_at_once(hct: psycopg.Connection, members: Engine) -> None:
    areas = "SELECT count(*) FROM maps.areas_of_operation"
    assert one(hct, areas) > 0
    with members.begin() as connection:
        connection.execute(text("UPDATE keys.membership SET rooms = '{public}'"))
    assert one(hct, areas) == 0
    with members.begin() as connection:
        accounts.remove(connection, READER, "grid")
    assert one(hct, areas) == 0
    with members.begin() as connection:
        accounts.add(connection, READER, "", "grid", "viewer", ["hct"])
    assert one(hct, areas) > 0
    with members.begin() as connection:
        accounts.disable(connection, READER)
    with pytest.raises(psycopg.errors.InvalidPassword):
        hct.execute(areas.encode())
    with members.begin() as connection:
        accounts.add(connection, READER, "", "grid", "viewer", ["hct"])
        assert direct.end(connection, READER) == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):  # the login is dropped beneath it
        hct.execute(areas.encode())


def test_a_room_that_they_may_not_enter_is_refused(members: Engine) -> None:
    with members.begin() as connection:
        with pytest.raises(BadRequest, match="no room 'internal' that"):
            direct.let_in(connection, READER, "grid", "internal", timedelta(days=1))
        with pytest.raises(NotFound, match="no member of nowhere"):
            direct.let_in(connection, READER, "nowhere", "hct", timedelta(days=1))


def test_views_are_made_again_after_an_upgrade(hct: psycopg.Connection, members: Engine) -> None:
    with members.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA maps CASCADE")
        direct.keep(connection)
    assert one(hct, "SELECT count(*) FROM maps.areas_of_operation") > 0
