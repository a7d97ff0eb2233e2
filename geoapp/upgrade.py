"""Is this the database of this version of the code, and how does it become so?

The database says what it was made from: the schema `calc` carries the fingerprint of the files as its comment, written in
the transaction that applied them. To check is one query; to apply is one transaction under one lock, given up at once
where somebody is in the way, and tried again for a minute at most.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import DBAPIError

from geoapp import TOP, db
from geoapp.db import CONTENDED, pause, sqlstate
from geoapp.errors import SetupError, Unavailable

MIGRATIONS = TOP / "migrations"
MADE_FROM = (MIGRATIONS, *(Path(__file__).resolve().parent / name for name in ("model", "jobs/queue.py")))
"""The folders and files of which a change makes another database."""
WAIT_S = 60.0
"""How long a migration is tried while others are in its way."""

_APPLIED = (
    "SELECT obj_description(to_regnamespace('calc'), 'pg_namespace'), to_regclass('facts.alembic_version') IS NULL"
)
_SERVES = "SELECT calc.serves(%s)"
_REGISTER = """
    INSERT INTO keys.login (login, hash) SELECT g.login, g.hash FROM (VALUES (%s, %s::bytea)) AS g (login, hash)
    WHERE NOT EXISTS (SELECT FROM keys.login AS l WHERE l.login = g.login AND l.hash = g.hash)
    ON CONFLICT (login) DO UPDATE SET hash = excluded.hash
"""
_ONE = threading.Lock()
"""Alembic keeps what it is at in one place of the process: two threads would mix theirs up."""
_CANCELLED = "57014"
"""What a statement ends with that waited longer than it may: `LOCK TABLE` of the migration."""


@cache
def fingerprint() -> str:
    """A hash of every file that a database is made from: revisions, SQL, the nouns from which statements are generated, and
    the queue."""
    digest = hashlib.sha256(version("procrastinate").encode())
    for root in MADE_FROM:
        for path in sorted((*root.rglob("*.sql"), *root.rglob("*.py"))) or [root]:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def applied(connection: Connection) -> bool:
    """Whether what these files say is what the database holds; any role may ask."""
    return bool(connection.exec_driver_sql(_APPLIED).one()[0] == fingerprint())


def require(url: str) -> None:
    """Raises SetupError when the database behind a login is not the one of this version of the code, or does not know its key."""
    found, empty = _asked(url)
    if found != fingerprint():
        raise SetupError(
            "There is nothing of geoapp in the database yet." if empty
            else "The database is not the one of this version of geoapp.",
            hint="Run `geoapp migrate`; GEOAPP_MIGRATE_URL names the login of the database's owner.",
        )  # fmt: skip
    with _connected(url) as connection:
        row = connection.execute(_SERVES, (db.key_of(url),)).fetchone()
    if row is None or not row[0]:
        raise db.unknown()


def register(url: str, serving: str) -> None:
    """Have the database, behind an owner's URL, know the key of a login that serves; one that it had of it before ends.

    Raises Unavailable, SetupError for a login without a password.
    """
    key, login = db.key_of(serving), make_url(serving).username
    if not key:
        raise SetupError(
            "The login that serves has no password.",
            hint="The database believes it by its password: name one in GEOAPP_DATABASE_URL.",
        )
    with _connected(url) as connection:
        connection.execute(_REGISTER, (login, hashlib.sha256(key.encode()).digest()))


def migrate(url: str) -> bool:
    """Bring the database behind an owner's URL to the present, unless it is there; whether it was not. Raises SetupError in
    words for people."""
    behind = _asked(url)[0] != fingerprint()
    if behind:
        apply(url)
    return behind


def apply(url: str) -> None:
    """Apply what is new to the database behind an owner's URL, and see to the marks of its extensions.

    Raises SetupError in words for people, also when others were in the way for `WAIT_S`.
    """
    ends = time.monotonic() + WAIT_S
    attempt = 1
    owner = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        while True:
            try:
                with _ONE, owner.connect() as connection:
                    _upgrade(connection)
                return
            except DBAPIError as error:
                busy = sqlstate(error) in (*CONTENDED, _CANCELLED)
                if not busy or time.monotonic() > ends:
                    raise _failure(error, busy=busy) from error
                pause(attempt)
                attempt += 1
    finally:
        owner.dispose()


def head() -> str:
    """The newest migration this version of the code has."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _asked(url: str) -> tuple[str | None, bool]:
    """The fingerprint that was applied, and whether nothing ever was; a short connection of its own."""
    with _connected(url) as connection:
        row = connection.execute(_APPLIED).fetchone()
    assert row is not None
    return row[0], bool(row[1])


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=5) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"The database did not answer: {_first_line(error)}", hint="`geoapp doctor` looks at what is missing."
        ) from error


def _config(**attributes: Any) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(attributes)
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_config(connection=connection, fingerprint=fingerprint()), "head")
    except CommandError as error:
        raise SetupError(
            f"The database was brought up to date by another version of geoapp: {error}",
            hint="Run this with that version, or restore the backup that was made before.",
        ) from error


def _failure(error: DBAPIError, *, busy: bool) -> SetupError:
    state = sqlstate(error)
    if busy:
        return SetupError(
            f"The database is in use, and could not be brought up to date within {WAIT_S:.0f} s; it is as it was.",
            hint="Something runs long in it, such as an import or another migration: wait for it or stop it, then run `geoapp migrate`.",
        )
    hint = "It is as it was before; mend what is said here, then run `geoapp migrate`."
    if state == "42501":
        hint = (
            "The role that migrates must own the database and be a member of geoapp_app and geoapp_shown; these and geoapp_reader"
            " exist, or it may create them; the extensions postgis and btree_gist must exist already, or it may create them."
        )
    elif state is None or state.startswith("08"):
        hint = "The server did not answer: see GEOAPP_MIGRATE_URL and GEOAPP_DATABASE_URL."
    return SetupError(f"The database could not be brought up to date: {_first_line(error.orig or error)}", hint=hint)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]
