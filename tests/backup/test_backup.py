"""A backup holds everything, opens to its own key alone, says so when a bit of it changed, and comes back alike."""

import dataclasses
import io
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pyrage
import pytest
from psycopg import sql
from sqlalchemy import text

from geoapp import audit, backup, db
from geoapp.audit.sealing import seal_now
from geoapp.backup.dump import program
from geoapp.backup.manifest import connect, examine
from geoapp.backup.schedule import timer
from geoapp.backup.sealed import MAGIC, exactly, seal, unsealed
from geoapp.cluster import APP, OWNER, Cluster, Urls
from geoapp.errors import BadRequest, Conflict, Forbidden, GeoappError, Refused, SetupError
from geoapp.settings import Settings

IDENTITY = pyrage.x25519.Identity.generate()
CLOSE = backup.Key(recipients=(str(IDENTITY.to_public()),))
OPEN = backup.Key(identity=f"# a comment, as age-keygen writes one\n{IDENTITY}\n")
WORDS = backup.Key(passphrase="four words of a phrase")


def silent(*_: object) -> None:
    """Nobody hears of progress."""


@pytest.fixture
def file(urls: Urls, gridded: Callable, tmp_path: Path) -> Path:
    """Gridland's backup, closed with an age key."""
    backup.create(urls.owner, tmp_path / "grid.backup", CLOSE, silent)
    return tmp_path / "grid.backup"


@pytest.fixture
def fresh(cluster: Cluster) -> Iterator[Urls]:
    """An instance that was migrated and has nothing in it."""
    yield cluster.create_database("fresh", template="geoapp")
    cluster.drop_database("fresh")


def restored(urls: Urls, file: Path, key: backup.Key = OPEN) -> backup.Manifest:
    manifest = backup.verify(file, key, silent)
    backup.restore(urls.owner, file, key, manifest, silent)
    return manifest


def seen(urls: Urls, audience: str) -> list[tuple[object, ...]]:
    engine = db.engine(urls.app)
    with db.transaction(engine, db.Context("grid", audience)) as connection:
        rows = [tuple(r) for r in connection.execute(text("SELECT id, handling FROM facts.incident ORDER BY id"))]
        rows += [tuple(r) for r in connection.execute(text("SELECT id, km2 FROM facts.ground ORDER BY id"))]
    engine.dispose()
    return rows


def test_what_comes_back_is_what_was_there_under_the_same_lock(urls: Urls, file: Path, fresh: Urls) -> None:
    said = restored(fresh, file)
    assert said.tables["facts.incident"][0] == 5
    assert said.roles >= {APP}
    with connect(urls.owner) as before, connect(fresh.owner) as after:
        assert examine(before, silent).differences(examine(after, silent)) == []
    assert seen(urls, "internal") == seen(fresh, "internal") != []
    assert seen(urls, "public") == seen(fresh, "public") != seen(fresh, "internal")
    assert file.stat().st_mode & 0o077 == 0


def test_an_instance_goes_on_where_the_backup_stood(file: Path, fresh: Urls) -> None:
    restored(fresh, file)
    engine = db.engine(fresh.app)
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        latest = connection.execute(text("SELECT max(id) FROM facts.batch")).scalar_one()
        made = connection.execute(
            text("""
                INSERT INTO facts.batch (operation_id, kind, source, file_name, file_hash, handling, landed_by)
                VALUES (calc.operation(), 'sites', 'x', 'x', 'x', 'GREEN', 'tester') RETURNING id
            """)
        ).scalar_one()
    engine.dispose()
    assert made > latest


def test_every_flipped_bit_is_noticed(file: Path) -> None:
    whole, chance = file.read_bytes(), random.Random(8)
    for place in [*range(0, 40, 4), *(chance.randrange(len(whole)) for _ in range(90))]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        with pytest.raises(Refused):
            backup.verify(file, OPEN, silent)
    file.write_bytes(whole)
    backup.verify(file, OPEN, silent)


def test_a_file_that_is_cut_off_or_goes_on_is_noticed(file: Path) -> None:
    whole = file.read_bytes()
    for length in (0, 10, len(MAGIC) + 2, 300, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(Refused):
            backup.verify(file, OPEN, silent)
    file.write_bytes(whole + b"\0")
    with pytest.raises(Refused):
        backup.verify(file, OPEN, silent)


def test_a_passphrase_opens_and_no_other_one(urls: Urls, tmp_path: Path) -> None:
    file = tmp_path / "words.backup"
    backup.create(urls.owner, file, WORDS, silent)
    assert backup.needs_passphrase(file)
    assert backup.verify(file, WORDS, silent).tables["facts.operation"][0] == 1
    for wrong in (backup.Key(passphrase="four words of a phrasf"), OPEN):
        with pytest.raises((Refused, BadRequest), match="passphrase"):
            backup.verify(file, wrong, silent)
    whole = file.read_bytes()
    assert b"Gridland" not in whole
    for place in (len(MAGIC), len(MAGIC) + 3, len(MAGIC) + 60, len(MAGIC) + 180):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Refused):
            backup.verify(file, WORDS, silent)
    with pytest.raises(BadRequest, match="at least"):
        backup.create(urls.owner, tmp_path / "short.backup", backup.Key(passphrase="short"), silent)
    assert repr(WORDS).count("phrase=") == 0


def test_another_age_key_does_not_open(file: Path) -> None:
    other = backup.Key(identity=str(pyrage.x25519.Identity.generate()))
    with pytest.raises(Refused, match="another key"):
        backup.verify(file, other, silent)
    with pytest.raises(BadRequest, match="identity"):
        backup.verify(file, WORDS, silent)


def altered(file: Path, target: Path, **changed: object) -> Path:
    """The same backup with something else in its manifest, closed anew."""
    with unsealed(file, OPEN, silent) as body:
        manifest = backup.Manifest.parse(exactly(body, int.from_bytes(exactly(body, 8), "big")))
        dump = body.read()
        while more := body.read():
            dump += more
    said = dataclasses.replace(manifest, **changed).as_bytes()
    with target.open("wb") as sink:
        seal(len(said).to_bytes(8, "big") + said, io.BytesIO(dump), sink, CLOSE, silent)
    return target


def test_a_file_of_a_newer_version_is_told_before_anything_is_touched(file: Path, fresh: Urls, tmp_path: Path) -> None:
    newer = altered(file, tmp_path / "newer.backup", head="2039_01_01", version="9.0.0")
    with pytest.raises(Refused, match=r"newer geoapp \(9\.0\.0"):
        backup.verify(newer, OPEN, silent)
    other = tmp_path / "other.backup"
    other.write_bytes(file.read_bytes().replace(MAGIC, b"geoapp backup 2\n"))
    with pytest.raises(Refused, match="form"):
        backup.verify(other, OPEN, silent)
    later = altered(file, tmp_path / "later.backup", server=99)
    with pytest.raises(Refused, match="PostgreSQL 99"):
        restored(fresh, later)
    foreign = backup.verify(file, OPEN, silent).catalogue
    foreign = foreign | {"roles": foreign["roles"] | {"nobody_here": "x"}}
    granted = altered(file, tmp_path / "granted.backup", catalogue=foreign)
    with pytest.raises(SetupError, match="nobody_here"):
        restored(fresh, granted)
    with connect(fresh.owner) as connection:
        found = examine(connection, silent).tables
        assert {name for name, (n, _) in found.items() if n and name.startswith("facts.")} == {"facts.alembic_version"}


def test_an_instance_with_something_in_it_is_left_alone(urls: Urls, file: Path) -> None:
    before = seen(urls, "internal")
    with pytest.raises(Conflict, match="not empty"):
        restored(urls, file)
    assert seen(urls, "internal") == before


def test_a_restore_that_differs_is_removed_again(file: Path, fresh: Urls, tmp_path: Path) -> None:
    tables = backup.verify(file, OPEN, silent).tables
    rows, checksum = tables["facts.incident"]
    more = altered(file, tmp_path / "more.backup", tables=tables | {"facts.incident": [rows + 1, checksum]})
    with pytest.raises(Refused, match=rf"facts\.incident: {rows} rows instead of {rows + 1}"):
        restored(fresh, more)
    other = altered(file, tmp_path / "less.backup", tables=tables | {"facts.incident": [rows, "1"]})
    with pytest.raises(Refused, match=r"facts\.incident: other content"):
        restored(fresh, other)  # the first one left an empty instance
    restored(fresh, file)
    assert seen(fresh, "internal")


def test_the_serving_login_makes_no_backup(urls: Urls, tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="not be whole"):
        backup.create(urls.app, tmp_path / "app.backup", CLOSE, silent)
    # nor would pg_dump have left rows out in silence
    with pytest.raises(SetupError, match="row-level security"):
        with program("pg_dump", urls.app, 15, ("--data-only", "--table=facts.incident_bin")) as process:
            process.communicate()
    assert list(tmp_path.iterdir()) == []


def test_an_owner_who_is_no_superuser(cluster: Cluster, file: Path, fresh: Urls, tmp_path: Path) -> None:
    keeper = fresh.owner.replace(OWNER, "keeper", 1).replace(fresh.owner.split(":")[2].split("@")[0], "secret", 1)
    with psycopg.connect(fresh.owner.replace("+psycopg", "")) as connection:
        connection.execute("DROP SCHEMA facts, calc, keys, queue CASCADE")
        connection.execute("CREATE ROLE keeper LOGIN BYPASSRLS PASSWORD 'secret'")
        connection.execute("GRANT geoapp_app, geoapp_shown TO keeper")
        connection.execute("GRANT SET ON PARAMETER backtrace_functions TO keeper")
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO keeper").format(sql.Identifier(connection.info.dbname)))
    try:
        manifest = backup.verify(file, OPEN, silent)
        backup.restore(keeper, file, OPEN, manifest, silent)
        again = backup.create(keeper, tmp_path / "again.backup", CLOSE, silent)
        # what was the other owner's is this one's now; nothing else differs
        assert {line.split(":")[0] for line in manifest.differences(again)} == {"policies", "roles"}
        assert manifest.roles - again.roles == {OWNER}
        assert again.roles - manifest.roles == {"keeper"}
        with psycopg.connect(fresh.owner.replace("+psycopg", "")) as connection:
            connection.execute("ALTER ROLE keeper NOBYPASSRLS")
        with pytest.raises(Forbidden, match="keeper") as refused:
            backup.create(keeper, tmp_path / "not.backup", CLOSE, silent)
        assert "ALTER ROLE keeper BYPASSRLS" in refused.value.hint
    finally:
        cluster.drop_database("fresh")
        cluster._sql(sql.SQL("DROP OWNED BY keeper"))  # what it may set is of the whole server
        cluster._sql(sql.SQL("DROP ROLE keeper"))


@pytest.mark.parametrize(
    "script", ["echo half; echo the disk is gone >&2; exit 1", "head -c 3000000 /dev/zero; kill -9 $$"]
)
def test_a_dump_that_fails_leaves_no_file(
    urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore"):
        made = programs / name
        made.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.1" && exit\n{script}\n')
        made.chmod(0o755)
    monkeypatch.setattr("geoapp.backup.dump.client_programs", lambda _: programs)
    with pytest.raises(SetupError, match="pg_dump failed"):
        backup.create(urls.owner, tmp_path / "half.backup", CLOSE, silent)
    assert [p.name for p in tmp_path.iterdir()] == ["programs"]


def test_nothing_is_written_over(urls: Urls, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Conflict, match="exists"):
        backup.create(urls.owner, file, CLOSE, silent)
    assert file.read_bytes() == before


def test_a_drill_compares_everything_and_clears_away(
    urls: Urls, cluster: Cluster, gridded: Callable, tmp_path: Path
) -> None:
    home = cluster.home / "drilled"
    home.mkdir()
    keeping = Settings(audit_key_file=tmp_path / "key")
    assert seal_now(keeping, urls.app) > 3
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        connection.execute("CREATE ROLE dashboard NOLOGIN")
        connection.execute("GRANT USAGE ON SCHEMA facts TO dashboard")
    try:
        backup.create(urls.owner, home / "a.backup", CLOSE, silent)
        with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
            connection.execute("INSERT INTO keys.audit (operation_id, did, subject) VALUES (1, 'exported', 'later')")
        assert seal_now(keeping, urls.app) == 1
        look = partial(audit.look, settings=keeping, restored=True)
        found = backup.drill(home, home / "a.backup", OPEN, silent, look)
        assert found.audit is not None and found.audit.sound
        assert (
            "none altered" in found.audit.lines[0]
            and "sealed after this backup are not in it (1)" in found.audit.lines[-1]
        )
        assert found.manifest.roles == {APP, db.READER_ROLE, db.SHOWN_ROLE, OWNER, "dashboard"}
        assert {"policies", "locks", "grants", "roles", "functions"} <= found.manifest.catalogue.keys()
        off = found.manifest.catalogue["policies"]
        faulty = altered(
            home / "a.backup", home / "b.backup",
            catalogue=found.manifest.catalogue | {"policies": off | {"facts.area: one more": "0"}},
        )  # fmt: skip
        with pytest.raises(Refused, match="policies: facts.area: one more is missing"):
            backup.drill(home, faulty, OPEN, silent)
        assert sorted(p.name for p in home.iterdir()) == ["a.backup", "b.backup"]
    finally:
        with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
            connection.execute("DROP OWNED BY dashboard")
            connection.execute("DROP ROLE dashboard")


def test_the_timer_makes_what_is_due_and_keeps_the_newest(urls: Urls, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    chosen = Settings(backup_dir=folder, backup_every=6, backup_keep=2, backup_recipient=CLOSE.recipients[0])
    began = datetime(2026, 11, 1, tzinfo=UTC)
    (tmp_path / "kept").mkdir()
    (folder / "geoapp-notes.backup").write_text("somebody's own")
    (folder / ".geoapp-20261001T000000Z.backup-x1").write_text("left by a process that was killed")
    made = [backup.back_up_if_due(chosen, urls.owner, began + timedelta(hours=h)) for h in (0, 5, 6, 7, 12.5)]
    assert [bool(m) for m in made] == [True, False, True, False, True]
    assert backup.kept(folder) == [made[4], made[2]]
    assert backup.age_hours(folder, began + timedelta(hours=14.5)) == 2
    assert (folder / "geoapp-notes.backup").exists()
    assert not list(folder.glob(".geoapp*"))
    backup.verify(made[4], OPEN, silent)
    with timer(chosen, urls.owner):
        for _ in range(600):
            if backup.kept(folder)[0] != made[4]:
                break
            time.sleep(0.1)
    newest = backup.kept(folder)
    assert len(newest) == 2
    assert newest[0].name.startswith(f"geoapp-{datetime.now(UTC):%Y}")


def test_a_timer_without_a_key_is_refused_at_once(urls: Urls, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="encrypted"), timer(Settings(backup_dir=tmp_path), urls.owner):
        raise AssertionError("it began")


def shell(urls: Urls, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "geoapp.cli", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "GEOAPP_DATABASE_URL": urls.app, "GEOAPP_MIGRATE_URL": urls.owner}
        | environment,
    )  # fmt: skip


def test_the_commands(urls: Urls, gridded: Callable, fresh: Urls, tmp_path: Path) -> None:
    file, words = tmp_path / "a.backup", tmp_path / "words"
    words.write_text("four words of a phrase\n")
    none = shell(urls, "backup", "-o", file)
    assert (none.returncode, file.exists()) == (2, False)
    assert "GEOAPP_BACKUP_PASSPHRASE" in none.stderr
    made = shell(urls, "backup", "-o", file, "--passphrase-file", words)
    assert made.returncode == 0, made.stderr
    assert "rows in" in made.stdout
    wrong = shell(fresh, "restore", file, GEOAPP_BACKUP_PASSPHRASE="other words of a phrase")
    assert wrong.returncode == 1
    assert "Nothing was touched" in " ".join(wrong.stderr.split())
    done = shell(fresh, "restore", file, GEOAPP_BACKUP_PASSPHRASE="four words of a phrase")
    assert done.returncode == 0, done.stderr
    assert seen(fresh, "internal") == seen(urls, "internal")
    again = shell(fresh, "restore", file, "--passphrase-file", words)
    assert again.returncode == 1
    assert "not empty" in " ".join(again.stderr.split())


def test_every_error_has_words(file: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "none.backup", tmp_path):
        with pytest.raises(GeoappError) as missing:
            backup.verify(path, OPEN, silent)
        assert missing.value.status == 404
