"""The chain: gapless whatever writes at once; each tampering is told at the number where it begins."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geoapp import audit, db
from geoapp.audit.key import Keys
from geoapp.cluster import Urls
from geoapp.errors import Refused, SetupError
from geoapp.settings import Settings

ENTRIES = 12
GRID = db.Context("grid", member="tester")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def keys(home: Settings) -> Keys:
    made = audit.keys_of(home)
    assert made is not None
    return made


@pytest.fixture
def boss(urls: Urls) -> Iterator[psycopg.Connection[Any]]:
    """The database's owner, for whom nothing is sacred."""
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE keys.audit DISABLE TRIGGER USER")
        connection.commit()
        yield connection


def tell(engine: Engine, number: int) -> None:
    for n in range(number):
        with db.transaction(engine, GRID) as connection:
            audit.tell(connection, "exported", f"layer {n}", "csv", {"rows": n, "layers": {"b": 1, "a": 2}})


def seal(urls: Urls, keys: Keys) -> int:
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as connection:
        return audit.seal(connection, db.key_of(urls.app), keys)


def first_altered(boss: psycopg.Connection[Any], keys: Keys, operation: str = "grid") -> int | None:
    """The number of the first altered entry of an operation's chain."""
    (found,) = [each for each in audit.verify(boss, keys) if each.chain.operation == operation]
    return found.altered


@pytest.fixture
def chain(engine: Engine, urls: Urls, keys: Keys, boss: psycopg.Connection[Any]) -> int:
    """The operation's number, with so many entries sealed and nothing else."""
    boss.execute("DELETE FROM keys.audit")
    boss.commit()
    tell(engine, ENTRIES)
    assert seal(urls, keys) == ENTRIES
    row = boss.execute("SELECT operation_id FROM facts.operation WHERE key = 'grid'").fetchone()
    assert row is not None
    assert first_altered(boss, keys) is None
    boss.commit()
    return int(row[0])


TAMPERED: list[tuple[str, int]] = [
    *((f"UPDATE keys.audit SET {change} WHERE number = 5", 5) for change in (
        "who = 'somebody else'", "who = NULL", "room = 'public'", "did = 'printed'", "subject = 'x'", "record = 'gpkg'", "version = 2",
        "fields = '{name}'", "fields = '{}'", "told = told || '{\"rows\": 0}'", "at = at + interval '1 microsecond'",
        "sealed_at = sealed_at - interval '1 s'", "mac = sha256(mac)", "sealed_with = 'x'",
    )),
    ("DELETE FROM keys.audit WHERE number = 5", 5),
    ("DELETE FROM keys.audit WHERE number = 1", 1),
    ("DELETE FROM keys.audit WHERE number > 9", 10),
    ("DELETE FROM keys.audit", 1),
    ("TRUNCATE keys.audit", 1),
    # taken out, and those behind moved up
    ("DELETE FROM keys.audit WHERE number = 5; UPDATE keys.audit SET number = -number WHERE number > 5;"
     " UPDATE keys.audit SET number = -number - 1 WHERE number < 0", 5),
    # two change places
    ("UPDATE keys.audit SET number = -number WHERE number IN (4, 7); UPDATE keys.audit SET number = 11 + number WHERE number < 0", 4),
    # one in between, and those behind moved down
    ("UPDATE keys.audit SET number = -number WHERE number > 5; UPDATE keys.audit SET number = 1 - number WHERE number < 0;"
     " INSERT INTO keys.audit (operation_id, who, did, subject, number, sealed_at, sealed_with, mac)"
     " SELECT operation_id, 'x', 'exported', 'x', 6, sealed_at, sealed_with, sha256('x') FROM keys.audit WHERE number = 5", 6),
    # one at the end
    ("INSERT INTO keys.audit (operation_id, who, did, subject, number, sealed_at, sealed_with, mac)"
     " SELECT operation_id, 'x', 'exported', 'x', 13, sealed_at, sealed_with, sha256(mac) FROM keys.audit WHERE number = 12", 13),
]  # fmt: skip


@pytest.mark.parametrize(("tampering", "number"), TAMPERED)
def test_each_tampering_is_told_where_it_begins(
    tampering: str, number: int, chain: int, keys: Keys, boss: psycopg.Connection[Any]
) -> None:
    boss.execute(tampering)
    told = [each for each in audit.verify(boss, keys) if each.chain.operation_id == chain]
    assert [each.altered for each in told] == [number]
    assert told[0].chain.entries == number - 1


def test_another_key_opens_nothing(chain: int, boss: psycopg.Connection[Any], tmp_path: Path) -> None:
    other = audit.keys_of(Settings(home=tmp_path / "other"))
    assert other is not None
    assert first_altered(boss, other) == 1


def test_a_key_of_the_same_name_that_is_another_opens_nothing(
    chain: int, keys: Keys, boss: psycopg.Connection[Any]
) -> None:
    assert first_altered(boss, Keys(keys.path, {keys.newest: bytes(32)}, keys.newest)) == 1


COLUMNS = ("who", "room", "did", "subject", "record")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_done_to_sealed_entries_is_told_at_the_first_of_them(
    chain: int, keys: Keys, boss: psycopg.Connection[Any], data: st.DataObject
) -> None:
    numbers = data.draw(st.lists(st.integers(1, ENTRIES), min_size=1, max_size=4, unique=True))
    firsts = []
    with boss.transaction(force_rollback=True):
        for number in numbers:
            kind = data.draw(st.sampled_from(["change", "delete", "cut"]))
            if kind == "change":
                column = data.draw(st.sampled_from(COLUMNS))
                value = data.draw(
                    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)
                )
                done = boss.execute(
                    f"UPDATE keys.audit SET {column} = %(v)s WHERE number = %(n)s AND {column} IS DISTINCT FROM %(v)s",
                    {"v": value, "n": number},
                )
            elif kind == "delete":
                done = boss.execute("DELETE FROM keys.audit WHERE number = %s", (number,))
            else:
                done = boss.execute("DELETE FROM keys.audit WHERE number >= %s", (number,))
            if done.rowcount:
                firsts.append(number)
        gone = boss.execute(
            "SELECT min(n) FROM generate_series(1, %s) AS n WHERE NOT EXISTS (SELECT FROM keys.audit WHERE number = n)",
            (ENTRIES,),
        ).fetchone()
        left = [n for n in firsts if gone is None or gone[0] is None or n <= gone[0]]
        expected = min([*left, *([gone[0]] if gone and gone[0] else [])], default=None)
        assert first_altered(boss, keys) == expected


def test_a_chain_that_was_cut_is_not_gone_on_with(
    chain: int, engine: Engine, urls: Urls, keys: Keys, boss: psycopg.Connection[Any]
) -> None:
    boss.execute("DELETE FROM keys.audit WHERE number > 9")
    boss.commit()
    tell(engine, 5)
    with pytest.raises(Refused, match="ends with entry 9"):
        seal(urls, keys)
    assert first_altered(boss, keys) == 10
    assert keys.heads()[chain][0] == ENTRIES


def test_entries_of_a_stolen_key_are_told_by_what_was_noted(
    chain: int, engine: Engine, urls: Urls, keys: Keys, boss: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Who has the key and the database, and not the file beside the key, writes the end anew."""
    boss.execute("DELETE FROM keys.audit WHERE number > 9")
    boss.commit()
    tell(engine, 3)
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    seal(urls, Keys(stolen / "audit.key", keys.by_name, keys.newest))
    assert first_altered(boss, keys) == ENTRIES


def test_a_new_key_seals_what_comes_and_the_old_one_still_proves_what_was(
    chain: int, engine: Engine, urls: Urls, home: Settings, boss: psycopg.Connection[Any]
) -> None:
    new = audit.rotate(home)
    assert len(new.by_name) == 2
    tell(engine, 2)
    assert seal(urls, new) == 2
    assert first_altered(boss, new) is None
    assert {row[0] for row in boss.execute("SELECT sealed_with FROM keys.audit WHERE number > 12")} == {new.newest}
    boss.execute("UPDATE keys.audit SET who = 'x' WHERE number = 13")
    assert first_altered(boss, new) == 13


def test_two_hundred_who_write_at_once_leave_a_chain_without_a_gap(
    chain: int, engine: Engine, urls: Urls, keys: Keys, boss: psycopg.Connection[Any]
) -> None:
    """Half of them fail, at any moment, while two others seal."""
    before = threading.Barrier(200)
    wide = db.engine(urls.app, pool_size=40, overflow=0).execution_options()
    wide.pool._timeout = 60  # type: ignore[attr-defined]
    failures: list[BaseException] = []

    def write(n: int) -> None:
        before.wait()
        try:
            with db.transaction(wide, GRID) as connection:
                audit.tell(connection, "exported", f"writer {n}")
                if n % 2:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    ended = threading.Event()

    def sealer() -> None:
        while not ended.is_set():
            seal(urls, keys)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(200)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in [*sealers, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    for thread in sealers:
        thread.join()
    seal(urls, keys)
    wide.dispose()
    assert not failures
    numbers = [
        row[0]
        for row in boss.execute("SELECT number FROM keys.audit WHERE operation_id = %s ORDER BY number", (chain,))
    ]
    assert numbers == list(range(1, ENTRIES + 101))
    assert first_altered(boss, keys) is None


def test_the_key_is_of_its_owner_alone(home: Settings, keys: Keys) -> None:
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert audit.keys_of(home) == keys
    keys.path.chmod(0o640)
    with pytest.raises(SetupError, match="Others can read"):
        audit.keys_of(home)
    keys.path.chmod(0o600)
    keys.path.write_text("no key\n")
    with pytest.raises(SetupError, match="cannot be read"):
        audit.keys_of(home)


def test_the_key_is_nowhere_in_the_database(chain: int, keys: Keys, boss: psycopg.Connection[Any]) -> None:
    (secret,) = keys.by_name.values()
    tables = boss.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('facts', 'keys', 'queue')"
    )
    for (table,) in tables.fetchall():
        found = boss.execute(
            f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", (f"%{secret.hex()}%",)
        ).fetchone()
        assert found == (0,), table


def test_what_is_kept_is_kept_from_the_owner_too_unless_it_is_set_aside(owner: Engine, engine: Engine) -> None:
    tell(engine, 1)
    for attack in ("UPDATE keys.audit SET who = 'x'", "DELETE FROM keys.audit", "TRUNCATE keys.audit"):
        with pytest.raises(Exception, match="neither changed nor taken away"), owner.begin() as connection:
            connection.execute(text(attack))
